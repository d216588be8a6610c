import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { beginsWithTrigger, containsTrigger, findingId, shapeOf } from './finding.ts';

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
    const finding = { value: submit('\\\\"'), failed: 3, attempts: 3 };
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
      { ...finding, failed: 2 },
      { ...finding, value: submit('"') },
      { ...finding, value: cutShort },
    ])
      t.notOk(containsTrigger(containing, doubtful));
  },
);

t.test('the only member of an object has the cause among others, too', async (t) => {
  const finding = { value: submit('{"status":"x"}', 3), failed: 3, attempts: 3 };
  t.ok(containsTrigger(submit('{"task_id":"a","status":"x","n":1}', 3), finding));
  t.ok(containsTrigger(submit('{"status":"x"}', 3), finding));
  t.notOk(containsTrigger(submit('{"task_id":"a","status":"y"}', 3), finding));
  t.notOk(containsTrigger(submit('{"a":1}'), { ...finding, value: submit('{}') }), 'no member');
});

t.test('the smallest frames of a finding explain only cases that begin with them', async (t) => {
  const finding = { value: submit('', 3), failed: 3, attempts: 3 };
  const [update = []] = submit('', 3).connections;
  const [other = []] = submit('{}').connections;
  const sent = (...connections: Case['connections']): Case => ({ arrangement: 'at-once', connections });
  t.ok(beginsWithTrigger(sent(update), finding));
  t.ok(beginsWithTrigger(sent(other, [...update, ...other]), finding), 'a later frame changes nothing');
  t.notOk(beginsWithTrigger(sent([...other, ...update]), finding));
  t.notOk(beginsWithTrigger(submit('{}', 3), finding));
  t.notOk(beginsWithTrigger(sent(update), { ...finding, failed: 2 }));
  t.notOk(beginsWithTrigger(sent(update), { ...finding, value: sent([...update, { do: 'fin' }]) }));
});
