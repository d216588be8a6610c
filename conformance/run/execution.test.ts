import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { summarise } from '../report/summary.ts';
import { text } from '../scenario/bytes.ts';
import { frame, string, submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, closes, send } from '../scenario/steps.ts';
import { response } from '../testing/answering.ts';
import { type Loopback, listen } from '../testing/loopback.ts';
import { eventsOf, LEGAL, resultsOf } from '../testing/runs.ts';
import type { RunEvent } from './events.ts';
import { type RunOptions, run } from './runner.ts';

const KILLER = 9;
const killer: Scenario = {
  ...LEGAL,
  id: 'test/killer',
  steps: [send(frame(KILLER, text('{}')))],
  accept: [closes()],
  control: 'test/legal',
};
const others = Array.from({ length: 10 }, (_, id): Scenario => ({ ...LEGAL, id: `test/other-${id}` }));
const scenarios = [LEGAL, ...others.slice(0, 5), killer, ...others.slice(5)];

function collect(options: Partial<RunOptions> & Pick<RunOptions, 'target'>): Promise<RunEvent[]> {
  return eventsOf(scenarios, options);
}

/** Ids by verdict. */
function verdicts(events: readonly RunEvent[]): Record<string, string[]> {
  const byVerdict: Record<string, string[]> = {};
  for (const event of events) {
    if (event.kind !== 'result' || event.isProvisional) continue;
    const { attempts, scenario } = event.result;
    const [{ verdict }] = attempts;
    byVerdict[verdict] = [...(byVerdict[verdict] ?? []), scenario.id];
  }
  return byVerdict;
}

/** A server that a frame of type 9 kills, together with all its connections. */
async function killableServer(port?: number): Promise<Loopback> {
  const server = await listen((socket) => {
    socket.once('data', (chunk) => {
      if (chunk.readUInt32BE(0) === KILLER) server.close();
      else socket.end(response(chunk, 200));
    });
  }, port);
  return server;
}

t.test('a concurrent scenario that kills the target is found if the target can be restarted', async (t) => {
  let server = await killableServer();
  t.teardown(() => server.close());
  const target = server.address;
  const restart = async (): Promise<void> => {
    server = await killableServer(target.port);
  };
  const said = { ended: 'signal SIGSEGV', lines: ['panic: injected'] };
  const events = await collect({ target, restart, jobs: 8, describeEnd: async () => said });
  t.match(resultsOf(events)['test/killer']?.attempts[0], { said }, 'with what its process said');
  t.strictSame(verdicts(events)['fail'], ['test/killer']);
  t.equal(verdicts(events)['pass']?.length, scenarios.length - 1, 'no other scenario fails');
  t.match(events.at(-1), { kind: 'end', because: 'complete' });
  t.match(summarise(events), { exitStatus: 1, reason: /died in 1 scenario$/ });
});

t.test('a death that no scenario shows alone counts, however the process ended', async (t) => {
  for (const ended of ['signal SIGSEGV', 'exit status 101', 'exit status 0', 'still running', undefined]) {
    let server = await killableServer();
    const target = server.address;
    const restart = async (): Promise<void> => {
      server = await listen((socket) => {
        socket.once('data', (chunk) => {
          if (chunk.readUInt32BE(0) === KILLER) socket.end();
          else socket.end(response(chunk, 200));
        });
      }, target.port);
    };
    const said = ended === undefined ? undefined : { ended, lines: ['two at a time'] };
    const describeEnd = said && (async () => said);
    const events = await collect({ target, restart, jobs: 8, describeEnd });
    await server.close();
    const died = Object.values(resultsOf(events)).flatMap(({ attempts }) =>
      attempts.filter(({ targetDied }) => targetDied),
    );
    t.strictSame(
      died.map(({ verdict, said }) => [verdict, said]),
      [['inconclusive', said]],
      ended ?? 'unknown',
    );
    t.equal(verdicts(events)['pass']?.length, scenarios.length - 1);
    t.equal(Object.values(verdicts(events)).flat().length, scenarios.length, 'each has one result');
    t.match(summarise(events), { exitStatus: 1 });
  }
});

