import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ObserverError } from '../observers/observer-error.ts';
import { observeStore } from '../observers/store.ts';
import { concat, taskId, text } from '../scenario/bytes.ts';
import { quoted, string, submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, pause, rejects, send, silent } from '../scenario/steps.ts';
import { answering, response } from '../testing/answering.ts';
import { listen } from '../testing/loopback.ts';
import { attemptsOf, LEGAL } from '../testing/runs.ts';

interface Behaviour {
  /** Flag of the write: 'wx' keeps a file that exists. Undefined: nothing is stored. */
  readonly flag?: 'w' | 'wx';
  /** The status for ids that contain a slash. */
  readonly status?: number;
}

/** The verdicts on a server that stores the tasks of SUBMITs. */
async function verdictsOn(t: Test, folder: string, scenario: Scenario, { flag, status = 200 }: Behaviour) {
  const root = mkdtempSync(join(folder, 'root-'));
  for (const side of ['received', 'submitted', 'results'])
    mkdirSync(join(root, 'store', side), { recursive: true });
  const server = await listen((socket) =>
    socket.once('data', async (chunk) => {
      const task: { task_id: string } = JSON.parse(chunk.subarray(8).toString());
      const path = join(root, 'store', 'received', `${task.task_id}.json`);
      if (flag) await writeFile(path, JSON.stringify({ ...task, status: 'NEW' }), { flag }).catch(() => {});
      socket.end(response(chunk, task.task_id.includes('/') ? status : 200));
    }),
  );
  t.teardown(server.close);
  const store = await observeStore(join(root, 'store'));
  const { [scenario.id]: attempt } = await attemptsOf([LEGAL, scenario], { target: server.address, store });
  return attempt;
}

// Tests that wait for deadlines run side by side.
t.jobs = 2;
t.test(
  'the steps must leave what the earlier steps and the preloaded task made',
  { buffered: true },
  async (t) => {
    const scenario: Scenario = {
      ...LEGAL,
      id: 'test/second',
      earlier: [send(submit())],
      preloaded: [{ side: 'received', taskId: taskId(), status: 'EXECUTING', replaces: true }],
      steps: [send(submit({ task_description: string('Another task') }))],
      store: [{ kind: 'task', side: 'received', taskId: taskId(), fields: { status: 'EXECUTING' } }],
    };
    const folder = t.testdir();
    const [kept, reset, nothing] = await Promise.all([
      verdictsOn(t, folder, scenario, { flag: 'wx' }),
      verdictsOn(t, folder, scenario, { flag: 'w' }),
      verdictsOn(t, folder, scenario, {}),
    ]);
    t.match(kept, { verdict: 'pass' });
    t.match(reset, { verdict: 'fail', mismatches: [{ text: /status is "NEW"/ }] });
    t.match(nothing, {
      verdict: 'skipped',
      reason: /earlier message .* has no store/,
    });
  },
);

t.test('conditions that an acceptance brings do not apply to a rejection', { buffered: true }, async (t) => {
  const description = concat(text('Kept for '), taskId());
  const scenario: Scenario = {
    ...LEGAL,
    id: 'test/promised',
    steps: [
      send(
        submit({
          task_id: quoted(concat(text('a/'), taskId())),
          task_description: quoted(description),
        }),
      ),
    ],
    accept: [answers({ statuses: [200] }), rejects()],
    control: LEGAL.id,
    store: [{ kind: 'kept', bytes: description }],
    storeIfAccepted: true,
  };
  const folder = t.testdir();
  const [accepted, rejected] = await Promise.all([
    verdictsOn(t, folder, scenario, {}),
    verdictsOn(t, folder, scenario, { status: 400 }),
  ]);
  t.match(accepted, { verdict: 'fail', mismatches: [{ text: /no file of the store contains/ }] });
  t.match(rejected, { verdict: 'pass' });
});

t.test('a target that speaks first fails although its control fails in the same way', async (t) => {
  const server = await listen((socket) => socket.write('220 hello\r\n'));
  t.teardown(server.close);
  const scenario: Scenario = {
    ...LEGAL,
    id: 'test/quiet',
    steps: [pause(50)],
    accept: [silent()],
    control: LEGAL.id,
  };
  t.match(await attemptsOf([LEGAL, scenario], { target: server.address }), {
    'test/legal': { verdict: 'fail' },
    'test/quiet': {
      verdict: 'fail',
      mismatches: [{ text: 'the target sent bytes that form no complete frame' }],
    },
  });
  const polite = await answering((chunk) => response(chunk, 200));
  t.teardown(polite.close);
  t.match(await attemptsOf([LEGAL, scenario], { target: polite.address }), {
    'test/quiet': { verdict: 'pass' },
  });
});

t.test('a store that the target makes impossible to watch is no fault of the kit', async (t) => {
  const folder = join(t.testdir({ store: { received: {}, submitted: {}, results: {} } }), 'store');
  const server = await answering((chunk) => {
    const task: { task_id: string } = JSON.parse(chunk.subarray(8).toString());
    writeFileSync(
      join(folder, 'received', `${task.task_id}.json`),
      JSON.stringify({ ...task, status: 'NEW' }),
    );
    writeFileSync(join(folder, 'results', 'large'), '');
    truncateSync(join(folder, 'results', 'large'), 300 * 1024 * 1024);
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const task = { kind: 'task', side: 'received', taskId: taskId(), fields: { status: 'NEW' } } as const;
  const scenarios: readonly Scenario[] = [
    { ...LEGAL, id: 'test/one-file', store: [task] },
    {
      ...LEGAL,
      id: 'test/whole-store',
      store: [task, { kind: 'only-task', side: 'received', taskId: taskId() }],
    },
    { ...LEGAL, id: 'test/wire', accept: [silent()], store: [task] },
    LEGAL,
  ];
  const reason = /^the store .* is too large to be watched: over 268435456 bytes$/;
  const store = await observeStore(folder);
  t.match(await attemptsOf(scenarios, { target: server.address, store }), {
    'test/one-file': { verdict: 'pass' },
    'test/whole-store': { verdict: 'inconclusive', reason },
    'test/wire': { verdict: 'fail' },
    'test/legal': { verdict: 'pass' },
  });
});

t.test('a store that cannot be read at all', async (t) => {
  const folder = join(t.testdir({ store: { received: {}, submitted: {}, results: {} } }), 'store');
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const store = await observeStore(folder);
  const unreadable = async () => {
    throw new ObserverError('store-unreadable', 'it cannot be read (EIO)');
  };
  const broken = Object.assign(store, { snapshot: unreadable, stat: unreadable });
  const scenario: Scenario = { ...LEGAL, id: 'test/store', store: [{ kind: 'unchanged' }] };
  t.match(await attemptsOf([LEGAL, scenario], { target: server.address, store: broken }), {
    'test/store': { verdict: 'inconclusive', reason: 'it cannot be read (EIO)' },
    'test/legal': { verdict: 'pass' },
  });
});
