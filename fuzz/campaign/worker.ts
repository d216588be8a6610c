/** A thread of the worker pool: receives recipes, sends their cases to the target, and returns reports. */

import { parentPort, workerData } from 'node:worker_threads';
import { type BatchRequest, inThisThread, type WorkerOptions } from './worker-pool.ts';

const stopped = new AbortController();
let trouble = new AbortController();
const pool = inThisThread(workerData as WorkerOptions, stopped.signal);

parentPort?.on('message', async (request: BatchRequest | 'stop' | 'trouble') => {
  if (request === 'stop') stopped.abort();
  else if (request === 'trouble') trouble.abort();
  else {
    trouble = new AbortController();
    parentPort?.postMessage(await pool.run(request.recipes, request.crashPatterns, trouble.signal));
  }
});
