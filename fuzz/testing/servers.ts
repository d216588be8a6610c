/** Real servers for tests: conforming, or with a fault. */

import type { Socket } from 'node:net';
import type { LifeObserver } from '../../conformance/observers/observer.ts';
import { type Loopback, listen } from '../../conformance/testing/loopback.ts';

export interface Received {
  readonly type: number;
  readonly payload: Buffer;
  readonly text: string;
}

/** May handle a frame instead of the conforming server. */
export type Fault = (frame: Received, socket: Socket) => 'handled' | undefined;

/** The process of a server in this process: it shows no sign of its end. */
export const ALIVE: LifeObserver = {
  hasEnded: () => false,
  reports: () => ({ error: 0, warning: 0, runtime: 0 }),
  watch: () => () => {},
  isDying: async () => false,
  isBusy: async () => false,
};

/** Serves one frame on each connection, and conforms to the protocol unless the fault handles the frame. */
export function serve(fault: Fault = () => undefined, port = 0): Promise<Loopback> {
  return listen((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 8) return;
      const length = bytes.readUInt32BE(4);
      if (length > 16 * 1024 * 1024) {
        socket.end();
        return;
      }
      if (bytes.length < 8 + length) return;
      socket.pause();
      const payload = bytes.subarray(8, 8 + length);
      const frame = { type: bytes.readUInt32BE(0), payload, text: payload.toString('utf8') };
      if (fault(frame, socket) === undefined) socket.end(answerTo(frame));
    });
  }, port);
}

/**
 * Serves any number of frames on a connection, and closes on a malformed frame or SUBMIT. The fault may handle a frame
 * instead; `before` is the number of earlier frames on the connection.
 */
export function serveSeveral(
  fault: (frame: Received, socket: Socket, before: number) => 'handled' | undefined = () => undefined,
): Promise<Loopback> {
  return listen((socket) => {
    let bytes = Buffer.alloc(0);
    let served = 0;
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 8 && !socket.writableEnded) {
        const length = bytes.readUInt32BE(4);
        if (length > 16 * 1024 * 1024) socket.end();
        if (bytes.length < 8 + length) return;
        const payload = bytes.subarray(8, 8 + length);
        const frame = { type: bytes.readUInt32BE(0), payload, text: payload.toString('utf8') };
        bytes = bytes.subarray(8 + length);
        if (fault(frame, socket, served++) !== undefined) continue;
        const answer = answerTo(frame);
        if (answer.length > 0) socket.write(answer);
        else if (frame.type === 1) socket.end();
      }
    });
  });
}

/** A frame of type 1 with this payload. */
export function frameOf(payload: string): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

function answerTo({ type, payload, text }: Received): Buffer {
  const nothing = Buffer.alloc(0);
  if (type !== 1 || !Buffer.from(text).equals(payload)) return nothing;
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(text);
  } catch {
    return nothing;
  }
  if (request === null || typeof request !== 'object' || Array.isArray(request)) return nothing;
  const fields = ['task_id', 'task_description', 'from_addr', 'to_addr'].map((name) => request[name] ?? '');
  if (fields.some((value) => typeof value !== 'string')) return nothing;
  const isTooLong = Buffer.byteLength(String(fields[1])) > 16_384;
  return frameOf(JSON.stringify({ task_id: fields[0], status: isTooLong ? 400 : 200, message: 'seen' }));
}
