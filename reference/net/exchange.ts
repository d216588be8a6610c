/** The steps of a call of the client on its socket: run within a deadline, read a frame, wait for the peer to close. */
import type { Socket } from 'node:net';
import { finished } from 'node:stream';
import type { Frame, FrameDecoder } from '../codec/frame.ts';
import { ClientError } from '../protocol/errors.ts';
import { assertLimit } from '../support/limits.ts';

/** Options of every call to a peer. */
export interface CallOptions {
  /** Milliseconds for the whole call, a whole number from 1 to 2^31 − 1. Default 5000 (S8). */
  readonly timeoutMs?: number;
  /** Ends the call with a ClientError 'aborted', whose `cause` is the reason of the signal. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `work`. When the deadline passes or the signal fires, it destroys the socket with a ClientError 'timeout' or
 * 'aborted', and a `work` that awaits the socket rejects with this error.
 */
export async function withDeadline<T>(
  socket: Socket,
  { timeoutMs = 5000, signal }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  assertLimit('timeoutMs', timeoutMs);
  const aborted = () => new ClientError('aborted', 'the call was aborted', { cause: signal?.reason });
  if (signal?.aborted) throw aborted();
  const abort = () => socket.destroy(aborted());
  const timer = setTimeout(() => {
    socket.destroy(new ClientError('timeout', `the deadline of ${timeoutMs} ms has passed`));
  }, timeoutMs);
  signal?.addEventListener('abort', abort);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Resolves when the peer has sent FIN. Rejects when the socket fails before. Leaves no listener on the socket. */
export function peerClosed(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopWatching = finished(socket, { writable: false }, (error) => {
      stopWatching();
      if (error) reject(error);
      else resolve();
    });
  });
}

/**
 * Resolves to the next frame; the decoder keeps the bytes after it. Rejects with a ProtocolError 'frame-too-large' (F2).
 * Leaves no listener on the socket. It listens for 'data' instead of iterating: when a write fails, an iterator drops
 * an answer that arrived before (T5).
 */
export function nextFrame(socket: Socket, decoder: FrameDecoder): Promise<Frame> {
  return new Promise((resolve, reject) => {
    const buffered = decoder.next();
    if (buffered !== undefined) {
      resolve(buffered);
      return;
    }
    const stop = () => {
      socket.off('data', onData).pause();
      stopWatching();
    };
    const onData = (chunk: Uint8Array) => {
      try {
        decoder.push(chunk);
        const frame = decoder.next();
        if (frame === undefined) return;
        stop();
        resolve(frame);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const stopWatching = finished(socket, { writable: false }, (error) => {
      stop();
      reject(error ?? new ClientError('closed', 'the peer closed before its answer was complete'));
    });
    socket.on('data', onData).resume();
  });
}
