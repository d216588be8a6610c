/** The program of a thread of codec-threads.ts: does one piece of work at a time. */

import { type MessagePort, workerData } from 'node:worker_threads';
import { type Outcome, outcomeOf, type Work } from './codec-work.ts';

/** The memory that goes to the other thread instead of being copied: bytes that fill their buffer. */
function movable(outcome: Outcome): ArrayBuffer[] {
  const bytes =
    outcome.kind === 'bytes'
      ? outcome.bytes
      : outcome.kind === 'message' && outcome.message.kind === 'results'
        ? outcome.message.message.fileData
        : undefined;
  if (bytes === undefined || bytes.byteLength !== bytes.buffer.byteLength) return [];
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

const port: MessagePort = workerData;
port.on('message', (work: Work) => {
  const outcome = outcomeOf(work);
  port.postMessage(outcome, movable(outcome));
});
port.postMessage('ready');
