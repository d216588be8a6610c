/** What a call does on its socket, each step under the deadline of the call: write a frame, await one, await the close. */
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import type { Frame, FrameDecoder } from '../codec/frame.ts';
import { ClientError, ProtocolError } from '../protocol/errors.ts';
import { assertLimit } from '../protocol/limits.ts';

export interface CallOptions {
  /** Milliseconds for the whole call. Default 5000. */
  readonly timeoutMs?: number;
  /** Ends the call with 'aborted', the signal's reason as `cause`. */
  readonly signal?: AbortSignal;
}

/** Runs `work`. A passed deadline or a fired signal destroys the socket with the ClientError that `work` then meets. */
export async function within<T>(
  socket: Socket,
  { timeoutMs = 5000, signal }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  assertLimit('timeoutMs', timeoutMs);
  const aborted = () => new ClientError('aborted', 'the call was aborted', { cause: signal?.reason });
  if (signal?.aborted) throw aborted();
  const abort = () => socket.destroy(aborted());
  const timer = setTimeout(() => {
    socket.destroy(new ClientError('timeout', `the deadline of ${timeoutMs} ms passed`));
  }, timeoutMs);
  signal?.addEventListener('abort', abort);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Resolves when the system has taken all bytes. */
export function written(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // A write that a deadline cut off fails with an error of its own, or not at all; the socket knows the reason.
    const fail = () => reject(socket.errored ?? new Error('the socket was closed during a write'));
    socket.once('close', fail);
    socket.write(bytes, (error) => (error ? fail() : resolve()));
  });
}

/** Resolves on the peer's FIN, rejects if the socket fails first. */
export function peerClosed(socket: Socket): Promise<void> {
  return finished(socket, { writable: false, cleanup: true });
}

/**
 * Resolves to the next frame, of at most `limit` bytes; the decoder keeps what came behind it. Listens for 'data' rather
 * than iterating: when a write fails, an iterator would drop an answer that had arrived before (T5).
 */
export async function nextFrame(socket: Socket, decoder: FrameDecoder, limit: number): Promise<Frame> {
  const held = decoder.next();
  if (held !== undefined) return held;
  let onData: (chunk: Uint8Array) => void = () => {};
  try {
    return await new Promise((resolve, reject) => {
      onData = (chunk) => {
        try {
          decoder.push(chunk);
          const frame = decoder.next();
          if (frame !== undefined) {
            socket.pause();
            resolve(frame);
          } else if (decoder.pendingBytes > limit) {
            throw new ProtocolError('frame-too-large', 'S1', 'no answer needs so many bytes');
          }
        } catch (error) {
          reject(error);
        }
      };
      socket.on('data', onData).resume();
      peerClosed(socket).then(
        () => reject(new ClientError('closed', 'the peer closed before its answer was complete')),
        reject,
      );
    });
  } finally {
    socket.off('data', onData);
  }
}
