import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { containsTrigger, findingId, shapeOf } from './finding.ts';

const submit = (payload: string, type = 1): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
});

t.test('the id of a finding does not depend on incidental letters and digits', async (t) => {
  const idOf = (value: Case): string => findingId('survives', shapeOf(value));
  t.equal(idOf(submit('{"abc":17}')), idOf(submit('{"x":2}')));
  t.not(idOf(submit('{"abc":-0}')), idOf(submit('{"abc":-1}')));
  t.not(idOf(submit('{}')), idOf(submit('{}', 3)));
  t.match(idOf(submit('{}')), /^survives-[0-9a-f]{8}$/);
});

t.test(
  'a case has the cause of a finding if a complete frame contains what is left of its case',
  async (t) => {
    const finding = { value: submit('\\\\"'), isMinimal: true, failed: 3, attempts: 3 };
    const containing = submit('{"task_id":"a\\\\"}', 4);
    t.ok(containsTrigger(containing, finding));
    t.notOk(containsTrigger(submit('{"task_id":"a\\\\b"}'), finding));
    const [[action] = []] = containing.connections;
    if (action?.do !== 'frame') throw new Error('no frame');
    const cutShort: Case = {
      ...containing,
      connections: [[{ ...action, declared: { kind: 'long', by: 1 } }]],
    };
    t.notOk(containsTrigger(cutShort, finding), 'no frame');
    for (const doubtful of [
      { ...finding, isMinimal: false },
      { ...finding, failed: 2 },
      { ...finding, value: submit('"') },
      { ...finding, value: cutShort },
    ])
      t.notOk(containsTrigger(containing, doubtful));
  },
);
