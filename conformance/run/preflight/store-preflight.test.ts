import { appendFile, chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { observeStore } from '../../observers/store.ts';
import { summarise } from '../../report/summary.ts';
import { SEND_RESULTS, STATUS_UPDATE, SUBMIT, taskId } from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answering, response } from '../../testing/answering.ts';
import { eventsOf, resultsOf } from '../../testing/runs.ts';
import { newTaskId } from '../../util/task-id.ts';
import { DeadlineEstimate } from '../timing/deadlines.ts';
import {
  reasonToSkipPreloaded,
  type StorePreflightOptions,
  type StoreProfile,
  storePreflight,
} from './store-preflight.ts';

type Fields = Readonly<Record<string, string>>;

/** Stores what a frame asks for, in the store in this folder. */
type Keeping = (type: number, fields: Fields, folder: string) => Promise<void>;

const FOLDERS = new Map([
  [SUBMIT, 'received'],
  [STATUS_UPDATE, 'submitted'],
  [SEND_RESULTS, 'submitted'],
]);

/** Writes a task's file for these frame types only. */
function keeps(...types: readonly number[]): Keeping {
  return async (type, fields, folder) => {
    const file = join(folder, FOLDERS.get(type) ?? '', `${fields['task_id']}.json`);
    if (types.includes(type)) await writeFile(file, JSON.stringify({ status: 'NEW', ...fields, type }));
  };
}

/** A target with its store. It works on the store only after it has answered. */
async function targetOf(t: Test, keep: Keeping, status = 200) {
  const folder = join(t.testdir({ store: { received: {}, submitted: {}, results: {} } }), 'store');
  const server = await answering((chunk) => {
    const fields = JSON.parse(chunk.subarray(8).toString()) as Fields;
    setImmediate(() => void keep(chunk.readUInt32BE(0), fields, folder));
    return response(chunk, status);
  });
  t.teardown(server.close);
  return { folder, store: await observeStore(folder), target: server.address };
}

interface Situation {
  readonly status?: number;
  readonly mode?: number;
  readonly restart?: StorePreflightOptions['restart'];
}

async function profileOf(t: Test, keep: Keeping, { status = 200, mode = 0o700, restart }: Situation = {}) {
  const { folder, store, target } = await targetOf(t, keep, status);
  await chmod(folder, mode);
  return storePreflight(store, target, {
    deadlines: { ...new DeadlineEstimate().now, answerMs: 300, quietMs: 10 },
    newTaskId,
    isAccepting: status === 200,
    restart,
  });
}

const IGNORED = 'not noticed by the target';

t.test('a target that uses its store shows both', async (t) => {
  t.same(await profileOf(t, keeps(SUBMIT, STATUS_UPDATE, SEND_RESULTS)), {
    received: 'kept',
    planted: 'noticed',
  });
});

t.test('a target that ignores one of the two messages still uses its store', async (t) => {
  t.match(await profileOf(t, keeps(SUBMIT, STATUS_UPDATE)), { planted: 'noticed' });
  t.match(await profileOf(t, keeps(SUBMIT, SEND_RESULTS)), { planted: 'noticed' });
});

t.test('a target that keeps its tasks in memory shows neither, and is not restarted', async (t) => {
  const restart = (): Promise<void> => Promise.reject(new Error('no restart was expected'));
  t.same(await profileOf(t, keeps(), { restart }), { received: 'not seen', planted: IGNORED });
});

t.test('a target that rejects everything stores no received task', async (t) => {
  const profile = await profileOf(t, keeps(STATUS_UPDATE), { status: 400 });
  t.same(profile, { received: 'not seen', planted: 'noticed' });
});

t.test(
  'a store that the kit cannot write to',
  { skip: process.getuid?.() === 0 && 'root may' },
  async (t) => {
    t.match(await profileOf(t, keeps(SUBMIT), { mode: 0o500 }), { planted: 'refused by the file system' });
  },
);

t.test('a running target need not notice a task that was put into its store', async (t) => {
  t.match(await profileOf(t, keeps(SUBMIT)), { planted: 'not noticed by the running target' });
  const known = new Set<string>();
  const profile = await profileOf(
    t,
    async (type, fields, folder) => {
      if (type === SUBMIT || known.has(`${fields['task_id']}.json`)) await keeps(type)(type, fields, folder);
    },
    {
      restart: async () => {
        const { testdirName } = t;
        for (const name of await readdir(join(testdirName, 'store', 'submitted'))) known.add(name);
      },
    },
  );
  t.same(profile, { received: 'kept', planted: 'noticed only after a restart' });
});

t.test('a target that ignores tasks in its store even after a restart', async (t) => {
  const profile = await profileOf(t, keeps(SUBMIT), { restart: async () => {} });
  t.same(profile, { received: 'kept', planted: 'ignored even after a restart' });
});

