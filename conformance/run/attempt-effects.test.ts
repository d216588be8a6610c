import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { observeStore } from '../observers/store.ts';
import { taskId } from '../scenario/bytes.ts';
import { statusUpdate, string } from '../scenario/messages.ts';
import type { Scenario, StoreCondition } from '../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../scenario/steps.ts';
import { answering, response } from '../testing/answering.ts';
import { attemptsOf, eventsOf, LEGAL, resultsOf } from '../testing/runs.ts';
import type { RunOptions } from './runner.ts';

type Fields = Record<string, string>;

/** A server that stores `change` of a message and its task, which is undefined if there is none yet. */
async function storing(t: Test, change: (message: Fields, task: Fields | undefined) => Fields) {
  const root = t.testdir({ store: { received: {}, submitted: {}, results: {} } });
  const dir = join(root, 'store');
  const handle = (chunk: Buffer): void => {
    const message: Fields = JSON.parse(chunk.subarray(8).toString());
    const side = message['status'] === undefined ? 'received' : 'submitted';
    const path = join(dir, side, `${message['task_id']}.json`);
    const task = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Fields) : undefined;
    writeFileSync(path, JSON.stringify(change(message, task)));
  };
  const server = await answering((chunk) => {
    handle(chunk);
    return response(chunk, 200);
  });
  t.teardown(server.close);
  return { dir, options: { target: server.address, store: await observeStore(dir) } };
}

function task(side: 'received' | 'submitted', status: string): StoreCondition {
  return { kind: 'task', side, taskId: taskId(), fields: { status } };
}

/** An update of a preloaded task. */
const UPDATED: Scenario = {
  ...LEGAL,
  steps: [send(statusUpdate())],
  accept: NOT_ANSWERED,
  control: 'test/legal',
  preloaded: [{ side: 'submitted', taskId: taskId(), status: 'NEW' }],
};

/** A server whose tasks become EXPIRED when an update uses them. */
function expiringOnUse(t: Test) {
  return storing(t, (message, task) => ({
    ...message,
    status: task?.['status'] === 'ACCEPTED' ? 'EXPIRED' : (message['status'] ?? 'NEW'),
  }));
}

t.test('a status may come at any time of its window, or when a message uses the task', async (t) => {
  const { options } = await expiringOnUse(t);
  const inWindow: Scenario = {
    ...UPDATED,
    id: 'test/in-window',
    store: [task('submitted', 'EXPIRED')],
    storeAt: { fromMs: 1, untilMs: 2 },
  };
  const used: Scenario = { ...inWindow, id: 'test/used', access: [send(statusUpdate())] };
  const atOnce: Scenario = { ...inWindow, id: 'test/at-once', store: [task('submitted', 'ACCEPTED')] };
  t.match(await attemptsOf([LEGAL, inWindow, used, atOnce], options), {
    'test/in-window': { verdict: 'fail', mismatches: [{ text: /status is "ACCEPTED"/ }] },
    'test/used': { verdict: 'pass' },
    'test/at-once': { verdict: 'pass' },
  });
});

t.test('a scenario is skipped if the store shows nothing', async (t) => {
  const { options } = await expiringOnUse(t);
  const expired = { ...UPDATED, store: [task('submitted', 'EXPIRED')], storeAt: { fromMs: 0, untilMs: 1 } };
  const undecided = (status: string) => ({ store: [task('submitted', status)], reason: 'not shown' });
  const scenarios: Scenario[] = [
    LEGAL,
    { ...expired, id: 'test/undecided', undecided: undecided('ACCEPTED') },
    { ...expired, id: 'test/decided', undecided: undecided('DECLINED') },
  ];
  t.match(await attemptsOf(scenarios, options), {
    'test/undecided': { verdict: 'skipped', reason: 'not shown' },
    'test/decided': { verdict: 'fail' },
  });
});

t.test('a timeout that fails is judged once, and twice under a MUST', async (t) => {
  const { options } = await expiringOnUse(t);
  const slow: Scenario = { ...UPDATED, slow: true, store: [task('submitted', 'DECLINED')] };
  const scenarios: Scenario[] = [
    LEGAL,
    { ...slow, id: 'test/should', level: 'SHOULD', storeAt: { fromMs: 0, untilMs: 1 } },
    { ...slow, id: 'test/must', storeAt: { fromMs: 0, untilMs: 1 } },
  ];
  const results = resultsOf(await eventsOf(scenarios, { ...options, slow: true, jobs: 4 }));
  const verdictsOf = (id: string) => results[id]?.attempts.map(({ verdict }) => verdict);
  t.strictSame(verdictsOf('test/should'), ['fail']);
  t.strictSame(verdictsOf('test/must'), ['fail', 'fail']);
});

t.test('simultaneous messages are about the same task, and each round about another', async (t) => {
  const justifications = new Map<string, string[]>();
  const { options } = await storing(t, (message) => {
    const { task_id: id = '', justification } = message;
    if (justification?.startsWith('Round')) {
      justifications.set(id, [...(justifications.get(id) ?? []), justification]);
    }
    return { ...message, status: message['status'] ?? 'NEW' };
  });
  const update = (name: string) => send(statusUpdate({ justification: string(`Round ${name}`) }));
  const scenario: Scenario = {
    ...UPDATED,
    id: 'test/simultaneous',
    steps: [update('a')],
    simultaneous: [[update('b')], [update('c')]],
    rounds: 3,
    store: [task('submitted', 'ACCEPTED')],
  };
  t.match(await attemptsOf([LEGAL, scenario], options), { 'test/simultaneous': { verdict: 'pass' } });
  t.strictSame(
    [...justifications.values()].map((seen) => seen.sort()),
    Array.from({ length: 3 }, () => ['Round a', 'Round b', 'Round c']),
  );
});

t.test('the store is read after the target was killed and started again', async (t) => {
  const { dir, options } = await storing(t, (message) => ({ ...message, status: 'NEW' }));
  const scenario: Scenario = {
    ...LEGAL,
    id: 'test/kill',
    kill: true,
    needs: 'keeping',
    store: [task('received', 'NEW')],
  };
  const verdictWith = async (kill: RunOptions['kill']) =>
    (await attemptsOf([scenario], { ...options, kill }))['test/kill'];
  t.match(await verdictWith(undefined), { verdict: 'skipped', reason: /--exec/ });
  t.match(await verdictWith(async () => {}), { verdict: 'pass' });
  const failing = { kill: () => Promise.reject(new Error('injected')), restart: async () => {} };
  t.match((await attemptsOf([scenario], { ...options, ...failing }))['test/kill'], {
    verdict: 'fail',
    targetDied: true,
  });
  let isEmptied = false;
  const empty = async (): Promise<void> => {
    isEmptied = true;
    rmSync(join(dir, 'received'), { recursive: true });
    mkdirSync(join(dir, 'received'));
  };
  const answered = { ...scenario, storeAt: { fromMs: 0, untilMs: 1 } };
  t.match(await attemptsOf([answered], { ...options, kill: empty }), { 'test/kill': { verdict: 'fail' } });
  t.ok(isEmptied);
});
