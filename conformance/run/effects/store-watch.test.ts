import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { fromUnixMs, Receiver, Server, Store, Submitter } from '../../../reference/index.ts';
import { catalogue } from '../../catalogue/index.ts';
import { observeStore } from '../../observers/store.ts';
import { concat, SUBMIT, taskId, text } from '../../scenario/bytes.ts';
import { string, submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { send } from '../../scenario/steps.ts';
import { answering, response } from '../../testing/answering.ts';
import { attemptsOf, eventsOf, LEGAL, resultsOf } from '../../testing/runs.ts';
import { newTaskId } from '../../util/task-id.ts';

/** A server with both roles on a store of this name, which also stores a result without an id. */
async function served(t: Test, root: string, name: string) {
  const folder = join(root, name);
  const store = await Store.open(folder);
  const clock = () => fromUnixMs(Date.now());
  const { submit } = new Receiver({ store, clock });
  const submitter = new Submitter({ store, clock });
  const server = new Server({
    submit,
    statusUpdate: submitter.statusUpdate,
    results: async (message, peer) => {
      if (message.taskId === '')
        await writeFile(join(folder, 'results', '_result.txt'), message.resultText ?? '');
      await submitter.results(message, peer);
    },
  });
  t.teardown(() => server.close({ graceMs: 0 }));
  return { target: await server.listenAndServe({ port: 0 }), store: await observeStore(folder) };
}

/** Writes as other programs do, in the folder of the store and in the store, until the signal fires. */
async function noise(root: string, signal: AbortSignal): Promise<void> {
  await mkdir(join(root, 'backup', 'received'), { recursive: true });
  while (!signal.aborted) {
    const id = newTaskId();
    await appendFile(join(root, 'growing.log'), `task ${id}\n`);
    await appendFile(join(root, 'store', 'tasks.log'), `task ${id}\n`);
    const paths = [`${id}.json`, `tmp-${id.slice(0, 8)}`, `backup/received/${id}.json`];
    const inStore = [`received/${id}.json`, `results/${id}_result.txt`, `results/tmp-${id.slice(0, 8)}`];
    const files = [...paths, ...inStore.map((path) => join('store', path))].map((path) => join(root, path));
    for (const file of files) await writeFile(file, 'Forty-two');
    await setTimeout(20);
    for (const file of files) await rm(file);
  }
}

/** Scenarios that watch the whole store, and those that leave a file there without any task id. */
function selected({ id, store = [] }: Scenario): boolean {
  if (id.includes('extension-')) return false;
  return id === 'results/unanswered-empty-object' || store.some(({ kind }) => WHOLE_STORE.includes(kind));
}
const WHOLE_STORE: readonly string[] = ['unchanged', 'only-task', 'absent'];

/** Without concurrency, some of the scenarios show as much as all of them. */
const SOME = new Set(catalogue.filter(selected).filter((_, place) => place % 4 === 0));

// Each run waits for most of its time.
t.jobs = 3;
for (const options of [
  { retries: 0, jobs: 32, seed: 1, selected },
  { bail: true, jobs: 32, seed: 2, selected },
  { retries: 0, jobs: 1, seed: 3, selected: (scenario: Scenario) => SOME.has(scenario) },
]) {
  const name = JSON.stringify(options);
  t.test(`files of others are held against no scenario: ${name}`, { buffered: true }, async (t) => {
    const root = t.testdir({ store: {} });
    const judged = await served(t, root, 'store');
    const quiet = new AbortController();
    const noisy = noise(root, quiet.signal);
    // A second run of the kit, with the same seed and so with the same ids, on a store next to the first.
    const sibling = served(t, root, 'sibling').then((other) =>
      eventsOf(catalogue, { ...options, ...other, signal: quiet.signal }),
    );
    const events = await eventsOf(catalogue, { ...options, ...judged });
    quiet.abort();
    await Promise.all([noisy, sibling]);
    const failed = Object.values(resultsOf(events)).filter(({ scenario, attempts: [{ verdict }] }) =>
      scenario.level === 'MAY' ? false : verdict !== 'pass' && verdict !== 'skipped',
    );
    t.strictSame(
      failed.map(({ scenario, attempts }) => [scenario.id, attempts[0]]),
      [],
    );
    t.match(events.at(-1), { kind: 'end', because: 'complete' });
  });
}

/** Shows that the target noticed a task that the kit put into its store. */
function notice(root: string, chunk: Buffer): Buffer {
  const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
  void writeFile(join(root, 'store', 'submitted', `${task_id}.json`), '{}');
  return Buffer.alloc(0);
}

t.test('a task file that comes late fails one SHOULD, and no MUST', async (t) => {
  const root = t.testdir({ store: { received: {}, submitted: {}, results: {} } });
  const writes: Promise<void>[] = [];
  const server = await answering((chunk) => {
    if (chunk.readUInt32BE(0) !== SUBMIT) return notice(root, chunk);
    const { task_id, task_description, from_addr } = JSON.parse(chunk.subarray(8).toString()) as Record<
      string,
      string
    >;
    const task = {
      task_id,
      task_description,
      created_at: '2025-06-01T12:00:00Z',
      status: 'NEW',
      from: from_addr,
    };
    const file = join(root, 'store', 'received', `${task_id}.json`);
    writes.push(setTimeout(1000).then(() => writeFile(file, JSON.stringify(task), { mode: 0o600 })));
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const attempts = await attemptsOf(catalogue, {
    target: server.address,
    store: await observeStore(join(root, 'store')),
    jobs: 32,
    selected: ({ id }) => /^store\/(submitted|description|unknown)-/.test(id),
  });
  await Promise.all(writes);
  const failed = Object.entries(attempts).filter(([, { verdict }]) => verdict === 'fail');
  t.strictSame(
    failed.map(([id]) => id),
    ['store/submitted-task-kept'],
  );
  t.match(attempts['store/submitted-task-status'], { verdict: 'pass' });
});

/** A server that writes a file named after the task to the folder `away`, unless `isSafe`. */
async function escaping(t: Test) {
  const root = t.testdir({ store: { received: {}, submitted: {} }, away: { 'other.json': '', folder: {} } });
  const written: string[] = [];
  const target = { isSafe: false };
  const server = await answering((chunk) => {
    if (chunk.readUInt32BE(0) !== SUBMIT) return notice(root, chunk);
    const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
    if (!chunk.includes('Escape')) void writeFile(join(root, 'store', 'received', `${task_id}.json`), '{}');
    if (!target.isSafe && chunk.includes('Escape')) {
      written.push(`${task_id}.json`);
      for (const path of [`away/${task_id}.json`, `away/${task_id}.json.lock`, `${task_id}.json`])
        void writeFile(join(root, path), '{}');
    }
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const scenario: Scenario = {
    ...LEGAL,
    steps: [send(submit({ task_description: string('Escape') }))],
    store: [
      { kind: 'absent', path: concat(text(`${root}/away/`), taskId(), text('.json')) },
      { kind: 'unchanged' },
    ],
  };
  const judge = async () =>
    (
      await attemptsOf([scenario], {
        target: server.address,
        store: await observeStore(join(root, 'store')),
        seed: 1,
      })
    )['test/legal'];
  return { root, written, target, judge };
}

t.test('a file that a scenario left outside the store is removed, and nothing else', async (t) => {
  const { root, judge } = await escaping(t);
  t.match(await judge(), {
    verdict: 'fail',
    mismatches: [{ text: /away.* was written/ }, { text: /json was written/ }],
  });
  t.strictSame((await readdir(join(root, 'away'))).sort(), ['folder', 'other.json']);
});

t.test('a file that an earlier run with the same seed left is held against no scenario', async (t) => {
  const { root, written, target, judge } = await escaping(t);
  await judge();
  target.isSafe = true;
  for (const name of written) await writeFile(join(root, 'away', name), 'left');
  t.match(await judge(), { verdict: 'pass' });
});