t.test('a scenario that fails alone stays failed, with the crash that none shows alone', async (t) => {
  let server = await killableServer();
  const target = server.address;
  const restart = async (): Promise<void> => {
    server = await listen((socket) => {
      // Whichever shows the end, it fails alone.
      socket.once('data', (chunk) =>
        socket.end(chunk.readUInt32BE(0) === KILLER ? '?' : response(chunk, 500)),
      );
    }, target.port);
  };
  const said = { ended: 'signal SIGSEGV', lines: ['two at a time'] };
  const catalogue = scenarios.map((one) =>
    one === killer ? one : { ...one, accept: [answers({ statuses: [200] })] },
  );
  const events = await eventsOf(catalogue, { target, restart, jobs: 8, describeEnd: async () => said });
  await server.close();
  const died = Object.values(resultsOf(events)).filter(({ attempts }) => attempts[0].targetDied);
  t.match(died, [{ attempts: [{ verdict: 'fail', said }] }]);
  t.equal(died[0]?.attempts.length, 1, 'not flaky');
});

t.test('no other scenario fails for a death if the target cannot be restarted', async (t) => {
  const server = await killableServer();
  const events = await collect({ target: server.address, jobs: 8 });
  const { fail: failed = [], inconclusive = [] } = verdicts(events);
  // The killer fails if all others that ran then did nothing but wait.
  t.strictSame(
    failed.filter((id) => id !== 'test/killer'),
    [],
  );
  t.equal(failed.length + inconclusive.length, 1);
  t.match(events.at(-1), { kind: 'end', because: 'target-died' });
  t.match(summarise(events), { exitStatus: 3, reason: /died (during|after)/ });
});

t.test('without concurrency, the scenario that kills the target fails', async (t) => {
  const server = await killableServer();
  const events = await collect({ target: server.address, jobs: 1 });
  t.strictSame(verdicts(events)['fail'], ['test/killer']);
  t.match(summarise(events), { exitStatus: 3, reason: /died after test\/killer/ });
});

t.test('a failed restart ends the run, with the reason', async (t) => {
  const server = await killableServer();
  const restart = (): Promise<void> => Promise.reject(new Error('no such file'));
  const events = await collect({ target: server.address, jobs: 1, restart });
  t.match(events.at(-1), { kind: 'end', because: 'target-died', detail: 'no such file' });
  t.match(summarise(events), { exitStatus: 3, reason: /no such file/ });
});

t.test('a control that fails only in a concurrent phase leaves every verdict intact', async (t) => {
  let seen = 0;
  const server = await listen((socket) => {
    socket.once('data', (chunk) => {
      if (chunk.readUInt32BE(0) === KILLER) return socket.end();
      const isControl = chunk.includes('the control');
      seen += isControl ? 1 : 0;
      return isControl && seen === 1 ? socket.end() : socket.end(response(chunk, 200));
    });
  });
  t.teardown(server.close);
  const control = { ...LEGAL, steps: [send(submit({ task_description: text('"the control"') }))] };
  const catalogue = [...others.slice(0, 2), control, killer];
  const events = await collect({ target: server.address, catalogue, jobs: 8 });
  t.same(verdicts(events)['pass']?.toSorted(), catalogue.map(({ id }) => id).sort());
});

/** A server that refuses 'concurrent' while it works on another request, and always refuses 'fault'. */
async function disturbedServer(t: Test): Promise<Loopback> {
  let working = 0;
  const server = await listen((socket) => {
    socket.once('data', async (chunk) => {
      working += 1;
      const isFaulty = chunk.includes('fault') || (working > 1 && chunk.includes('concurrent'));
      await setTimeout(10);
      working -= 1;
      socket.end(isFaulty ? Buffer.alloc(0) : response(chunk, 200));
    });
  });
  t.teardown(server.close);
  return server;
}

function described(id: string, description: string, level: Scenario['level'] = 'MUST'): Scenario {
  return { ...LEGAL, id, level, steps: [send(submit({ task_description: string(description) }))] };
}

