import t from 'tap';
import { sizeOf } from '../case/case.ts';
import { hunt } from './fuzzer.ts';
import type { Broken } from './properties.ts';

const SEED = 20251124;

t.test('the codec keeps every claim, whatever it is given', async (t) => {
  const { cases, broken } = await hunt({ seed: SEED, runs: 3000 });
  t.equal(cases, 3000);
  t.same(broken, []);
});

t.test('a claim that a codec breaks is told with the smallest input that shows it', async (t) => {
  const check = (bytes: Uint8Array): Broken | undefined =>
    Buffer.from(bytes).includes('\t')
      ? { claim: 'throws-documented', clause: 'M11', detail: 'a tab' }
      : undefined;
  const { broken } = await hunt({ seed: SEED, runs: 3000, check });
  t.match(broken, [{ claim: 'throws-documented', detail: 'a tab' }]);
  const [smallest] = broken;
  t.ok(smallest && sizeOf(smallest.value) <= 9, `${smallest && sizeOf(smallest.value)} bytes`);
});
