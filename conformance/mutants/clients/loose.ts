/** What broken clients read with: answers without checks. */

import type { Socket } from 'node:net';
import type { Frame, SubmitResponse } from '../../../reference/index.ts';
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
    const chunks: Buffer[] = [];
    const work = (): Promise<Frame> =>
      new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const again = (): void => {
          clearTimeout(timer);
          if (limit === 'each-read')
            timer = setTimeout(() => socket.destroy(new CallError('the time is over')), call.timeoutMs);
        };
        again();
        socket.on('data', (chunk: Buffer) => {
          again();
          chunks.push(chunk);
          try {
            const frame = frameIn(Buffer.concat(chunks));
            if (frame === undefined) return;
            clearTimeout(timer);
            resolve(frame);
          } catch (error) {
            reject(error as Error);
          }
        });
        socket.on('end', () => {
          clearTimeout(timer);
          if (atEnd) resolve(atEnd(Buffer.concat(chunks)));
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

/** The frame by its header, whatever its length; undefined while it is incomplete. */
export function byHeader(bytes: Buffer): Frame | undefined {
  if (bytes.length < 8) return undefined;
  const end = 8 + bytes.readUInt32BE(4);
  return bytes.length < end ? undefined : frameOf(bytes, end);
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
