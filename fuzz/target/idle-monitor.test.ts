import { performance } from 'node:perf_hooks';
import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { idleMonitor } from './idle-monitor.ts';

const CASES: readonly Case[] = ['a', 'b', 'c', 'd'].map((text) => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type: 1, declared: EXACT, payload: Buffer.from(text) }]],
}));

/** What the monitor does with a process that uses a whole core since it got any case, while the time lasts for so many restarts. */
async function watched(restartsInTime: number) {
  let restarts = 0;
  let busySince: number | undefined = performance.now();
  const look = async () => ({
    ...{ memoryBytes: 0, anonymousBytes: 0, quarantineBytes: 0, descriptors: 0, threads: 0, runnableMs: 0 },
    cpuMs: busySince === undefined ? 0 : performance.now() - busySince,
  });
  const monitor = idleMonitor({
    ...{ process: { usage: look, look }, jobs: 4, usualMs: 1, closesWithinMs: 1, timeMs: 60_000 },
    leftMs: () => (restarts < restartsInTime ? 60_000 : 0),
    restart: async () => {
      restarts += 1;
      busySince = undefined;
    },
    run: async () => {
      busySince ??= performance.now();
      return { executions: [], signatures: ['SUBMIT'], breaches: [], isRefused: false, foreignMarkers: [] };
    },
  });
  const breach = await monitor.check(() => CASES, { cases: 4, restarts: 0, isLast: true });
  return { breach, restarts, isSpent: monitor.isSpent };
}

t.test('idles: the search of the cause ends with the time', async (t) => {
  const [whole, ...others] = await Promise.all([Infinity, 0, 1, 2, 3].map(watched));
  t.match(whole, { breach: { invariant: 'idles', value: CASES[0] }, restarts: 4, isSpent: true });
  for (const [inTime, { breach, restarts, isSpent }] of others.entries()) {
    t.equal(breach, undefined);
    t.equal(restarts, inTime);
    t.equal(isSpent, inTime > 0, 'what was sent is still in the target');
  }
});
