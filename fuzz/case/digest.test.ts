import fc from 'fast-check';
import t from 'tap';
import { Generator } from '../generate/generate.ts';
import { type Case, EXACT, encodeAction } from './case.ts';
import { readCase, writeCase } from './case-json.ts';
import { addDigests, digestOf } from './digest.ts';

const generator = new Generator(1);
const cases = fc.nat().map((index) => generator.at(index).value);

t.test('equal cases have equal digests, whatever made them', async () => {
  fc.assert(
    fc.property(
      cases,
      (value) => digestOf(readCase(JSON.parse(JSON.stringify(writeCase(value))))) === digestOf(value),
    ),
  );
});

t.test('cases that differ on the wire have different digests', async (t) => {
  const seen = new Map<string, string>();
  for (let index = 0; index < 5000; index += 1) {
    const { value } = generator.at(index);
    const onTheWire = value.connections.map((actions) =>
      actions.map((action) => [
        { ...action, declared: 0, type: 0, payload: '' },
        encodeAction(action).toString('hex'),
      ]),
    );
    const text = JSON.stringify([value.arrangement, onTheWire]);
    const digest = digestOf(value);
    if (seen.has(digest)) t.equal(seen.get(digest), text);
    seen.set(digest, text);
  }
  t.ok(seen.size > 4000, `${seen.size} cases that differ`);
});

t.test('any single difference changes the digest', async (t) => {
  const payload = Buffer.from('{}');
  const frame = { do: 'frame', type: 1, declared: EXACT, payload } as const;
  const of = (...connections: Case['connections']): Case => ({ arrangement: 'at-once', connections });
  const all: Case[] = [
    of([frame]),
    { ...of([frame]), arrangement: 'in-turn' },
    of([{ ...frame, type: 2 }]),
    of([{ ...frame, declared: { kind: 'short', by: 1 } }]),
    of([{ ...frame, segmentBytes: 1 }]),
    of([{ ...frame, payload: Buffer.from('{ ') }]),
    of([frame, { do: 'fin' }]),
    of([frame, { do: 'reset' }]),
    of([frame, { do: 'pause', ms: 1 }]),
    of([frame, { do: 'pause', ms: 2 }]),
    of([{ do: 'bytes', bytes: payload }]),
    of([frame], [frame]),
    of([frame, frame]),
    of(),
  ];
  t.equal(new Set(all.map(digestOf)).size, all.length);
});

t.test('the digest of a set is the same in any order', async () => {
  const digest = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => value.toString(16));
  fc.assert(
    fc.property(
      digest,
      digest,
      digest,
      (one, two, three) =>
        addDigests(addDigests(one, two), three) === addDigests(one, addDigests(three, two)) &&
        addDigests('0', one) === one,
    ),
  );
});
