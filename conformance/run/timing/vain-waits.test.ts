import t from 'tap';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, rejects, silent, silentUntilReset } from '../../scenario/steps.ts';
import { awaitedBy, VainWaits } from './vain-waits.ts';

const base: Scenario = {
  id: 'test/one',
  clause: 'F5',
  level: 'MUST',
  requirement: '.',
  steps: [],
  accept: [closes()],
};

t.test('what steps await', async (t) => {
  const cases = [
    [[closes()], 'close'],
    [[closes(), rejects()], 'answer'],
    [[answers()], 'answer'],
    [[closes(), silent()], undefined],
    [[silentUntilReset()], undefined],
  ] as const;
  for (const [accept, awaited] of cases)
    t.equal(awaitedBy({ ...base, accept }), awaited, JSON.stringify(accept));
});

t.test('a wait in vain is known for the same clause, level and kind, until it is forgotten', async (t) => {
  const waits = new VainWaits();
  t.same([...waits.of(base)], []);
  waits.add(base, 'close');
  t.same([...waits.of({ ...base, id: 'test/other' })], ['close']);
  t.same([...waits.of({ ...base, clause: 'F6' })], []);
  t.same([...waits.of({ ...base, level: 'SHOULD' })], [], 'a MUST never fails for the wait of a SHOULD');
  waits.forget(base);
  t.same([...waits.of(base)], []);
});
