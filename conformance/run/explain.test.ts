/** Servers that conform, or have one fault, and that earlier looked as if they had others. */

import type net from 'node:net';
import t from 'tap';
import { concat, repeat, slice, taskId, text } from '../scenario/bytes.ts';
import { quoted, submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { accepts, answers, closes, fin, NOT_ACCEPTED, send } from '../scenario/steps.ts';
import { answering, response } from '../testing/answering.ts';
import { listen } from '../testing/loopback.ts';
import { attemptsOf, eventsOf, LEGAL, resultsOf } from '../testing/runs.ts';
import { run } from './runner.ts';

/** Tests that wait for deadlines run side by side. */
const WAITING = { buffered: true };
t.jobs = 3;

const BIG = text('1'.repeat(5000));

function accepted(id: string, more: Partial<Scenario> = {}): Scenario {
  return { ...LEGAL, id: `test/${id}`, accept: [accepts()], needs: 'accepting', control: LEGAL.id, ...more };
}

const PLAIN = accepted('plain');
const UNKNOWN_FIELD = accepted('unknown-field', { steps: [send(submit({ x: text('1') }))] });
const LARGE = accepted('large', { steps: [send(submit({ x: BIG }))] });
const LONG = accepted('long', {
  steps: [send(submit({ task_description: quoted(concat(taskId(), repeat('a', 200))) }))],
  policyControl: submit({ task_description: quoted(concat(taskId(), repeat('b', 200))) }),
});
const MALFORMED: Scenario = {
  ...LEGAL,
  id: 'test/malformed',
  steps: [send(submit({ task_id: text('1') }))],
  accept: NOT_ACCEPTED,
  control: LEGAL.id,
};

const descriptions = new Set<string>();

/** Each decides a SUBMIT: whether it is accepted. `count` counts them. */
const POLICIES: Readonly<
  Record<
    string,
    { accepts: (payload: string, count: number) => boolean; skipped: string[]; failed?: string[] }
  >
> = {
  'an inbox that is full': {
    accepts: (_, count) => count <= 5,
    skipped: ['test/plain', 'test/unknown-field', 'test/large', 'test/long', 'test/malformed'],
  },
  'large messages': { accepts: ({ length }) => length < 4096, skipped: ['test/large'] },
  'long descriptions': { accepts: (payload) => !/[ab]{100}/.test(payload), skipped: ['test/long'] },
  'descriptions that were seen before': {
    accepts: (payload) => {
      const { task_description } = JSON.parse(payload) as { task_description: string };
      return !descriptions.has(task_description) && descriptions.add(task_description).size > 0;
    },
    skipped: [],
  },
  'one field, which is a fault': {
    accepts: (payload) => !payload.includes('"x"'),
    skipped: [],
    failed: ['test/unknown-field', 'test/large'],
  },
};

for (const [what, { accepts, skipped, failed = [] }] of Object.entries(POLICIES)) {
  t.test(`a policy that rejects ${what}`, async (t) => {
    let count = 0;
    const server = await answering((chunk) => {
      count += 1;
      const payload = chunk.subarray(8).toString();
      const isMalformed = payload.includes('"task_id":1,');
      return response(chunk, !isMalformed && accepts(payload, count) ? 200 : 400);
    });
    t.teardown(() => server.close());
    const catalogue = [LEGAL, PLAIN, UNKNOWN_FIELD, LARGE, LONG, MALFORMED];
    const verdicts = await attemptsOf(catalogue, { target: server.address, jobs: 1 });
    const withVerdict = (verdict: string) =>
      Object.keys(verdicts).filter((id) => verdicts[id]?.verdict === verdict);
    t.strictSame(withVerdict('skipped').sort(), skipped.toSorted());
    t.strictSame(withVerdict('fail').sort(), failed.toSorted());
    t.ok(skipped.every((id) => /by policy \(S7\)/.test(JSON.stringify(verdicts[id]))));
  });
}

t.test('addresses of the run are in every SUBMIT', async (t) => {
  const addresses = { from: '0:0000.0000.00aa', to: '0:0000.0000.00bb' };
  const server = await answering((chunk) =>
    response(chunk, Object.values(addresses).every((address) => chunk.includes(address)) ? 200 : 400),
  );
  t.teardown(() => server.close());
  const catalogue = [LEGAL, PLAIN, LARGE, LONG];
  const own = await attemptsOf(catalogue, { target: server.address, addresses });
  t.ok(Object.values(own).every(({ verdict }) => verdict === 'pass'));
  const others = await attemptsOf([LEGAL, PLAIN], { target: server.address });
  t.match(others, { 'test/plain': { verdict: 'skipped', lacks: 'acceptance' } });
});

t.test('a missing id in the answers is one fault', async (t) => {
  const server = await answering((chunk) => {
    const answer = response(chunk, 200);
    return Buffer.from(
      answer.toString('latin1').replace(/"task_id":"[^"]*"/, `"task_id":"${' '.repeat(36)}"`),
      'latin1',
    );
  });
  t.teardown(() => server.close());
  const echo = {
    ...LEGAL,
    id: 'submit/task-id-echoed',
    clause: 'S3',
    accept: [answers({ taskId: taskId() })],
  };
  const catalogue = [LEGAL, echo, PLAIN, accepted('form', { clause: 'S10' })];
  t.match(await attemptsOf(catalogue, { target: server.address }), {
    'submit/task-id-echoed': { verdict: 'fail' },
    'test/plain': { verdict: 'pass' },
    'test/form': { verdict: 'inconclusive', reason: /submit\/task-id-echoed/ },
  });
});

t.test(
  'where no FIN arrives, what rests on it is inconclusive, unless the kit started the target',
  WAITING,
  async (t) => {
    const answerAll = (socket: net.Socket): void => {
      socket.on('data', (chunk) => {
        if (chunk.length > 8) socket.write(response(chunk, 200));
      });
    };
    const server = await listen(answerAll);
    t.teardown(() => server.close());
    const truncated: Scenario = {
      ...LEGAL,
      id: 'test/truncated',
      steps: [send(slice(submit(), 0, 4)), fin()],
      accept: [closes()],
      control: LEGAL.id,
    };
    const target = server.address;
    const [other, own] = await Promise.all([
      attemptsOf([LEGAL, truncated], { target }),
      attemptsOf([LEGAL, truncated], { target, restart: async () => {} }),
    ]);
    t.match(other['test/truncated'], { verdict: 'inconclusive', reason: /FIN.*proxy/ });
    t.match(own['test/truncated'], { verdict: 'fail' });
  },
);

t.test('a late answer to malformed input is no silence', WAITING, async (t) => {
  let isSlow = false;
  const server = await listen((socket) => {
    socket.once('data', (chunk) => {
      // The machine is busy from now on.
      setTimeout(() => socket.end(response(chunk, 200)), isSlow ? 400 : 0);
    });
  });
  t.teardown(() => server.close());
  const events = [];
  for await (const event of run({ catalogue: [LEGAL, MALFORMED], target: server.address })) {
    if (event.kind === 'plan') isSlow = true;
    events.push(event);
  }
  t.match(resultsOf(events)['test/malformed']?.attempts, [{ verdict: 'fail' }]);
});

t.test('a target that cannot serve many connections at once has not died', WAITING, async (t) => {
  const LIMIT = 6;
  const open = new Set<net.Socket>();
  const server = await listen((socket) => {
    open.add(socket.on('close', () => open.delete(socket)));
    socket.on('end', () => socket.end());
    const isIgnored = open.size > LIMIT;
    socket.once('data', (chunk) => {
      // Later than a client needs to open the connections that it opens at once.
      if (!isIgnored) setTimeout(() => socket.end(response(chunk, 200)), 50);
    });
  });
  t.teardown(() => server.close());
  const catalogue = [LEGAL, ...Array.from({ length: 12 }, (_, id) => accepted(`at-once-${id}`))];
  const events = await eventsOf(catalogue, { target: server.address, jobs: 12, retries: 0 });
  t.match(events.at(-1), { kind: 'end', because: 'complete' });
  t.ok(Object.values(resultsOf(events)).every(({ attempts }) => attempts[0].verdict === 'pass'));
});

t.test('a target that starts slowly is awaited, and one that never answers has no verdict', async (t) => {
  const startsAt = Date.now() + 300;
  const starting = await listen((socket) => {
    if (Date.now() < startsAt) socket.end();
    else socket.once('data', (chunk) => socket.end(response(chunk, 200)));
  });
  const gateway = await listen((socket) => socket.end());
  t.teardown(() => {
    starting.close();
    gateway.close();
  });
  const [started, never] = await Promise.all([
    eventsOf([LEGAL], { target: starting.address, startTimeoutMs: 60_000 }),
    eventsOf([LEGAL, MALFORMED], { target: gateway.address, startTimeoutMs: 250 }),
  ]);
  t.match(resultsOf(started)['test/legal']?.attempts, [{ verdict: 'pass' }]);
  t.match(never.at(-1), { kind: 'end', because: 'unanswered' });
});
