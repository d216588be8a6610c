/** A target that refuses or misunderstands everything never passes by a refusal, and never conforms. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { catalogue } from '../../catalogue/index.ts';
import { summarise } from '../../report/summary.ts';
import type { RunEvent } from '../../run/events.ts';
import { run } from '../../run/runner.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closedPort } from '../../testing/loopback.ts';
import type { Address } from '../../wire/transport.ts';
import { childEnvironment } from './process.ts';

/** Servers of foreign protocols, as JavaScript. Each runs in its own process, so that the runner does not slow it down. */
const FOREIGN_SERVERS = {
  'closes every connection': 'net.createServer((socket) => socket.destroy())',
  'never answers': 'net.createServer({ allowHalfOpen: true }, () => {})',
  echoes: 'net.createServer((socket) => socket.pipe(socket))',
  'speaks HTTP': 'http.createServer((_, response) => response.end("hello"))',
};
const ALWAYS_200 = `net.createServer((socket) => {
  const payload = Buffer.from('{"task_id":"","status":200,"message":"ok"}');
  socket.once('data', () => socket.end(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]), payload])));
})`;

/** A program that prints its port, and serves until its standard input ends. */
function program(server: string): string {
  return `process.stdin.on('end', () => process.exit()).resume();
    process.on('uncaughtException', () => {});
    const server = ${server};
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    server.on('connection', (socket) => socket.on('error', () => {}));`;
}

async function start(t: Test, server: string): Promise<Address> {
  const child = spawn(process.execPath, ['-e', program(server)], {
    env: childEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(async () => {
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
  });
  const [line] = await once(child.stdout, 'data');
  return { host: '127.0.0.1', port: Number(line) };
}

async function eventsOf(target: Address): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run({ target, catalogue, retries: 0, jobs: 32 })) events.push(event);
  return events;
}

/** Asserts that no scenario passes by a refusal, except those that refuse nothing, and that the run does not succeed. */
async function assertRefused(
  t: Test,
  target: Address,
  isNoRefusal: (scenario: Scenario) => boolean = () => false,
): Promise<void> {
  const events = await eventsOf(target);
  const refusals = events.flatMap((event) => {
    if (event.kind !== 'result' || event.isProvisional) return [];
    const { scenario, attempts } = event.result;
    const [attempt] = attempts;
    if (attempt.verdict !== 'pass') return [];
    const { outcome } = attempt;
    const isRefusal = outcome.kind !== 'answers' || outcome.statuses?.includes(200) === false;
    return isRefusal && !isNoRefusal(scenario) ? [scenario.id] : [];
  });
  t.strictSame(refusals, []);
  const { exitStatus, verdict } = summarise(events);
  t.not(exitStatus, 0);
  t.not(verdict, 'conforms');
}

// The subtests run in parallel, because each waits for most of its time.
t.jobs = 6;
for (const [name, server] of Object.entries(FOREIGN_SERVERS)) {
  t.test(name, { buffered: true }, async (t) => assertRefused(t, await start(t, server)));
}

t.test('answers 200 to everything', { buffered: true }, async (t) => {
  // It may pass scenarios that send nothing, to which silence is right, and those that reset the connection.
  const isNoRefusal = ({ steps }: Scenario): boolean =>
    steps.every(({ do: act }) => act !== 'send') || steps.some(({ do: act }) => act === 'reset');
  await assertRefused(t, await start(t, ALWAYS_200), isNoRefusal);
});

t.test('does not listen', { buffered: true }, async (t) => {
  const events = await eventsOf(await closedPort());
  t.match(events, [{ kind: 'unreachable' }]);
  t.equal(summarise(events).exitStatus, 3);
});
