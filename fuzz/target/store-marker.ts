/** Whether a case explains a file: its name and its content are of what the case sent, so that no other program wrote it. */

import type { Case } from '../case/case.ts';
import { tokensOf } from '../case/edits.ts';
import { readSent } from '../case/sent.ts';

/** A file that is not in a folder of the store. */
export interface StrayFile {
  readonly name: string;
  readonly isInStore: boolean;
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
 */
export function markerIn({ name, isInStore, content }: StrayFile, value: Case): string | undefined {
  const id = isInStore ? undefined : ID.exec(name)?.[0];
  const values = valuesOf(value);
  if (id !== undefined && values.includes(id)) return id;
  const path = values.find((text) =>
    pathNames(text).some((last) => last === name || `${last}.json` === name),
  );
  if (path === undefined) return undefined;
  return values.some((text) => formsOf(text).some((form) => content.includes(form))) ? path : undefined;
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

/** The last names of the paths that a target may read in the text. */
function pathNames(text: string): string[] {
  const readings = [text, text.normalize('NFKC'), unescaped(text)];
  return readings.flatMap((reading) => {
    const parts = reading.replace(/\0.*$/s, '').split(/[\\/]/);
    const last = parts.at(-1) ?? '';
    return parts.length > 1 && last !== '' ? [last] : [];
  });
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
