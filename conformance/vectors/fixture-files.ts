/**
 * The files of test vectors under fixtures/. The tables of this directory give the derived vectors. The vectors that
 * were observed on the deployed implementation are copied from the existing files.
 */

import { asBinding, asReadable } from './build/formats.ts';
import { type Field, MESSAGES, TASK_FILE } from './build/messages.ts';
import type { Common, MessageName } from './build/vector.ts';
import { decodeField } from './tables/decode-field.ts';
import { decodeJson } from './tables/decode-json.ts';
import { decodeMessage } from './tables/decode-message.ts';
import { encode } from './tables/encode.ts';
import { extensions } from './tables/extensions.ts';
import { frames } from './tables/frames.ts';
import { golden } from './tables/golden.ts';
import { polo } from './tables/polo.ts';
import { segments } from './tables/segments.ts';
import { taskFiles } from './tables/task-files.ts';
import { taskIds } from './tables/task-ids.ts';
import { times } from './tables/times.ts';
import { validation } from './tables/validation.ts';

/** Reads a file as text; the path is relative to fixtures/. */
export type ReadFile = (path: string) => string;

/** A file to write; the path is relative to fixtures/. */
export interface FixtureFile {
  readonly path: string;
  readonly content: string | Buffer;
}

/**
 * Every generated file. Throws an Error when two vectors of a file share an id, or a derived vector contradicts an
 * observed vector with the same input.
 */
export function fixtureFiles(read: ReadFile): readonly FixtureFile[] {
  const observed = <V extends Common>(name: string): readonly V[] => {
    const file: { readonly vectors: readonly V[] } = JSON.parse(read(`vectors/${name}.json`));
    return file.vectors.filter(({ source }) => source === 'observed');
  };
  /** `inputs`: the fields that are the input of a vector. The other fields are what is expected. `leveled`: sets the level. */
  const family = <V extends Common>(
    name: string,
    description: string,
    inputs: readonly string[],
    derived: readonly V[],
    leveled: (vector: V) => V = (vector) => vector,
  ): FixtureFile => ({
    path: `vectors/${name}.json`,
    content: fileText(name, description, merge(observed<V>(name), derived, inputs).map(leveled)),
  });
  return [
    family('encode', 'Values, and the canonical frame of each.', ['message', 'value'], encode, (vector) =>
      asBinding(vector, fieldsOfMessage(vector.message)),
    ),
    family(
      'decode',
      'Payloads, and the value that each decodes to, or that it is refused.',
      ['message', 'payload_hex', 'payload_runs'],
      [...decodeMessage, ...decodeJson, ...decodeField],
      (vector) => asBinding(vector, fieldsOfMessage(vector.message)),
    ),
    family(
      'frames',
      'Byte streams, the frames that each holds, and how each ends.',
      ['stream_hex', 'stream_runs', 'segments'],
      [...frames, ...segments],
    ),
    family('task-files', 'Task files, and the exact text of each.', ['value'], taskFiles, (vector) =>
      asBinding(vector, TASK_FILE.fields),
    ),
    family(
      'times',
      'RFC 3339 times, and the instant that each denotes, or that it is refused.',
      ['text'],
      times,
      asReadable,
    ),
    family('validation', 'Messages at, below and above each bound.', ['message', 'value'], validation),
    family('extensions', 'File names, and whether each may be sent as a result.', ['filename'], extensions),
    family(
      'polo',
      'Times of a task in milliseconds, and its reward under one of two readings of the formula.',
      ['reading', 'time_cpu_ms', 'time_idle_ms', 'time_staged_ms'],
      polo(observed('polo')),
    ),
    family('task-ids', 'Random bytes, and the task id that is made from them.', ['random_hex'], taskIds),
    {
      path: 'golden/index.json',
      content: fileText(
        'golden',
        'One frame per file: a legal frame of each message, and a frame for each way to be refused.',
        golden.map(({ entry }) => entry),
      ),
    },
    ...golden.map(({ entry, content }) => ({ path: `golden/${entry.file}`, content })),
  ];
}

function fieldsOfMessage(name: MessageName): readonly Field[] {
  return MESSAGES.find((message) => message.name === name)?.fields ?? [];
}

/** The observed vectors, then the derived vectors whose input no observed vector has. */
function merge<V extends Common>(
  observed: readonly V[],
  derived: readonly V[],
  inputs: readonly string[],
): readonly V[] {
  const isInput = (name: string) => inputs.includes(name);
  const isExpected = (name: string) => !isInput(name) && !ABOUT.has(name);
  const known = new Map(observed.map((vector) => [fieldsOf(vector, isInput), vector]));
  const added = derived.filter((vector) => {
    const same = known.get(fieldsOf(vector, isInput));
    if (same !== undefined && fieldsOf(same, isExpected) !== fieldsOf(vector, isExpected))
      throw new Error(`${vector.id} contradicts ${same.id}`);
    return same === undefined;
  });
  const merged = [...observed, ...added];
  const ids = new Set<string>();
  for (const { id } of merged) {
    if (ids.has(id)) throw new Error(`two vectors have the id ${id}`);
    ids.add(id);
  }
  return merged;
}

/** Fields that are neither input nor expected. `payload` repeats `payload_hex` for people. */
const ABOUT = new Set(['id', 'note', 'clause', 'level', 'source', 'payload']);

function fieldsOf(vector: Common, belongs: (name: string) => boolean): string {
  const entries = Object.entries(vector).filter(([name]) => belongs(name));
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One vector per line, so that a search or a diff shows whole vectors. */
function fileText(name: string, description: string, vectors: readonly Common[]): string {
  const head = JSON.stringify(
    { $schema: `../schema/${name}.schema.json`, description, count: vectors.length },
    null,
    2,
  );
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`);
  return `${head.slice(0, -'\n}'.length)},\n  "vectors": [\n${lines.join(',\n')}\n  ]\n}\n`;
}
