import fc from 'fast-check';
import t from 'tap';
import { caseSize, encodeActions } from '../case/case.ts';
import { digestOf } from '../case/digest.ts';
import { Generator, mix } from './generate.ts';
import { MUTATIONS } from './mutations/index.ts';

t.test('the same seed and index give the same case, in any order', async (t) => {
  const forth = new Generator(7);
  const back = new Generator(7);
  const indices = Array.from({ length: 500 }, (_, index) => index);
  const one = indices.map((index) => digestOf(forth.at(index).value));
  const other = indices.toReversed().map((index) => digestOf(back.at(index).value));
  t.strictSame(one, other.toReversed());
  t.ok(new Set(one).size > 450, 'and nearly all differ');
  t.not(digestOf(new Generator(8).at(0).value), one[0], 'another seed gives other cases');
});

t.test('the cases of a seed do not repeat from index 2^32 on', async (t) => {
  const generator = new Generator(7);
  const indices = [0, 1, 2, 3].flatMap((high) =>
    Array.from({ length: 100 }, (_, low) => high * 2 ** 32 + low),
  );
  const digests = indices.map((index) => digestOf(generator.at(index).value));
  t.ok(new Set(digests).size > 360, `${new Set(digests).size} cases that differ`);
  t.equal(digestOf(new Generator(7).at(2 ** 33 + 5).value), digests[205], 'and they are reproducible');
});

t.test('every mutation is used', async (t) => {
  const generator = new Generator(1);
  const seen = new Set<string>();
  for (let index = 0; index < 8000; index += 1)
    for (const name of generator.at(index).mutations) seen.add(name);
  for (const { name } of MUTATIONS) t.ok(seen.has(name), name);
  t.ok(seen.has('sequence'));
  t.ok(seen.has('history'));
  t.ok(seen.has('legal'));
});

t.test('weights select mutations', async (t) => {
  const weights = Object.fromEntries(MUTATIONS.map(({ name }) => [name, name === 'bytes/flip' ? 1 : 0]));
  const generator = new Generator(1, { ...weights, sequence: 0, history: 0 });
  for (let index = 0; index < 200; index += 1) {
    const others = generator.at(index).mutations.filter((name) => name !== 'legal' && name !== 'bytes/flip');
    t.strictSame(others, []);
  }
});

t.test('a case has simpler cases that are derived from it', async (t) => {
  const generator = new Generator(3);
  const tree = generator.treeAt(5);
  t.equal(digestOf(tree.generated.value), digestOf(generator.at(5).value));
  const [first] = tree.simpler();
  t.ok(first, 'there is a simpler case');
});

t.test('a mutation of any case is a case, and can be repeated', async () => {
  const generator = new Generator(9);
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.nat({ max: 1000 }), (index, nonce) => {
      const parent = generator.at(index).value;
      const one = generator.mutate(parent, nonce).value;
      return digestOf(one) === digestOf(generator.mutate(parent, nonce).value) && caseSize(one) >= 0;
    }),
  );
});

t.test('cases are small, and some are large', async (t) => {
  const generator = new Generator(2);
  const sizes = Array.from({ length: 3000 }, (_, index) => caseSize(generator.at(index).value)).toSorted(
    (a, b) => a - b,
  );
  t.ok((sizes[1500] ?? 0) < 500, `half are below 500 bytes: ${sizes[1500]}`);
  t.ok((sizes.at(-1) ?? 0) > 10_000);
});

t.test('a case without a mutation is one legal frame', async (t) => {
  const generator = new Generator(4);
  const legal = Array.from({ length: 1000 }, (_, index) => generator.at(index)).filter(({ mutations }) =>
    mutations.includes('legal'),
  );
  t.ok(legal.length > 30);
  for (const { value } of legal) {
    const bytes = encodeActions(value.connections[0] ?? []);
    t.equal(bytes.length, 8 + bytes.readUInt32BE(4));
    t.doesNotThrow(() => JSON.parse(bytes.subarray(8).toString('utf8')));
  }
});

t.test('neighbouring indices are mixed to different numbers', async (t) => {
  const mixed = Array.from({ length: 1000 }, (_, index) => mix(1, index));
  t.equal(new Set(mixed).size, 1000);
});
