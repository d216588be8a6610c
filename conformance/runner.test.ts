import t from 'tap';
import { Server } from '../reference/index.ts';
import { frame, SUBMIT, submit, text } from './bytes.ts';
import { catalogue } from './catalogue/index.ts';
import type { RunEvent, ScenarioResult } from './events.ts';
import { closedPort, listen } from './loopback.fixture.ts';
import { type RunOptions, run } from './runner.ts';
import type { Scenario } from './scenario.ts';
import { answers, closes, rejects, send } from './steps.ts';
import { summarise } from './summary.ts';

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

/** A server that answers each first chunk with what `answer` makes of it, then closes. */
function answering(answer: (chunk: Buffer) => Buffer) {
  return listen((socket) => socket.once('data', (chunk) => socket.end(answer(chunk))));
}

/** The answer to a SUBMIT with the given status; no byte to everything else. */
function response(chunk: Buffer, status: number): Buffer {
  if (chunk.readUInt32BE(0) !== SUBMIT) return Buffer.alloc(0);
  const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
  const payload = Buffer.from(JSON.stringify({ task_id, status, message: 'm' }));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(SUBMIT, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

t.test('the reference passes every scenario', async (t) => {
  const server = new Server(() => true);
  t.teardown(() => server.close({ graceMs: 0 }));
  const events = await collect({ target: await server.listenAndServe({ port: 0 }), catalogue });
  for (const { scenario, verdict } of Object.values(results(events)))
    t.equal(verdict.verdict, 'pass', scenario.id);
  t.match(summarise(events), { exitStatus: 0, planned: catalogue.length, total: { pass: catalogue.length } });
});

t.test('a target that rejects by policy conforms, and what it cannot show is skipped', async (t) => {
  const server = new Server(() => false);
  t.teardown(() => server.close({ graceMs: 0 }));
  const events = await collect({ target: await server.listenAndServe({ port: 0 }), catalogue });
  const { exitStatus, total } = summarise(events);
  t.equal(exitStatus, 0);
  t.ok(total.skipped > 0);
  t.equal(total.fail + total.inconclusive + total.error, 0);
  t.equal(results(events)['submit/description-at-cap']?.verdict.verdict, 'skipped');
  t.equal(results(events)['submit/description-over-cap']?.verdict.verdict, 'skipped');
});

t.test('a refusal without a passing control proves nothing', async (t) => {
  const server = await listen((socket) => socket.destroy());
  t.teardown(server.close);
  const events = await collect({ target: server.address });
  t.equal(results(events)['test/legal']?.verdict.verdict, 'fail');
  t.equal(results(events)['test/refused']?.verdict.verdict, 'inconclusive');
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

t.test('a target that dies is no pass, and the report stays whole', async (t) => {
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
  t.match(results(events)['test/legal'], { verdict: { verdict: 'pass' } });
  t.match(results(events)['test/refused'], { verdict: { verdict: 'fail' }, targetDied: true });
  t.notOk(results(events)['test/later']);
  t.match(events.at(-1), { kind: 'end', because: 'target-died' });
  t.match(summarise(events), { exitStatus: 3, planned: 3 });
});

t.test('failures are played again, and a flaky one is told from a constant one', async (t) => {
  let refusals = 0;
  const server = await answering((chunk) => {
    const isProbe = chunk.readUInt32BE(0) === SUBMIT;
    if (!isProbe) refusals += 1;
    return isProbe || refusals === 1
      ? response(Buffer.from(chunk).fill('\0\0\0\x01', 0, 4), 200)
      : Buffer.alloc(0);
  });
  t.teardown(server.close);
  const lying = { ...refused, steps: [send(frame(9, text('{"task_id":"x"}')))] };
  const flaky = await collect({ target: server.address, catalogue: [legal, lying] });
  t.match(results(flaky)['test/refused'], { verdict: { verdict: 'fail', failedPlays: 1, plays: 3 } });
  t.equal(summarise(flaky).exitStatus, 1, 'flaky is no pass');

  const constant = await collect({
    target: server.address,
    catalogue: [{ ...legal, accept: [rejects()] }],
    retries: 1,
  });
  t.match(results(constant)['test/legal'], { verdict: { verdict: 'fail', failedPlays: 2, plays: 2 } });
});

t.test('nobody listens', async (t) => {
  const events = await collect({ target: await closedPort() });
  t.match(events, [{ kind: 'unreachable', code: 'ECONNREFUSED' }]);
  t.equal(summarise(events).exitStatus, 3);
});

t.test('an interruption ends the run with what was done so far', async (t) => {
  const controller = new AbortController();
  const server = await answering((chunk) => {
    if (chunk.readUInt32BE(0) === 9) controller.abort();
    return response(chunk, 200);
  });
  t.teardown(server.close);
  const events = await collect({ target: server.address, signal: controller.signal });
  t.match(results(events)['test/legal'], { verdict: { verdict: 'pass' } });
  t.match(events.at(-1), { kind: 'end', because: 'interrupted' });
  t.equal(summarise(events).exitStatus, 130);
});

t.test('the profile tells what the protocol leaves free', async (t) => {
  const server = await listen((socket) => socket.once('data', (chunk) => socket.write(response(chunk, 400))));
  t.teardown(server.close);
  const [plan] = await collect({ target: server.address, catalogue: [legal] });
  t.match(plan, { kind: 'plan', profile: { answers: true, policy: 'rejects', keepsOpen: true } });
});

t.test('a fault of the kit is an error, not a verdict on the target', async (t) => {
  const server = await answering((chunk) => response(chunk, 200));
  t.teardown(server.close);
  const broken: Scenario = {
    ...legal,
    get steps(): Scenario['steps'] {
      throw new Error('planted');
    },
  };
  const events = await collect({ target: server.address, catalogue: [broken] });
  t.match(results(events)['test/legal'], { verdict: { verdict: 'error', reason: /planted/ } });
  t.equal(summarise(events).exitStatus, 6);
});
