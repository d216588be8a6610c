import t from 'tap';
import type { Case } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { Generator } from './generate.ts';

const generator = new Generator(1);
const cases = Array.from({ length: 4000 }, (_, index) => generator.at(index));
const histories = cases.filter(({ mutations }) => mutations[0] === 'history').map(({ value }) => value);

/** The messages about each task: the types, in the order of the connections. */
function lives({ connections }: Case): string[] {
  const types = new Map<string, string>();
  for (const { type, payload } of connections.flatMap((actions) => readSent(actions).frames)) {
    const { task_id: id } = JSON.parse(Buffer.from(payload).toString('utf8'));
    types.set(id, (types.get(id) ?? '') + type);
  }
  return [...types.values()];
}

t.test('more than one case in 25 is a history, over several connections', async (t) => {
  t.ok(histories.length > cases.length / 25, `${histories.length} of ${cases.length}`);
  const several = histories.filter(({ connections }) => connections.length > 2);
  t.ok(several.length > histories.length / 2);
  t.ok(histories.some(({ arrangement }) => arrangement === 'at-once'));
});

t.test('histories repeat, reorder and leave out messages', async (t) => {
  const all = histories.flatMap(lives);
  t.ok(
    all.some((types) => types.includes('13334')),
    'the life of a task',
  );
  t.ok(
    all.some((types) => /4.*1/.test(types)),
    'results before the submission',
  );
  t.ok(
    all.some((types) => /3.*3.*3/.test(types)),
    'three updates',
  );
  t.ok(
    all.some((types) => /1.*1/.test(types)),
    'two submissions',
  );
  t.ok(
    all.some((types) => /^3/.test(types)),
    'an update of an unknown task',
  );
  t.ok(
    all.some((types) => /4.*3/.test(types)),
    'an update after the end',
  );
});
