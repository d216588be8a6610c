/** A thread of the worker pool: receives recipes, sends their cases to the target, and returns reports. */

import { parentPort, workerData } from 'node:worker_threads';
import { type BatchRequest, inThisThread, type WorkerOptions } from './worker-pool.ts';

const stopped = new AbortController();
const pool = inThisThread(workerData as WorkerOptions, stopped.signal);

parentPort?.on('message', async (request: BatchRequest | 'stop') => {
  if (request === 'stop') stopped.abort();
  else parentPort?.postMessage(await pool.run(request.recipes, request.crashPatterns));
});
