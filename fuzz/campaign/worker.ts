/** A thread of a crew: takes lists of cases, throws them, and sends reports back. */

import { parentPort, workerData } from 'node:worker_threads';
import { alone, type Call, type Orders } from './worker-pool.ts';

const stopping = new AbortController();
const crew = alone(workerData as Orders, stopping.signal);

parentPort?.on('message', async (call: Call | 'stop') => {
  if (call === 'stop') stopping.abort();
  else parentPort?.postMessage(await crew.throw(call.lots, call.heldBack));
});
