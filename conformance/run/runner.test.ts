import type net from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { fromUnixMs, Receiver, Server, Store, Submitter } from '../../reference/index.ts';
import { catalogue } from '../catalogue/index.ts';
import { observeStore } from '../observers/store.ts';
import { summarise } from '../report/summary.ts';
import { SUBMIT, text } from '../scenario/bytes.ts';
import { frame } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { accepts, closes, rejects, send } from '../scenario/steps.ts';
import { answering, response } from '../testing/answering.ts';
import { closedPort, listen } from '../testing/loopback.ts';
import { eventsOf, LEGAL, resultsOf } from '../testing/runs.ts';
import type { RunEvent } from './events.ts';
import type { RunOptions } from './runner.ts';

const refused: Scenario = {
  ...LEGAL,
  id: 'test/refused',
  requirement: 'Another type is refused.',
  steps: [send(frame(9, text('{}')))],
  accept: [closes()],
  control: 'test/legal',
};

function collect(options: Partial<RunOptions> & Pick<RunOptions, 'target'>): Promise<RunEvent[]> {
  return eventsOf([LEGAL, refused], options);
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
  'the reference passes every scenario, except those that are slow, or measure or kill its process',
  async (t) => {
    const events = await collect({ ...(await referenceWithStore(t)), catalogue });
    for (const { scenario, attempts } of Object.values(resultsOf(events))) {
      const isSkipped = scenario.slow || scenario.kill || scenario.maxGrowth !== undefined;
      t.equal(attempts[0].verdict, isSkipped ? 'skipped' : 'pass', scenario.id);
    }
    t.match(summarise(events), { exitStatus: 0, planned: catalogue.length });
  },
);

t.test('a longer deadline of the run is that of the scenario that judges it (S8)', async (t) => {
  const server = await answering((frame) => response(frame, 200));
  t.teardown(() => server.close());
  const id = 'submit/answer-within-deadline';
  for (const [answerWithinMs, withinMs] of [
    [undefined, 5000],
    [20_000, 20_000],
    [1000, 5000],
  ] as const) {
    const selected = (scenario: Scenario): boolean => scenario.id === id;
    const events = await eventsOf(catalogue, { target: server.address, selected, answerWithinMs });
    const { scenario, attempts } = resultsOf(events)[id] ?? {};
    t.match(scenario?.accept, [{ withinMs }]);
    t.equal(attempts?.[0].verdict, 'pass');
  }
});

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
    t.equal(resultsOf(events)['submit/description-at-cap']?.attempts[0].verdict, 'skipped');
    t.equal(resultsOf(events)['submit/description-over-cap']?.attempts[0].verdict, 'skipped');
  },
);

t.test('a refusal without a passing control proves nothing', async (t) => {
  const server = await listen((socket) => socket.destroy());
  t.teardown(server.close);
  const events = await collect({ target: server.address });
  t.equal(resultsOf(events)['test/legal']?.attempts[0].verdict, 'fail');
  t.equal(resultsOf(events)['test/refused']?.attempts[0].verdict, 'inconclusive');
  t.equal(summarise(events).exitStatus, 4, 'no byte came back');
});

t.test('a control that was not selected runs and is not counted', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const events = await collect({ target: server.address, selected: ({ id }) => id === 'test/refused' });
  t.match(events[0], { kind: 'plan', planned: ['test/refused'], controls: ['test/legal'] });
  t.match(resultsOf(events)['test/legal'], { onlyAsControl: true });
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
    jobs: 1,
    catalogue: [LEGAL, refused, { ...LEGAL, id: 'test/later' }],
  });
  t.match(resultsOf(events)['test/legal'], { attempts: [{ verdict: 'pass' }] });
  t.match(resultsOf(events)['test/refused'], { attempts: [{ verdict: 'fail', targetDied: true }] });
  t.notOk(resultsOf(events)['test/later']);
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
  const flaky = await collect({ target: server.address, catalogue: [LEGAL, mislabelled] });
  t.match(resultsOf(flaky)['test/refused'], {
    attempts: [{ verdict: 'fail' }, { verdict: 'pass' }, { verdict: 'pass' }],
  });
  t.equal(resultsOf(flaky)['test/refused']?.attempts.length, 3);
  t.equal(summarise(flaky).exitStatus, 1, 'flaky is no pass');

  const constant = await collect({
    target: server.address,
    catalogue: [{ ...LEGAL, accept: [rejects()] }],
    retries: 1,
  });
  t.match(resultsOf(constant)['test/legal'], {
    attempts: [{ verdict: 'fail' }, { verdict: 'fail' }],
  });
  t.equal(resultsOf(constant)['test/legal']?.attempts.length, 2);
});