const concurrent = Array.from({ length: 20 }, (_, n) => described(`test/concurrent-${n}`, 'concurrent'));

for (const options of [
  { retries: 0 },
  { retries: 2 },
  { bail: true },
  { bail: true, retries: 0 },
  { maxFailures: 3 },
]) {
  t.test(
    `a failure next to other scenarios counts only if it repeats alone: ${JSON.stringify(options)}`,
    async (t) => {
      const { address } = await disturbedServer(t);
      for (const jobs of [1, 32]) {
        const events = await eventsOf(concurrent, { target: address, jobs, ...options });
        t.same(Object.keys(verdicts(events)), ['pass']);
        t.equal(verdicts(events)['pass']?.length, concurrent.length);
        t.match(events.at(-1), { because: 'complete' });
      }
    },
  );
}

t.test('a MUST that fails alone too ends the run with --bail, at once', async (t) => {
  const { address } = await disturbedServer(t);
  const faulty = [described('test/fault-should', 'fault', 'SHOULD'), described('test/fault', 'fault')];
  for (const jobs of [1, 8]) {
    const events = await eventsOf([...faulty, ...concurrent], { target: address, jobs, bail: true });
    t.match(events.at(-1), { kind: 'end', because: 'bailed' });
    t.strictSame(verdicts(events)['fail']?.includes('test/fault'), true);
    t.ok((verdicts(events)['pass']?.length ?? 0) < concurrent.length, 'some scenarios did not run');
  }
});

const isJudged = (events: readonly RunEvent[], verdict: string): number =>
  verdicts(events)[verdict]?.length ?? 0;

t.test(
  'the run ends with as many failures as maxFailures permits, each of which repeats alone',
  async (t) => {
    const { address } = await disturbedServer(t);
    const faulty = [1, 2, 3, 4].map((n) => described(`test/fault-${n}`, 'fault'));
    const catalogue = [described('test/fault-should', 'fault', 'SHOULD'), ...faulty, ...concurrent];
    for (const jobs of [1, 8]) {
      const events = await eventsOf(catalogue, { target: address, jobs, maxFailures: 3 });
      t.match(events.at(-1), { kind: 'end', because: 'bailed' });
      const failed = verdicts(events)['fail']?.filter((id) => id !== 'test/fault-should');
      t.equal(failed?.length, 3, `${jobs} jobs: ${failed}`);
      t.ok(isJudged(events, 'pass') < concurrent.length, 'some scenarios did not run');
    }
  },
);

t.test('fewer failures than maxFailures, and those that do not count, end no run', async (t) => {
  const { address } = await disturbedServer(t);
  const faulty = [1, 2, 3].map((n) => described(`test/fault-${n}`, 'fault'));
  for (const limit of [
    { maxFailures: 4 },
    { maxFailures: 1, countsAsFailure: ({ id }: { readonly id: string }) => !id.startsWith('test/fault') },
  ]) {
    const events = await eventsOf([...faulty, ...concurrent], { target: address, jobs: 8, ...limit });
    t.match(events.at(-1), { because: 'complete' });
    t.equal(isJudged(events, 'fail'), 3);
    t.equal(isJudged(events, 'pass'), concurrent.length);
  }
});

t.test('without confirmation, a failure next to other scenarios counts', async (t) => {
  const { address } = await disturbedServer(t);
  const events = await eventsOf(concurrent, { target: address, jobs: 32, retries: 0, confirm: false });
  t.ok(verdicts(events)['fail']);
});

t.test('failures are attempted again in the reverse order', async (t) => {
  const attempted: string[] = [];
  const server = await listen((socket) => {
    socket.once('data', (chunk) => {
      const [fault] = /fault \d/.exec(chunk.toString('latin1')) ?? [];
      if (fault !== undefined) attempted.push(fault);
      socket.end(fault === undefined ? response(chunk, 200) : Buffer.alloc(0));
    });
  });
  t.teardown(server.close);
  const faults = ['fault 1', 'fault 2', 'fault 3'];
  const faulty = faults.map((fault) => described(`test/${fault.replace(' ', '-')}`, fault));
  await eventsOf(faulty, { target: server.address, jobs: 1 });
  t.strictSame(attempted, [...faults, ...faults.toReversed()]);
});

