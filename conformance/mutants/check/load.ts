/** Load on the CPU, so that a run meets the delays of a busy machine. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { childEnvironment } from './process.ts';

/** Computes until the standard input ends, as it does with the parent, or until the time in milliseconds has passed. */
const PROGRAM = `
  process.stdin.on('end', () => process.exit()).resume();
  const end = performance.now() + Number(process.argv[1]);
  (function compute() {
    const pause = performance.now() + 50;
    while (performance.now() < pause);
    if (performance.now() < end) setImmediate(compute);
    else process.exit();
  })();`;

/** Keeps every core busy during `work`, at most for `maxMs` milliseconds. */
export async function underLoad<T>(maxMs: number, work: () => Promise<T>): Promise<T> {
  const processes = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', PROGRAM, String(maxMs)], {
      env: childEnvironment(),
      stdio: ['pipe', 'ignore', 'inherit'],
    }),
  );
  try {
    return await work();
  } finally {
    await Promise.all(
      processes.map(async (child) => {
        const exited = child.exitCode === null ? once(child, 'exit') : undefined;
        child.stdin.on('error', () => {}).end();
        await exited;
      }),
    );
  }
}
