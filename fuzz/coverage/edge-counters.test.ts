import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { EdgeCounters } from './edge-counters.ts';

const LENGTH = 1024;

/** Counters, and a target that sets some of them. */
function opened(t: Test) {
  const path = join(t.testdir(), 'edges');
  writeFileSync(path, new Uint8Array(LENGTH));
  const counters = EdgeCounters.open(path);
  const target = openSync(path, 'r+');
  t.teardown(() => {
    counters.close();
    closeSync(target);
  });
  const run = (counts: Readonly<Record<number, number>>): void => {
    for (const [edge, count] of Object.entries(counts))
      writeSync(target, Uint8Array.of(count), 0, 1, Number(edge));
  };
  return { counters, run };
}

/** Looks one after another: how often an edge ran, and whether that is new. */
const LOOKS: readonly (readonly [count: number, isNew: boolean])[] = [
  [1, true],
  [1, false],
  [2, true],
  [3, true],
  [4, true],
  [7, false],
  [8, true],
  [15, false],
  [16, true],
  [31, false],
  [32, true],
  [127, false],
  [128, true],
  [255, false],
  [1, false],
];

t.test('an edge is new until it is remembered, and again when it runs far more often', async (t) => {
  const { counters, run } = opened(t);
  for (const [count, isNew] of LOOKS) {
    counters.reset();
    t.strictSame(counters.takeNew(), [], 'nothing ran');
    run({ 7: count });
    const found = counters.takeNew();
    t.equal(found.length, isNew ? 1 : 0, `${count} times`);
    t.strictSame(counters.takeNew(), found, 'it stays new');
    counters.remember(found);
  }
  t.equal(counters.edges, 1);
});

t.test('each edge that ran is found once, wherever it is', async (t) => {
  const { counters, run } = opened(t);
  const known = new Set<number>();
  fc.assert(
    fc.property(fc.dictionary(fc.nat(LENGTH - 1).map(String), fc.constant(1)), (counts) => {
      counters.reset();
      run(counts);
      const edges = Object.keys(counts).map(Number);
      const found = counters.takeNew();
      const isRight = found.length === edges.filter((edge) => !known.has(edge)).length;
      counters.remember(found);
      for (const edge of edges) known.add(edge);
      return isRight && counters.edges === known.size;
    }),
  );
});

t.test('a file of another length is refused', async (t) => {
  const message = /has \d+ bytes, which are no edge counters/;
  for (const length of [0, 100, 1000, 3 * 1024]) {
    const path = join(t.testdir(), 'file');
    writeFileSync(path, new Uint8Array(length));
    t.throws(() => EdgeCounters.open(path), { name: 'CoverageError', message });
  }
  t.throws(() => EdgeCounters.open(join(t.testdir(), 'missing')), { code: 'ENOENT' });
});