/** A server that answers SUBMITs and keeps every other connection open, and counts those that are open at a time. */
async function keepingServer(t: Test) {
  let open = 0;
  const seen = { most: 0 };
  const server = await listen((socket) => {
    let isCounted = false;
    socket.on('close', () => {
      if (isCounted) open -= 1;
    });
    socket.once('data', (chunk) => {
      isCounted = true;
      open += 1;
      seen.most = Math.max(seen.most, open);
      if (chunk.readUInt32BE(0) !== KILLER) socket.end(response(chunk, 200));
    });
  });
  t.teardown(server.close);
  return { target: server.address, seen };
}

const kept = Array.from(
  { length: 6 },
  (_, n): Scenario => ({
    ...killer,
    id: `test/kept-${n}`,
    accept: [answers()],
  }),
);

t.test('attempts wait side by side, and the full deadline is awaited once', async (t) => {
  const { target, seen } = await keepingServer(t);
  const options = { target, answerWithinMs: 500, catalogue: [LEGAL, ...kept] };
  const events = await collect(options);
  t.ok(seen.most >= kept.length, 'all connections that wait are open at a time');
  t.strictSame(verdicts(events)['fail']?.toSorted(), kept.map(({ id }) => id).sort());
  for (const event of events) {
    if (event.kind !== 'result' || event.isProvisional || event.result.scenario === LEGAL) continue;
    const waited = event.result.attempts.map((attempt) => attempt.waited);
    t.ok(waited.includes('full') && waited.includes('short'), `${event.result.scenario.id}: ${waited}`);
  }
  const announced = events.flatMap((event) => (event.kind === 'waiting' ? [event.ids] : []));
  t.ok(
    announced.some((ids) => kept.every(({ id }) => ids.includes(id))),
    'the wait is announced',
  );

  const oneByOne = await keepingServer(t);
  await collect({ ...options, target: oneByOne.target, jobs: 1 });
  t.equal(oneByOne.seen.most, 1, 'with --jobs 1, nothing waits next to another attempt');
});

t.test('a first failure is announced at once, and again with its result', async (t) => {
  const { target } = await keepingServer(t);
  const events = await collect({ target, answerWithinMs: 200, catalogue: [LEGAL, kept[0] ?? killer] });
  const found = events.flatMap((event) =>
    event.kind === 'result' && event.result.scenario.id === 'test/kept-0' ? [event] : [],
  );
  t.match(found, [
    { isProvisional: true, result: { attempts: { length: 1 } } },
    { isProvisional: undefined, result: { attempts: { length: 2 } } },
  ]);
});

t.test('an interruption keeps every failure that was seen', async (t) => {
  const { target } = await keepingServer(t);
  const controller = new AbortController();
  const { signal } = controller;
  const events: RunEvent[] = [];
  for await (const event of run({ target, answerWithinMs: 200, catalogue: [LEGAL, ...kept], signal })) {
    events.push(event);
    if (event.kind === 'result' && event.isProvisional) controller.abort();
  }
  const announced = events.filter((event) => event.kind === 'result' && event.isProvisional);
  t.ok(announced.length > 0);
  t.equal(verdicts(events)['fail']?.length, announced.length);
  t.match(events.at(-1), { kind: 'end', because: 'interrupted' });
});

t.test('a run ends when its time is over, with what was judged', async (t) => {
  const { target } = await keepingServer(t);
  const may = { ...LEGAL, id: 'test/may', level: 'MAY' } as const;
  const events = await collect({ target, catalogue: [may, ...kept, LEGAL], maxTimeMs: 3000 });
  t.match(events.at(-1), { kind: 'end', because: 'out-of-time' });
  t.match(events[0], { kind: 'plan', maxMs: 3000 });
  const order = events.flatMap((event) => (event.kind === 'result' ? [event.result.scenario.id] : []));
  t.ok(order.indexOf('test/legal') < order.indexOf('test/may'), 'a MUST comes before a MAY');
});
