import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { findingId, shapeOf } from './finding.ts';

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