t.test('a target that does not listen is unreachable', async (t) => {
  const events = await collect({ target: await closedPort() });
  t.match(events, [{ kind: 'unreachable', code: 'ECONNREFUSED' }]);
  const said = { ended: 'exit status 1', lines: ['panic: boom'] };
  t.match(await eventsOf([LEGAL], { target: await closedPort(), describeEnd: async () => said }), [{ said }]);
  t.equal(summarise(events).exitStatus, 3);
});

t.test('a run that is over before its plan names its target', async (t) => {
  const { address: target, close } = await listen((socket) => socket.resume());
  t.teardown(close);
  t.match(await eventsOf([LEGAL], { target, maxTimeMs: 50 }), [
    { kind: 'end', because: 'out-of-time', target },
  ]);
});

t.test('an interruption ends the run and keeps the results so far', async (t) => {
  const controller = new AbortController();
  const server = await answering((chunk) => {
    if (chunk.readUInt32BE(0) === 9) controller.abort();
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const events = await collect({ target: server.address, signal: controller.signal });
  t.match(resultsOf(events)['test/legal'], { attempts: [{ verdict: 'pass' }] });
  t.match(events.at(-1), { kind: 'end', because: 'interrupted' });
  t.equal(summarise(events).exitStatus, 130);
});

t.test("the profile shows the target's choices where the protocol permits several", async (t) => {
  const server = await listen((socket) => socket.once('data', (chunk) => socket.write(response(chunk, 400))));
  t.teardown(server.close);
  const [plan] = await collect({ target: server.address, catalogue: [LEGAL] });
  t.match(plan, { kind: 'plan', profile: { answers: true, policy: 'rejects', keepsOpen: true } });
  t.match(plan, { deadlines: { answerBounds: { floor: 5000, cap: 30_000 } }, maxMs: Number });
});

t.test('a seed fixes the order, and a target that keeps tasks meets no id twice', async (t) => {
  const kept = new Set<string>();
  let repeated = 0;
  const server = await answering((chunk) => {
    const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
    if (kept.has(task_id)) repeated += 1;
    const status = kept.has(task_id) ? 400 : 200;
    kept.add(task_id);
    return response(chunk, status);
  });
  t.teardown(server.close);
  const scenarios = Array.from(
    { length: 10 },
    (_, id): Scenario => ({ ...LEGAL, id: `test/${id}`, accept: [accepts()], needs: 'accepting' }),
  );
  const even: RunOptions['selected'] = ({ id }) => /[02468]$/.test(id);
  const runWith = async (seed: number, selected: RunOptions['selected'] = () => true) => {
    const options = { target: server.address, catalogue: scenarios, seed, selected, jobs: 1 };
    const results = resultsOf(await collect(options));
    return Object.entries(results).map(([id, { attempts }]) => `${id} ${attempts[0].verdict}`);
  };
  const first = await runWith(7);
  t.ok(first.every((line) => line.endsWith(' pass')));
  t.strictSame(await runWith(7), first, 'a second run of the seed');
  t.notSame(await runWith(8), first, 'another seed');
  const shards = [...(await runWith(7, even)), ...(await runWith(7, (scenario) => !even(scenario)))];
  t.strictSame(shards.toSorted(), first.toSorted(), 'shards of a run of the seed');
  t.equal(repeated, 0);
});

t.test('--bail ends the run at the first failed MUST', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const failing: Scenario = { ...LEGAL, id: 'test/failing', accept: [rejects()] };
  const catalogue = [
    { ...failing, id: 'test/should', level: 'SHOULD' } as const,
    failing,
    { ...LEGAL, id: 'test/later' },
  ];
  const events = await collect({ target: server.address, catalogue, bail: true });
  t.strictSame(Object.keys(resultsOf(events)).sort(), ['test/failing', 'test/should']);
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
  const catalogue = [LEGAL, refused, { ...LEGAL, id: 'test/later' }];
  const events = await collect({ target: server.address, catalogue, restart });
  t.match(resultsOf(events)['test/refused'], { attempts: [{ verdict: 'fail', targetDied: true }] });
  t.match(resultsOf(events)['test/later'], { attempts: [{ verdict: 'pass' }] });
  t.match(events.at(-1), { kind: 'end', because: 'complete' });
  t.equal(restarts, 2, 'once for each attempt');
  t.equal(summarise(events).exitStatus, 1);
});

t.test('connections are announced before they are opened', async (t) => {
  let announced = 0;
  let opened = 0;
  let unannounced = 0;
  const server = await listen((socket) => {
    opened += 1;
    if (opened > announced) unannounced += 1;
    socket.once('data', (chunk) => socket.end(response(chunk, 200)));
  });
  t.teardown(server.close);
  const events = await collect({
    target: server.address,
    beforeConnections: async (count) => {
      await new Promise((resolve) => setImmediate(resolve));
      announced += count;
    },
  });
  t.equal(summarise(events).exitStatus, 0);
  t.ok(opened > 20, 'also those of the preflight');
  t.equal(unannounced, 0);
});
