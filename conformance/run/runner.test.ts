import { writeFile } from 'node:fs/promises';
import type net from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { fromUnixMs, Receiver, Server, Store, Submitter } from '../../reference/index.ts';
import { catalogue } from '../catalogue/index.ts';
import { observeStore } from '../observers/store.ts';
import { summarise } from '../report/summary.ts';
import { render, SUBMIT, taskId, text } from '../scenario/bytes.ts';
import { frame, submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, closes, rejects, send, silent } from '../scenario/steps.ts';
import { answering, response } from '../testing/answering.ts';
import { closedPort, listen } from '../testing/loopback.ts';
import type { Attempt } from './attempt.ts';
import type { RunEvent, ScenarioResult } from './events.ts';
import { type RunOptions, run } from './runner.ts';

const legal: Scenario = {
  id: 'test/legal',
  clause: 'S1',
  level: 'MUST',
  requirement: 'A legal SUBMIT is answered.',
  steps: [send(submit())],
  accept: [answers()],
};
const refused: Scenario = {
  ...legal,
  id: 'test/refused',
  requirement: 'Another type is refused.',
  steps: [send(frame(9, text('{}')))],
  accept: [closes()],
  control: 'test/legal',
};

async function collect(options: Partial<RunOptions> & Pick<RunOptions, 'target'>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run({ catalogue: [legal, refused], ...options })) events.push(event);
  return events;
}

function results(events: readonly RunEvent[]): Record<string, ScenarioResult> {
  return Object.fromEntries(
    events.flatMap((event) => (event.kind === 'result' ? [[event.result.scenario.id, event.result]] : [])),
  );
}

/** The reference implementation with both roles on one store, and an observer of that store. */
async function referenceWithStore(t: Test) {
  const root = t.testdir({ store: {} });
  const store = await Store.open(join(root, 'store'));
  const clock = () => fromUnixMs(Date.now());
  const { submit } = new Receiver({ store, clock });
  const { statusUpdate, results } = new Submitter({ store, clock });
  const server = new Server({ submit, statusUpdate, results });
  t.teardown(() => server.close({ graceMs: 0 }));
  return {
    target: await server.listenAndServe({ port: 0 }),
    store: await observeStore(join(root, 'store')),
  };
}

t.test(
  'the reference passes every scenario, except those that are slow or measure its process',
  async (t) => {
    const events = await collect({ ...(await referenceWithStore(t)), catalogue });
    for (const { scenario, attempts } of Object.values(results(events))) {
      const isSkipped = scenario.slow || scenario.maxGrowth !== undefined;
      t.equal(attempts[0].verdict, isSkipped ? 'skipped' : 'pass', scenario.id);
    }
    t.match(summarise(events), { exitStatus: 0, planned: catalogue.length });
  },
);

t.test(
  'a target that rejects all tasks by policy conforms, and scenarios that need an accepted task are skipped',
  async (t) => {
    const server = new Server(() => false);
    t.teardown(() => server.close({ graceMs: 0 }));
    const events = await collect({ target: await server.listenAndServe({ port: 0 }), catalogue });
    const { exitStatus, total } = summarise(events);
    t.equal(exitStatus, 0);
    t.ok(total.skipped > 0);
    t.equal(total.fail + total.inconclusive + total.error, 0);
    t.equal(results(events)['submit/description-at-cap']?.attempts[0].verdict, 'skipped');
    t.equal(results(events)['submit/description-over-cap']?.attempts[0].verdict, 'skipped');
  },
);

t.test('a refusal without a passing control proves nothing', async (t) => {
  const server = await listen((socket) => socket.destroy());
  t.teardown(server.close);
  const events = await collect({ target: server.address });
  t.equal(results(events)['test/legal']?.attempts[0].verdict, 'fail');
  t.equal(results(events)['test/refused']?.attempts[0].verdict, 'inconclusive');
  t.equal(summarise(events).exitStatus, 1);
});

