/** What broken clients read with: answers without checks. */

import type { Socket } from 'node:net';
import type { Frame, SubmitResponse } from '../../../reference/index.ts';
import { ReceiveBuffer } from '../../wire/receive-buffer.ts';
import { type Call, CallError, withinTime } from './client.ts';

/** How a reader takes the bytes. */
export interface LooseReader {
  /** Given all bytes so far, the frame if it is complete. */
  readonly frameIn: (bytes: Buffer) => Frame | undefined;
  /** Given all bytes at the end of the stream. Default: an error. */
  readonly atEnd?: (bytes: Buffer) => Frame;
  /** Default: one time limit for the whole answer. */
  readonly limit?: 'each-read' | 'none';
}

/** A `read` part. */
export function reader({
  frameIn,
  atEnd,
  limit,
}: LooseReader): (socket: Socket, call: Call) => Promise<Frame> {
  return (socket, call) => {
    const received = new ReceiveBuffer();
    const work = (): Promise<Frame> =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const again = (ms: number): void => {
          clearTimeout(timer);
          if (limit === 'each-read')
            timer = setTimeout(() => socket.destroy(new CallError('the time is over')), ms);
        };
        again(call.timeoutMs);
        socket.on('data', (chunk: Buffer) => {
          // Far longer than any pause of the server, also on a busy machine.
          again(20 * call.timeoutMs);
          received.append(chunk);
          try {
            const frame = frameIn(received.bytes);
            if (frame === undefined) return;
            clearTimeout(timer);
            resolve(frame);
          } catch (error) {
            reject(error as Error);
          }
        });
        socket.on('end', () => {
          clearTimeout(timer);
          if (atEnd) resolve(atEnd(received.bytes));
          else reject(new CallError('the connection ended before the answer'));
        });
        socket.on('close', () => {
          clearTimeout(timer);
          reject(socket.errored ?? new CallError('the connection was closed'));
        });
      });
    return limit === undefined ? withinTime(socket, call.timeoutMs, work) : work();
  };
}

/** The frame by its header; undefined while it is incomplete. Throws for a length over the cap. */
export function byHeader(bytes: Buffer): Frame | undefined {
  if (bytes.length < 8) return undefined;
  const length = bytes.readUInt32BE(4);
  if (length > 16 * 1024 * 1024) throw new CallError('the answer is over the cap');
  return bytes.length < 8 + length ? undefined : frameOf(bytes, 8 + length);
}

/** All bytes after the header as payload. */
export function frameOf(bytes: Buffer, end = bytes.length): Frame {
  return { type: bytes.length < 4 ? 1 : bytes.readUInt32BE(0), payload: bytes.subarray(8, end) };
}

/** An answer that accepts the task of the call, whatever came. */
export function acceptance(call: Call): SubmitResponse {
  return { taskId: call.taskId, status: 200, message: '' };
}

/** The fields as JSON.parse gives them. */
export function parsed({ payload }: Frame): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(payload).toString('utf8')) as Readonly<Record<string, unknown>>;
}
