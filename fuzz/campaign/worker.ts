/** A thread of a pool: takes lists of cases, throws them, and sends reports back. */

import { parentPort, workerData } from 'node:worker_threads';
import { type BatchRequest, inThisThread, type WorkerOptions } from './worker-pool.ts';

const stopping = new AbortController();
const pool = inThisThread(workerData as WorkerOptions, stopping.signal);

parentPort?.on('message', async (call: BatchRequest | 'stop') => {
  if (call === 'stop') stopping.abort();
  else parentPort?.postMessage(await pool.run(call.recipes, call.knownCrashes));
});
