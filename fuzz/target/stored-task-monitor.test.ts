import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { type Case, EXACT } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { readExecution } from '../execute/execute.ts';
import { frameOf } from '../testing/servers.ts';
import { storedTaskMonitor } from './stored-task-monitor.ts';

interface Task {
  readonly task_id: string;
  readonly task_description: string;
}

/** What is found where a target stores `stored(task)` of each task, and answers each SUBMIT with the status. */
async function found(t: Test, stored: (task: Task, nth: number) => string | undefined, status = 200) {
  const folder = await mkdtemp(join(tmpdir(), 'conform-t-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'received'));
  let count = 0;
  const run = async ({ connections: [actions = []] }: Case) => {
    const sent = readSent(actions);
    const task: Task = JSON.parse(Buffer.from(sent.frames[0]?.payload ?? []).toString());
    const content = stored(task, count++);
    if (content !== undefined) await writeFile(join(folder, 'received', `${task.task_id}.json`), content);
    const received = frameOf(JSON.stringify({ task_id: task.task_id, status, message: 'm' }));
    const executions = [readExecution(sent, { received, ending: 'fin' as const, afterMs: 1 })];
    return { executions, signatures: [], breaches: [], isRefused: false, foreignMarkers: [] };
  };
  const cases = Array.from({ length: 5 }, (): Case => {
    const task = { task_id: newTaskId(), task_description: 'Grüße', from_addr: 'f', to_addr: 't' };
    return {
      arrangement: 'at-once',
      connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(JSON.stringify(task)) }]],
    };
  });
  for (const value of cases) await run(value);
  const monitor = storedTaskMonitor(folder, run);
  return monitor.check(() => cases, { cases: 5, restarts: 0, isLast: false });
}

const fileOf = (task: Task, fields: object = {}): string =>
  JSON.stringify({ ...task, created_at: '2025-06-01T12:00:00Z', status: 'NEW', ...fields });

t.test('stores-as-sent: a stored task that is not what was sent', async (t) => {
  const faults: Readonly<Record<string, (task: Task) => string>> = {
    'another description': (task) => fileOf(task, { task_description: 'Gr??e' }),
    'a description that is cut off': (task) => fileOf(task, { task_description: 'Gr' }),
    'no JSON': () => '{',
    'no status': (task) => fileOf(task, { status: '' }),
  };
  for (const [what, stored] of Object.entries(faults)) {
    const breach = await found(t, stored);
    t.match(
      breach,
      { invariant: 'stores-as-sent', clause: 'S9', value: { connections: { length: 1 } } },
      what,
    );
  }
});

t.test('stores-as-sent: what conforms, and what is not repeated', async (t) => {
  t.equal(await found(t, (task) => fileOf(task)), undefined, 'the task itself');
  t.equal(await found(t, (task) => fileOf(task, { status: 'DECLINED', x: 1 })), undefined, 'another state');
  t.equal(await found(t, () => undefined), undefined, 'nothing is stored');
  t.equal(await found(t, () => '{', 400), undefined, 'no task is accepted');
  const once = await found(t, (task, nth) =>
    fileOf(task, nth < 5 ? { task_description: 'an earlier one' } : {}),
  );
  t.equal(once, undefined, 'a task that another peer sent first');
});
