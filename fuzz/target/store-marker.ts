/** Whether a case explains a file: its name and its content are of what the case sent, so that no other program wrote it. */

import { posix } from 'node:path';
import type { Case } from '../case/case.ts';
import { tokensOf } from '../case/edits.ts';
import { readSent } from '../case/sent.ts';

/** A file that is not in a folder of the store. */
export interface StrayFile {
  /** Relative to the store: `x` in it, `../x` next to it. */
  readonly path: string;
  /** The beginning of it; empty for what is no regular file. */
  readonly content: Buffer;
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
/** In bytes. A shorter text is in many files. */
const MARKER_BYTES = 7;
/** A state is in the task files of every store. */
const STATE = /^[A-Z]+$/;

/**
 * What the case sent that the file shows; undefined if the case does not explain the file. Next to the store, a task id in
 * the name is enough. Else a value has to be a path that ends in the name, and the content has to hold a value of the case.
 * An empty file can hold none: then the value has to lead from a folder of the store to the file.
 */
export function markerIn({ path, content }: StrayFile, value: Case): string | undefined {
  const name = posix.basename(path);
  const id = path.startsWith('../') ? ID.exec(name)?.[0] : undefined;
  const values = valuesOf(value);
  if (id !== undefined && values.includes(id)) return id;
  const isNamed = (last: string, wanted: string): boolean => last === wanted || `${last}.json` === wanted;
  if (content.length === 0)
    return values.find((text) => readingsOf(text).some((to) => isNamed(resolved(to), path)));
  const marker = values.find((text) => readingsOf(text).some((to) => isNamed(posix.basename(to), name)));
  if (marker === undefined) return undefined;
  return values.some((text) => formsOf(text).some((form) => content.includes(form))) ? marker : undefined;
}

/** Where the path leads from a folder of the store, relative to the store. */
function resolved(path: string): string {
  return posix.normalize(`received/${path}`);
}

/** The strings in the payloads of the complete frames, decoded, without the names of fields. */
function valuesOf({ connections }: Case): string[] {
  const payloads = connections.flatMap((actions) => readSent(actions).frames.map(({ payload }) => payload));
  return payloads.flatMap((payload) => {
    const tokens = tokensOf(Buffer.from(payload).toString('utf8'));
    return tokens.filter((token, at) => token.startsWith('"') && tokens[at + 1] !== ':').map(decoded);
  });
}

function decoded(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token.replaceAll('"', '');
  }
}

/** The paths of more than one name that a target may read in the text. */
function readingsOf(text: string): string[] {
  const readings = [text, text.normalize('NFKC'), unescaped(text)];
  return readings
    .map((reading) => reading.replace(/\0.*$/s, '').replaceAll('\\', '/'))
    .filter((reading) => reading.includes('/') && !reading.endsWith('/'));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The forms in which a file may hold the text: as it is, in JSON, or decoded from base64. Short ones are left out. */
function formsOf(text: string): Buffer[] {
  if (STATE.test(text)) return [];
  const forms = [
    Buffer.from(text),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    Buffer.from(text, 'base64'),
  ];
  return forms.filter(({ length }) => length >= MARKER_BYTES);
}