t.test('a control that was not selected runs and is not counted', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const events = await collect({ target: server.address, selected: ({ id }) => id === 'test/refused' });
  t.match(events[0], { kind: 'plan', planned: ['test/refused'], controls: ['test/legal'] });
  t.match(results(events)['test/legal'], { onlyAsControl: true });
  t.match(summarise(events), { planned: 1, total: { pass: 1 }, exitStatus: 0 });
});

t.test('a target that dies fails, and the report is complete', async (t) => {
  const server = await listen((socket) =>
    socket.once('data', (chunk) => {
      if (chunk.readUInt32BE(0) === 9) server.close();
      socket.end(response(chunk, 200));
    }),
  );
  const events = await collect({
    target: server.address,
    catalogue: [legal, refused, { ...legal, id: 'test/later' }],
  });
  t.match(results(events)['test/legal'], { attempts: [{ verdict: 'pass' }] });
  t.match(results(events)['test/refused'], { attempts: [{ verdict: 'fail', targetDied: true }] });
  t.notOk(results(events)['test/later']);
  t.match(events.at(-1), { kind: 'end', because: 'target-died' });
  t.match(summarise(events), { exitStatus: 3, planned: 3 });
});

t.test('failures are attempted again, which shows flaky ones', async (t) => {
  let refusals = 0;
  const server = await answering((chunk) => {
    const isProbe = chunk.readUInt32BE(0) === SUBMIT;
    if (!isProbe) refusals += 1;
    return isProbe || refusals === 1
      ? response(Buffer.from(chunk).fill('\0\0\0\x01', 0, 4), 200)
      : Buffer.alloc(0);
  });
  t.teardown(server.close);
  const mislabelled = { ...refused, steps: [send(frame(9, text('{"task_id":"x"}')))] };
  const flaky = await collect({ target: server.address, catalogue: [legal, mislabelled] });
  t.match(results(flaky)['test/refused'], {
    attempts: [{ verdict: 'fail' }, { verdict: 'pass' }, { verdict: 'pass' }],
  });
  t.equal(results(flaky)['test/refused']?.attempts.length, 3);
  t.equal(summarise(flaky).exitStatus, 1, 'flaky is no pass');

  const constant = await collect({
    target: server.address,
    catalogue: [{ ...legal, accept: [rejects()] }],
    retries: 1,
  });
  t.match(results(constant)['test/legal'], {
    attempts: [{ verdict: 'fail' }, { verdict: 'fail' }],
  });
  t.equal(results(constant)['test/legal']?.attempts.length, 2);
});

t.test('a target that does not listen is unreachable', async (t) => {
  const events = await collect({ target: await closedPort() });
  t.match(events, [{ kind: 'unreachable', code: 'ECONNREFUSED' }]);
  t.equal(summarise(events).exitStatus, 3);
});

