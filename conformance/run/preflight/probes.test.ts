import type { Socket } from 'node:net';
import t from 'tap';
import { response } from '../../testing/answering.ts';
import { listen } from '../../testing/loopback.ts';
import { newTaskId } from '../../util/task-id.ts';
import { DeadlineEstimate } from '../timing/deadlines.ts';
import { preflight } from './preflight.ts';
import { Probes } from './probes.ts';

const answers = (socket: Socket): void => {
  socket.on('data', (chunk) => socket.end(response(chunk, 200)));
};

/** What a target does with each connection once it has answered well, and whether it is alive. */
const TARGETS: Readonly<
  Record<string, readonly [isAlive: boolean, behave: (nth: number) => typeof answers]>
> = {
  'answers as before': [true, () => answers],
  'closes every second connection': [true, (nth) => (nth % 2 === 0 ? (socket) => socket.end() : answers)],
  'resets two connections': [true, (nth) => (nth < 2 ? (socket) => socket.resetAndDestroy() : answers)],
  'sends what is no frame, twice': [true, (nth) => (nth < 2 ? (socket) => socket.end('garbage') : answers)],
  'closes every connection': [false, () => (socket) => socket.end()],
  'is silent': [false, () => (socket) => socket.resume()],
};

for (const [what, [isAlive, behave]] of Object.entries(TARGETS))
  t.test(`a target that ${what} is ${isAlive ? 'alive' : 'dead'}`, async (t) => {
    let isGood = true;
    let connections = 0;
    const { address, close } = await listen((socket) => {
      socket.on('end', () => socket.end());
      if (isGood) answers(socket);
      else behave(connections++)(socket);
    });
    t.teardown(close);
    const reached = await preflight(address, { newTaskId, answerWithinMs: 300 });
    if (!reached.reached) throw new Error(reached.code);
    isGood = false;
    const probes = new Probes({ target: address, preflight: reached });
    t.equal((await probes.liveness()) !== undefined, isAlive);
  });

/** Longer than a twentieth of the shortest time for silence, which then follows the latency. */
const LATENCY_MS = 60;

t.test('the deadlines follow the answers to the preflight, and to each probe after it', async (t) => {
  const { address, close } = await listen((socket) => {
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => setTimeout(() => socket.end(response(chunk, 200)), LATENCY_MS));
  });
  t.teardown(close);
  const reached = await preflight(address, { newTaskId });
  if (!reached.reached) throw new Error(reached.code);
  const atFirst = new DeadlineEstimate();
  t.ok(reached.estimate.now.quietMs > atFirst.now.quietMs, 'after the preflight');
  const probes = new Probes({ target: address, preflight: { ...reached, estimate: atFirst } });
  const { quietMs } = probes.deadlines;
  await probes.liveness();
  t.ok(probes.deadlines.quietMs > quietMs, 'after a probe');
});
