/** Small servers that answer a SUBMIT, for tests of the runner. */

import { SUBMIT } from '../scenario/bytes.ts';
import { listen } from './loopback.ts';

/** A server that answers the first chunk of each connection with `answer(chunk)`, then closes. */
export function answering(answer: (chunk: Buffer) => Buffer) {
  return listen((socket) => socket.once('data', (chunk) => socket.end(answer(chunk))));
}

/** The answer to a SUBMIT, with the given status; no bytes for any other frame. */
export function response(chunk: Buffer, status: number): Buffer {
  if (chunk.readUInt32BE(0) !== SUBMIT) return Buffer.alloc(0);
  const { task_id } = JSON.parse(chunk.subarray(8).toString()) as { task_id: string };
  const payload = Buffer.from(JSON.stringify({ task_id, status, message: 'm' }));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(SUBMIT, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