t.test('a failed restart is not held against the store', async (t) => {
  const profile = await profileOf(t, keeps(SUBMIT), { restart: () => Promise.reject(new Error('injected')) });
  t.same(profile, { received: 'kept', planted: IGNORED });
});

/** Other layouts, by what is found; undefined for what is no other layout. */
const LAYOUTS: readonly (readonly [what: string, found: RegExp | undefined, Keeping])[] = [
  [
    'another folder and format',
    /^tasks\/[-\w]+\.yaml$/,
    async (_, { task_id }, folder) => {
      await mkdir(join(folder, 'tasks'), { recursive: true });
      await writeFile(join(folder, 'tasks', `${task_id}.yaml`), 'status: NEW');
    },
  ],
  [
    'ids of its own',
    /^received\/[-\w]+\.json$/,
    (type, fields, folder) => keeps(type)(type, { ...fields, task_id: newTaskId() }, folder),
  ],
  [
    'one file for all tasks',
    /^received\/tasks\.jsonl$/,
    (_, fields, folder) => appendFile(join(folder, 'received', 'tasks.jsonl'), JSON.stringify(fields)),
  ],
  ['the wrong folder', undefined, (_, fields, folder) => keeps(STATUS_UPDATE)(STATUS_UPDATE, fields, folder)],
  [
    'other files',
    undefined,
    (_, _fields, folder) => writeFile(join(folder, 'received', 'state'), newTaskId()),
  ],
];

for (const [what, found, keep] of LAYOUTS) {
  t.test(`the layout of a store with ${what}`, async (t) => {
    const onSubmit: Keeping = async (type, ...rest) => {
      if (type === SUBMIT) await keep(type, ...rest);
    };
    const { received, layout } = await profileOf(t, onSubmit);
    t.equal(received, found === undefined ? 'not seen' : 'not recognised');
    t.match(layout, found && { sought: /^received\/[-\w]+\.json$/, found });
    t.equal(layout?.found === layout?.sought, found === undefined);
  });
}

/** A run of three scenarios: S9 of level SHOULD and of level MUST, and U2. */
async function runOf(t: Test, keep: Keeping) {
  const { store, target } = await targetOf(t, keep);
  const ids = ['store/submitted-task-kept', 'store/submitted-task-status', 'status/store-accepted'];
  const events = await eventsOf(catalogue, {
    ...{ target, store, retries: 0 },
    selected: ({ id }) => ids.includes(id),
  });
  const verdicts = ids.map((id) => resultsOf(events)[id]?.attempts[0].verdict);
  return { events, verdicts, summary: summarise(events) };
}

t.test('a run ends without a verdict if the layout is another one', async (t) => {
  const { events, summary } = await runOf(t, async (_, { task_id }, folder) =>
    writeFile(join(folder, `${task_id}.yaml`), ''),
  );
  t.match(events.at(-1), { kind: 'end', because: 'store-not-recognised' });
  t.match(summary, {
    exitStatus: 4,
    verdict: 'no verdict',
    reason: /another layout: received\/[-\w]+\.json was looked for, [-\w]+\.yaml was found$/,
  });
});

t.test('a target that stores nothing fails the SHOULD alone', async (t) => {
  t.strictSame((await runOf(t, keeps())).verdicts, ['fail', 'skipped', 'skipped']);
});

t.test('which scenarios with preloaded tasks are skipped', async (t) => {
  const submitted: Scenario['preloaded'] = [{ side: 'submitted', taskId: taskId(), status: 'NEW' }];
  const received: Scenario['preloaded'] = [{ side: 'received', taskId: taskId(), status: 'DECLINED' }];
  const cases: readonly (readonly [StoreProfile['planted'], RegExp | undefined, RegExp | undefined])[] = [
    ['noticed', undefined, undefined],
    // The target ignores what it should do, which is a failure and no reason to skip.
    ['ignored even after a restart', undefined, undefined],
    ['noticed only after a restart', /only after a restart$/, undefined],
    ['not noticed by the running target', /--exec/, undefined],
    ['not noticed by the target', /by the target$/, undefined],
    ['refused by the file system', /refused/, /refused/],
  ];
  for (const [planted, forSubmitted, forReceived] of cases) {
    const profile: StoreProfile = { received: 'kept', planted };
    const matches = (preloaded: Scenario['preloaded'], reason: RegExp | undefined): void => {
      const is = reasonToSkipPreloaded(preloaded ? { preloaded } : {}, profile);
      if (reason === undefined) t.equal(is, undefined, planted);
      else t.match(is, reason);
    };
    matches(submitted, forSubmitted);
    matches([...submitted, ...received], forSubmitted);
    matches(received, forReceived);
    matches(undefined, undefined);
  }
});
