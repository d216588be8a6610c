/**
 * The test vectors under fixtures/, as files: the tables of this directory give the derived ones, and those that were
 * observed of the deployed implementation are taken over from the files as they are.
 */

import type { Common } from './build/vector.ts';
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

/** Gives the text of a file under fixtures/. */
export type ReadFile = (path: string) => string;

/** A file under fixtures/. */
export interface FixtureFile {
  readonly path: string;
  readonly content: string | Buffer;
}

/** Every generated file. Throws when two vectors share an id, or a derived one contradicts an observed one. */
export function fixtureFiles(read: ReadFile): readonly FixtureFile[] {
  const observed = <V extends Common>(name: string): readonly V[] => {
    const file: { readonly vectors: readonly V[] } = JSON.parse(read(`vectors/${name}.json`));
    return file.vectors.filter(({ source }) => source === 'observed');
  };
  /** `asks`: the fields that are the question; what else a vector holds is the answer. */
  const family = <V extends Common>(
    name: string,
    description: string,
    asks: readonly string[],
    derived: readonly V[],
  ): FixtureFile => ({
    path: `vectors/${name}.json`,
    content: fileText(name, description, merge(observed<V>(name), derived, asks)),
  });
  return [
    family('encode', 'Values and their canonical frames.', ['message', 'value'], encode),
    family(
      'decode',
      'Payloads, and the value that each gives or that it is refused.',
      ['message', 'payload_hex', 'payload_runs'],
      [...decodeMessage, ...decodeJson, ...decodeField],
    ),
    family(
      'frames',
      'Streams, and the frames that each holds.',
      ['stream_hex', 'stream_runs', 'segments'],
      [...frames, ...segments],
    ),
    family('task-files', 'Task files and their exact text.', ['value'], taskFiles),
    family(
      'times',
      'RFC 3339 times, and the instant that each gives or that it is refused.',
      ['text'],
      times,
    ),
    family('validation', 'Messages at, below and above each bound.', ['message', 'value'], validation),
    family('extensions', 'File names, and whether each may be sent as a result.', ['filename'], extensions),
    family(
      'polo',
      'Times of a task and its reward, under either reading.',
      ['reading', 'time_cpu_ms', 'time_idle_ms', 'time_staged_ms'],
      polo(observed('polo')),
    ),
    family('task-ids', 'Random bytes and the task id that they make.', ['random_hex'], taskIds),
    {
      path: 'golden/index.json',
      content: fileText(
        'golden',
        'One frame a file: legal ones, and one of each refusal.',
        golden.map(({ entry }) => entry),
      ),
    },
    ...golden.map(({ entry, content }) => ({ path: `golden/${entry.file}`, content })),
  ];
}

/** The observed vectors, then the derived ones that ask something else. */
function merge<V extends Common>(
  observed: readonly V[],
  derived: readonly V[],
  asks: readonly string[],
): readonly V[] {
  const isAsked = (name: string) => asks.includes(name);
  const isExpected = (name: string) => !isAsked(name) && !ABOUT.has(name);
  const known = new Map(observed.map((vector) => [fieldsOf(vector, isAsked), vector]));
  const added = derived.filter((vector) => {
    const twin = known.get(fieldsOf(vector, isAsked));
    if (twin !== undefined && fieldsOf(twin, isExpected) !== fieldsOf(vector, isExpected))
      throw new Error(`${vector.id} contradicts ${twin.id}`);
    return twin === undefined;
  });
  const merged = [...observed, ...added];
  const ids = new Set<string>();
  for (const { id } of merged) {
    if (ids.has(id)) throw new Error(`two vectors have the id ${id}`);
    ids.add(id);
  }
  return merged;
}

/** What a vector says about itself, and the payload that is for reading. */
const ABOUT = new Set(['id', 'note', 'clause', 'level', 'source', 'payload']);

function fieldsOf(vector: Common, belongs: (name: string) => boolean): string {
  const entries = Object.entries(vector).filter(([name]) => belongs(name));
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One vector a line, so that a search or a difference shows whole vectors. */
function fileText(name: string, description: string, vectors: readonly Common[]): string {
  const head = JSON.stringify(
    { $schema: `../schema/${name}.schema.json`, description, count: vectors.length },
    null,
    2,
  );
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`);
  return `${head.slice(0, -'\n}'.length)},\n  "vectors": [\n${lines.join(',\n')}\n  ]\n}\n`;
}
