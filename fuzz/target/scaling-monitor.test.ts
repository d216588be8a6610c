import t from 'tap';
import { encodeActions } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { readExecution } from '../execute/execute.ts';
import { scalingMonitor } from './scaling-monitor.ts';

const KiB = 1024;

/** What is found of a target that takes so many milliseconds for a frame, and how many frames it got. */
async function measured(
  timeOf: (kib: number, text: string, nth: number) => number,
  cpuOf?: (kib: number) => number,
  framesInTime = Number.POSITIVE_INFINITY,
) {
  let frames = 0;
  const look = {
    memoryBytes: 0,
    anonymousBytes: 0,
    quarantineBytes: 0,
    descriptors: 0,
    threads: 0,
    cpuMs: 0,
    runnableMs: 0,
  };
  const process = { usage: async () => look, look: async () => ({ ...look }) };
  const monitor = scalingMonitor({
    ...(cpuOf && { process }),
    leftMs: () => (frames < framesInTime ? 60_000 : 0),
    run: async ({ connections: [actions = []] }) => {
      const text = encodeActions(actions).toString('latin1');
      look.cpuMs += cpuOf?.(text.length / KiB) ?? 0;
      const afterMs = timeOf(text.length / KiB, text, frames++);
      const execution = readExecution(readSent(actions), {
        received: Buffer.alloc(0),
        ending: 'fin',
        afterMs,
      });
      return { executions: [execution], signatures: [], breaches: [], isRefused: false, foreignMarkers: [] };
    },
  });
  await monitor.start();
  const point = { cases: 5000, restarts: 0, isLast: false };
  return {
    breach: await monitor.check(() => [], point),
    frames,
    again: await monitor.check(() => [], point),
  };
}

const square = (kib: number): number => (kib / 40) ** 2 * 100;

t.test('scales: the square of the size, for any shape or for one', async (t) => {
  const { breach, again } = await measured((kib) => 2 + square(kib));
  t.match(breach, { invariant: 'scales', clause: 'S8', symptom: 'scales S8: a long string' });
  t.equal(again, undefined, 'it is measured once');
  const escapes = await measured((kib, text) => (text.includes('\\u0061') ? square(kib) : 1));
  t.match(escapes.breach, {
    symptom: 'scales S8: a string of escapes',
    value: { connections: { length: 1 } },
  });
});

t.test('scales: the CPU time has to grow alike', async (t) => {
  t.match((await measured(square, square)).breach, { invariant: 'scales' });
  t.equal((await measured(square, (kib) => kib)).breach, undefined, 'a busy machine');
});

t.test('scales: proportional, slow and noisy targets are no finding', async (t) => {
  const times: Readonly<Record<string, (kib: number, text: string, nth: number) => number>> = {
    'a fast one': () => 1,
    'one that delays each answer': () => 200,
    'one in proportion to the size': (kib) => 3 + kib,
    'one that sorts': (kib) => 3 + kib * Math.log2(kib + 1),
    'one that is busy at times': (kib, _, nth) => kib / 50 + (nth % 5 === 2 ? 900 : 0),
    'one of which a busy machine delays most reactions': (kib, _, nth) =>
      kib + (nth % 4 === 3 ? 0 : ((nth * 7919) % 1000) * 3),
    'one that refuses large frames late': (kib) => (kib > 100 ? 400 : 2),
  };
  for (const [what, timeOf] of Object.entries(times)) {
    const { breach, frames } = await measured(timeOf);
    t.equal(breach, undefined, what);
    t.ok(frames < 300, `${what}: ${frames} frames`);
  }
});

t.test('scales: no frame is sent after the end of the time', async (t) => {
  const { frames: all } = await measured(square, square);
  // The latency and the first size that is clear of it are measured without a look at the time.
  for (let inTime = 6; inTime < all; inTime += 1) {
    const { breach, frames } = await measured(square, square, inTime);
    t.equal(breach, undefined);
    t.equal(frames, inTime);
  }
});
