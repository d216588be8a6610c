import fc from 'fast-check';
import t from 'tap';
import { DESCRIPTION_CAP, PAYLOAD_CAP } from '../../../conformance/scenario/bytes.ts';
import { caseSize, encodeActions } from '../../case/case.ts';
import { atBound, base64Token, boundToken, timeToken } from '../arbitraries/fields.ts';
import { Generator, MUTATION_NAMES } from '../generate.ts';

const onlyMutation = (name: string): Generator =>
  new Generator(1, Object.fromEntries(MUTATION_NAMES.map((one) => [one, one === name ? 1 : 0])));

/** The texts of the payloads of the cases with this mutation. */
const textsOf = (name: string, count: number): string[] => {
  const generator = onlyMutation(name);
  return Array.from({ length: count }, (_, index) =>
    encodeActions(generator.at(index).value.connections[0] ?? []).toString('utf8', 8),
  );
};

t.test('a text is at the bound of its field, by bytes, by characters and as written', async (t) => {
  const measures = new Map<string, Set<number>>();
  const count = (name: string, delta: number): void => {
    measures.set(name, (measures.get(name) ?? new Set()).add(delta));
  };
  for (const bound of fc.sample(atBound(), 400)) {
    const token = boundToken('"task_description"', bound);
    const text: string = JSON.parse(token);
    count('bytes', Buffer.byteLength(text) - DESCRIPTION_CAP);
    count('characters', [...text].length - DESCRIPTION_CAP);
    count('units', text.length - DESCRIPTION_CAP);
    count('written', Buffer.byteLength(token) - 2 - DESCRIPTION_CAP);
  }
  for (const [name, deltas] of measures)
    for (const delta of [-1, 0, 1]) t.ok(deltas.has(delta), `${name} ${delta}`);
});

t.test('times by their parts', async (t) => {
  const times = fc.sample(timeToken(), 5000).map((token): string => JSON.parse(token));
  const isDrawn = (pattern: RegExp): boolean => times.some((time) => pattern.test(time));
  for (const pattern of [
    /^2025-00-01T/,
    /^2025-13-01T/,
    /T12:00:60Z$/,
    /^2025-06-01t12:00:00Z$/,
    /:00z$/,
    /\.\d{40}Z$/,
    /\.Z$/,
    /\+24:00$/,
    /^2025-06-01T12:00:00Z$/,
  ])
    t.ok(isDrawn(pattern), String(pattern));
});

t.test('base64 of every length modulo 4, padded and not', async (t) => {
  const tokens = fc.sample(base64Token(), 3000).map((token) => token.slice(1, -1));
  for (const rest of [0, 1, 2, 3]) {
    t.ok(
      tokens.some((text) => /^[\w+/]*$/.test(text) && text.length % 4 === rest),
      `${rest} without padding`,
    );
    if (rest > 1) t.ok(tokens.some((text) => text.length % 4 === 0 && text.endsWith('='.repeat(4 - rest))));
  }
  t.ok(tokens.some((text) => text.includes('\\r\\n')));
  t.ok(tokens.some((text) => text.includes('_')));
});

t.test('fields that have an effect together are set together', async (t) => {
  const files = textsOf('field/joint', 3000).filter((text) => /"result_type":"file"/.test(text));
  t.ok(
    files.some(
      (text) => /"filename":"\.\.\/[^"]*\.(?:md|txt|pdf)"/.test(text) && /"file_data":"\w/.test(text),
    ),
  );
});

t.test('sizes, members and levels at the bounds of a frame are rare, and there are some', async (t) => {
  const sizeOf = (name: string, index: number): number => caseSize(onlyMutation(name).at(index).value) - 8;
  const generator = onlyMutation('frame/large');
  const sizes = Array.from({ length: 150 }, (_, index) => caseSize(generator.at(index).value) - 8);
  const isNear = (bound: number): boolean => sizes.some((size) => Math.abs(size - bound) <= 1);
  for (const bound of [8192, 65_536, 1_048_576]) t.ok(isNear(bound), `${bound}`);
  t.ok(sizes.filter((size) => size > 1e6).length < 15);
  // The first of their kind with this seed.
  t.ok(Math.abs(sizeOf('frame/large', 293) - PAYLOAD_CAP) <= 1);
  t.ok(sizeOf('value/nest', 268) >= 2e6);
});
