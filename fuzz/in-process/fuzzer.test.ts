import t from 'tap';
import { caseSize } from '../case/case.ts';
import { fuzzCodec } from './fuzzer.ts';
import type { BrokenProperty } from './properties.ts';

const SEED = 20251124;

t.test('the codec keeps every property', async (t) => {
  const { cases, broken } = await fuzzCodec({ seed: SEED, runs: 1500 });
  t.equal(cases, 1500);
  t.same(broken, []);
});

t.test('a broken property is reported with a minimised counterexample', async (t) => {
  const check = (bytes: Uint8Array): BrokenProperty | undefined =>
    Buffer.from(bytes).includes('\t')
      ? { property: 'throws-documented', clause: 'M11', detail: 'a tab' }
      : undefined;
  const { broken } = await fuzzCodec({ seed: SEED, runs: 1500, check });
  t.match(broken, [{ property: 'throws-documented', detail: 'a tab' }]);
  const [smallest] = broken;
  t.ok(smallest && caseSize(smallest.value) <= 9, `${smallest && caseSize(smallest.value)} bytes`);
});