t.test('an interruption ends the run and keeps the results so far', async (t) => {
  const controller = new AbortController();
  const server = await answering((chunk) => {
    if (chunk.readUInt32BE(0) === 9) controller.abort();
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const events = await collect({ target: server.address, signal: controller.signal });
  t.match(results(events)['test/legal'], { attempts: [{ verdict: 'pass' }] });
  t.match(events.at(-1), { kind: 'end', because: 'interrupted' });
  t.equal(summarise(events).exitStatus, 130);
});

t.test("the profile shows the target's choices where the protocol permits several", async (t) => {
  const server = await listen((socket) => socket.once('data', (chunk) => socket.write(response(chunk, 400))));
  t.teardown(server.close);
  const [plan] = await collect({ target: server.address, catalogue: [legal] });
  t.match(plan, { kind: 'plan', profile: { answers: true, policy: 'rejects', keepsOpen: true } });
});

t.test('a fault of the kit is an error, not a verdict on the target', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const watched: Scenario = { ...legal, maxGrowth: { memoryBytes: 1000 } };
  const process = { usage: () => Promise.reject(new Error('injected')) };
  const events = await collect({ target: server.address, catalogue: [watched], process });
  t.match(results(events)['test/legal'], { attempts: [{ verdict: 'error', reason: /injected/ }] });
  t.equal(summarise(events).exitStatus, 6);
});

/** The first attempt of each of these scenarios. */
async function verdictsOf(
  scenarios: readonly Scenario[],
  options: Partial<RunOptions> & Pick<RunOptions, 'target'>,
): Promise<Record<string, Attempt>> {
  const events = await collect({ catalogue: scenarios, retries: 0, ...options });
  return Object.fromEntries(Object.entries(results(events)).map(([id, { attempts }]) => [id, attempts[0]]));
}

t.test('each copy has other task ids, and one failed copy fails the scenario', async (t) => {
  const ids = new Set<string>();
  const server = await answering((chunk) => {
    ids.add((JSON.parse(chunk.subarray(8).toString()) as { task_id: string }).task_id);
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const echoed = { ...legal, accept: [answers({ taskId: taskId() })] };
  for (const arrangement of ['at-once', 'in-turn'] as const) {
    ids.clear();
    const scenario: Scenario = { ...echoed, copies: { count: 20, arrangement } };
    t.match(await verdictsOf([scenario], { target: server.address }), { 'test/legal': { verdict: 'pass' } });
    t.ok(ids.size >= 20, arrangement);
  }

  let answered = 0;
  const mixingServer = await answering((chunk) => {
    answered += 1;
    return answered === 15 ? response(Buffer.from(submitOf('another')), 200) : response(chunk, 200);
  });
  t.teardown(mixingServer.close);
  const many: Scenario = { ...echoed, copies: { count: 20, arrangement: 'at-once' } };
  t.match(await verdictsOf([many], { target: mixingServer.address }), { 'test/legal': { verdict: 'fail' } });
});

function submitOf(id: string): Uint8Array {
  return render(submit({ task_id: text(JSON.stringify(id)) }), () => '');
}

t.test('background connections stay open during the scenario, which a sequential server shows', async (t) => {
  const queue: net.Socket[] = [];
  const serveNext = (): void => {
    const socket = queue[0];
    socket?.once('data', (chunk) => socket.end(response(chunk, 200)));
    socket?.once('close', () => {
      queue.shift();
      serveNext();
    });
  };
  const server = await listen((socket) => {
    queue.push(socket);
    if (queue.length === 1) serveNext();
  });
  t.teardown(server.close);
  const scenario: Scenario = { ...legal, accept: [closes()], background: { count: 1, steps: [] } };
  const verdicts = await verdictsOf([{ ...scenario, accept: [silent()] }], { target: server.address });
  t.match(
    verdicts,
    { 'test/legal': { verdict: 'pass' } },
    'no answer comes while the background connection is open',
  );
});

t.test('conditions on the store are judged, and effects on it may come late', async (t) => {
  const root = t.testdir({ store: { received: {}, submitted: {}, results: {} } });
  const store = await observeStore(join(root, 'store'));
  const server = await answering((chunk) => {
    const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
    const isSubmit = chunk.readUInt32BE(0) === SUBMIT;
    const task = JSON.stringify({ task_id, status: isSubmit ? 'NEW' : 'ACCEPTED' });
    const folder = join(root, 'store', isSubmit ? 'received' : 'submitted');
    setImmediate(() => void writeFile(join(folder, `${task_id}.json`), task));
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const stored = (status: string): Scenario => ({
    ...legal,
    id: `test/${status}`,
    store: [
      { kind: 'task', side: 'received', taskId: taskId(), fields: { status } },
      { kind: 'only-task', side: 'received', taskId: taskId() },
    ],
  });
  const preloaded: Scenario = {
    ...legal,
    id: 'test/preloaded',
    preloaded: [{ side: 'submitted', taskId: taskId(2), status: 'ACCEPTED' }],
    store: [{ kind: 'task', side: 'submitted', taskId: taskId(2), fields: { status: 'ACCEPTED' } }],
  };
  const scenarios = [stored('NEW'), { ...stored('SUCCEEDED') }, preloaded];
  t.match(await verdictsOf(scenarios, { target: server.address, store }), {
    'test/NEW': { verdict: 'pass' },
    'test/SUCCEEDED': { verdict: 'fail', mismatches: [/status is "NEW"/] },
    'test/preloaded': { verdict: 'pass' },
  });
  t.match(await verdictsOf(scenarios, { target: server.address }), {
    'test/NEW': { verdict: 'skipped', reason: /--tasks-dir/ },
    'test/preloaded': { verdict: 'skipped' },
  });
});

t.test('growth of memory is judged if the process can be measured', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const scenario: Scenario = { ...legal, maxGrowth: { memoryBytes: 1000 } };
  const growing = (step: number): RunOptions['process'] => {
    let memoryBytes = 0;
    return {
      usage: async () => {
        const usage = { memoryBytes, descriptors: 0, threads: 0 };
        memoryBytes = step;
        return usage;
      },
    };
  };
  const verdictWith = (process: RunOptions['process']) =>
    verdictsOf([scenario], { target: server.address, process });
  t.match(await verdictWith(growing(1000)), { 'test/legal': { verdict: 'pass' } });
  t.match(await verdictWith(growing(1001)), {
    'test/legal': { verdict: 'fail', mismatches: [/grew by .* memory/] },
  });
  t.match(await verdictWith(undefined), { 'test/legal': { verdict: 'skipped', reason: /--pid/ } });
  t.match(await verdictWith({ usage: async () => undefined }), { 'test/legal': { verdict: 'inconclusive' } });
});

t.test('slow and heavy scenarios run only on request', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const scenarios: Scenario[] = [
    { ...legal, id: 'test/slow', slow: true },
    { ...legal, id: 'test/heavy', heavy: true },
  ];
  const target = server.address;
  t.match(await verdictsOf(scenarios, { target }), {
    'test/slow': { verdict: 'skipped', reason: /--slow/ },
    'test/heavy': { verdict: 'pass' },
  });
  t.match(await verdictsOf(scenarios, { target, slow: true, heavy: false }), {
    'test/slow': { verdict: 'pass' },
    'test/heavy': { verdict: 'skipped', reason: /--i-own-this-target/ },
  });
});

t.test('a seed fixes the order and the ids', async (t) => {
  const received: string[] = [];
  const server = await answering((chunk) => {
    received.push(chunk.subarray(8).toString());
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const scenarios = Array.from({ length: 10 }, (_, id): Scenario => ({ ...legal, id: `test/${id}` }));
  const runWith = async (seed: number): Promise<string> => {
    received.length = 0;
    const events = await collect({ target: server.address, catalogue: scenarios, seed });
    return JSON.stringify([Object.keys(results(events)), received]);
  };
  t.equal(await runWith(7), await runWith(7));
  t.not(await runWith(7), await runWith(8));
});

t.test('--bail ends the run at the first failed MUST', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const failing: Scenario = { ...legal, id: 'test/failing', accept: [rejects()] };
  const catalogue = [
    { ...failing, id: 'test/should', level: 'SHOULD' } as const,
    failing,
    { ...legal, id: 'test/later' },
  ];
  const events = await collect({ target: server.address, catalogue, bail: true });
  t.strictSame(Object.keys(results(events)).sort(), ['test/failing', 'test/should']);
  t.match(events.at(-1), { kind: 'end', because: 'bailed' });
  t.match(summarise(events), { exitStatus: 1 });
});

t.test('a dead target is restarted, and the run continues', async (t) => {
  let server = await answering((chunk) => response(chunk, 200));
  const { port } = server.address;
  const dying = (socket: net.Socket): void => {
    socket.once('data', (chunk) => {
      if (chunk.readUInt32BE(0) === 9) server.close();
      socket.end(response(chunk, 200));
    });
  };
  server.close();
  server = await listen(dying, port);
  t.teardown(() => server.close());
  let restarts = 0;
  const restart = async (): Promise<void> => {
    restarts += 1;
    server = await listen(dying, port);
  };
  const catalogue = [legal, refused, { ...legal, id: 'test/later' }];
  const events = await collect({ target: server.address, catalogue, restart });
  t.match(results(events)['test/refused'], { attempts: [{ verdict: 'fail', targetDied: true }] });
  t.match(results(events)['test/later'], { attempts: [{ verdict: 'pass' }] });
  t.match(events.at(-1), { kind: 'end', because: 'complete' });
  t.equal(restarts, 3, 'once for each attempt');
  t.equal(summarise(events).exitStatus, 1);
});
