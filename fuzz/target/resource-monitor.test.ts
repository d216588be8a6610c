import t from 'tap';
import { growthIn, resourceMonitor } from './resource-monitor.ts';

const MiB = 1024 * 1024;
const usage = (memoryBytes: number, descriptors = 20, threads = 5) => ({ memoryBytes, descriptors, threads });

t.test('frees-resources: a resource that rises in every sample, and by a large amount', async (t) => {
  const rising = [0, 1, 2, 3, 4, 5].map((n) => usage((50 + 200 * n) * MiB));
  t.match(growthIn(rising), { invariant: 'frees-resources', clause: 'F5' });
  t.match(growthIn([0, 1, 2, 3, 4, 5].map((n) => usage(50 * MiB, 20 + 30 * n))), {
    detail: /descriptors grew from 20 to 170/,
  });
  t.match(growthIn([0, 1, 2, 3, 4, 5].map((n) => usage(50 * MiB, 20, 5 + 30 * n))), { detail: /threads/ });
});

t.test('frees-resources: growth that levels off, is freed or is small is no breach', async (t) => {
  t.equal(growthIn([]), undefined);
  t.equal(growthIn([0, 1, 2, 3].map((n) => usage(n * 500 * MiB))), undefined, 'too few samples');
  t.equal(growthIn([0, 1, 2, 3, 4, 4].map((n) => usage(n * 500 * MiB))), undefined, 'it levels off');
  t.equal(growthIn([0, 5, 4, 5, 6, 7].map((n) => usage((50 + n) * MiB))), undefined, 'it is small');
});

t.test('frees-resources: connections that a busy target closes late are no growth', async (t) => {
  /** What is reported of a target that opens descriptors with each look, and closes them when it is left alone if `frees`. */
  const reported = async (frees: boolean): Promise<unknown> => {
    let descriptors = 20;
    let isBusy = true;
    const process = {
      usage: async () => {
        if (isBusy) descriptors += 30;
        else if (frees) descriptors = Math.max(20, descriptors - 50);
        isBusy = false;
        return usage(50 * MiB, descriptors);
      },
    };
    const monitor = resourceMonitor({
      ...{ process, jobs: 4, usualMs: 1, closesWithinMs: 400, timeMs: undefined, leftMs: () => 1e6 },
      run: async () => {
        throw new Error('no case is sent');
      },
    });
    await monitor.start();
    for (let batch = 0; batch < 16 * 6; batch += 1) {
      isBusy = true;
      const breach = await monitor.check(() => [], { cases: batch, restarts: 0, isLast: false });
      if (breach !== undefined) return breach;
    }
    return undefined;
  };
  t.equal(await reported(true), undefined);
  t.match(await reported(false), { detail: /descriptors grew from 50 to/ });
});
