/** One real connection that records what happens on it: socket events in, transcript entries out. */

import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { PAYLOAD_CAP } from '../scenario/bytes.ts';
import { isOwnLimit } from './own-limit.ts';
import { ReceivedBytes } from './received-bytes.ts';
import { reset } from './reset.ts';
import type { Received, TranscriptEntry, WireEvent } from './transcript.ts';

/** A TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Most bytes of a `sent` event that are kept for the report. */
const KEPT_SENT_BYTES = 4096;
/** Pause before another try to connect where this machine can open no more connections. */
const RETRY_MS = 25;
/** Pause after a segment that has to arrive on its own. */
const SEGMENT_PAUSE_MS = 1;
/**
 * A wait consists of 4 parts of at least 25 ms each, and each counts for no more than its length. So if this process was
 * paused meanwhile, its sockets are read before the target counts as silent.
 */
const WAIT_PARTS = { count: 4, floorMs: 25 };
/** Most bytes that are received: one frame at the cap and some more. A target that sends more floods. */
const MAX_RECEIVED_BYTES = PAYLOAD_CAP + 64 * 1024;

/** A socket that records its events, and on which the caller can wait for them. */
export class RecordedConnection {
  readonly entries: TranscriptEntry[] = [];
  isConnected = false;
  /** True once an event has ended the recording: a close, a reset, a timeout, a flood, an abort. */
  isOver = false;
  #socket: net.Socket;
  /** The code of a limit of this machine that the last try to connect has met. */
  ownLimit: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  readonly #beganAt = performance.now();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.record({ kind: 'aborted' });
  readonly #received = new ReceivedBytes();
  /** Offset of the bytes of the last entry among those that are kept; undefined if the next bytes get an entry of their own. */
  #entryFrom: number | undefined;
  #wake: () => void = () => {};

  constructor(address: Address, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#socket = this.#connect(address);
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  /** Connects. Where this machine can open no more connections, tries again until others have ended. */
  #connect(address: Address): net.Socket {
    return net
      .connect({ ...address, allowHalfOpen: true, noDelay: true })
      .on('connect', () => {
        this.isConnected = true;
        this.record({ kind: 'connected' });
      })
      .on('data', (chunk) => this.#receive(chunk))
      .on('end', () => this.record({ kind: 'fin' }))
      .on('error', (error: NodeJS.ErrnoException) => {
        const code = error.code ?? error.message;
        if (this.isConnected || !isOwnLimit(code)) {
          this.record({ kind: this.isConnected ? 'reset' : 'connect-failed', code });
          return;
        }
        this.ownLimit = code;
        this.#retry = setTimeout(() => {
          if (!this.isOver) this.#socket = this.#connect(address);
        }, RETRY_MS);
      });
  }

  /** Records an event, unless the recording has ended. */
  record(event: WireEvent): void {
    if (this.isOver) return;
    this.entries.push({ ...event, atMs: this.#elapsedMs() });
    this.isOver = !['connected', 'sent', 'sent-fin', 'received'].includes(event.kind);
    this.#wake();
  }

  /**
   * Resolves to true as soon as the condition holds; to false when `ms` milliseconds have passed or the recording has ended
   * before. Time in which this process was paused does not count.
   */
  async until(condition: () => boolean, ms: number): Promise<boolean> {
    const partMs = Math.max(ms / WAIT_PARTS.count, WAIT_PARTS.floorMs);
    let leftMs = ms;
    while (!this.isOver && !condition()) {
      if (leftMs <= 0) {
        await turn();
        break;
      }
      const partBegan = performance.now();
      const part = Math.min(partMs, leftMs);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.ceil(part));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      leftMs -= Math.min(performance.now() - partBegan, part);
    }
    return condition();
  }

  /** Waits `ms` milliseconds as the target sees them, or until the recording has ended. */
  async pause(ms: number): Promise<void> {
    const endsAt = performance.now() + ms;
    await this.until(() => performance.now() >= endsAt, ms);
  }

  /**
   * Passes `asked` bytes to the kernel, segment by segment, with a pause after each of the first `apart`. Stops early when
   * the target closes, when no segment is taken for `stallMs` milliseconds, or at the time `sendBy`.
   */
  async send(
    segments: Iterable<Uint8Array>,
    {
      asked,
      sendBy,
      stallMs,
      apart,
    }: { readonly asked: number; readonly sendBy: number; readonly stallMs: number; readonly apart: number },
  ): Promise<void> {
    const place = this.entries.length;
    this.#entryFrom = undefined;
    const atMs = this.#elapsedMs();
    const head: Uint8Array[] = [];
    let total = 0;
    let sent = 0;
    for (const segment of segments) {
      if (this.isOver) break;
      let taken = false;
      this.#socket.write(segment, (error) => {
        taken = !error;
        this.#wake();
      });
      if (total < KEPT_SENT_BYTES) head.push(Uint8Array.from(segment.subarray(0, KEPT_SENT_BYTES - total)));
      if (!(await this.until(() => taken, Math.min(stallMs, sendBy - performance.now())))) break;
      total += segment.length;
      sent += 1;
      if (sent <= apart) await this.until(() => false, SEGMENT_PAUSE_MS);
    }
    // Inserted where the sending began, because events meanwhile are reactions to it.
    const tookMs = this.#elapsedMs() - atMs;
    const entry = {
      kind: 'sent',
      head: Buffer.concat(head),
      total,
      asked,
      segments: sent,
      tookMs,
      atMs,
    } as const;
    this.entries.splice(place, 0, entry);
    if (total < asked) this.record({ kind: 'deadline', ms: Math.round(tookMs) });
  }

  sendFin(): void {
    this.#socket.end();
    this.record({ kind: 'sent-fin' });
  }

  sendReset(): void {
    this.record({ kind: 'sent-reset' });
    reset(this.#socket);
  }

  /** What has been received so far. */
  get received(): Pick<ReceivedBytes, 'length' | 'frames' | 'endsWithFrame'> {
    return this.#received;
  }

  /** Closes the socket: without a reset if the target has closed, otherwise by reset. */
  release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    clearTimeout(this.#retry);
    if (this.entries.at(-1)?.kind === 'fin') this.#socket.destroy();
    else reset(this.#socket);
  }

  #receive(chunk: Buffer): void {
    if (this.isOver) return;
    const received = this.#received;
    if (received.length + chunk.length > MAX_RECEIVED_BYTES) {
      this.record({ kind: 'flood', keptBytes: received.length });
      this.#socket.destroy();
      return;
    }
    const [from, frames] = [received.bytes.length, received.frames];
    received.append(chunk);
    // The time at which the first frame is complete is needed, so that those bytes begin an entry.
    if (frames === 0 && received.frames > 0) this.#entryFrom = undefined;
    const last = this.entries.at(-1);
    if (last?.kind !== 'received' || this.#entryFrom === undefined) {
      this.#entryFrom = from;
      this.record({ kind: 'received', ...this.#newBytes(from, chunk.length) });
      return;
    }
    const { pieces = 1, atMs, bytes, more } = last;
    const total = bytes.length + (more?.bytes ?? 0) + chunk.length;
    const joined = {
      kind: 'received',
      ...this.#newBytes(this.#entryFrom, total),
      pieces: pieces + 1,
    } as const;
    this.entries[this.entries.length - 1] = { ...joined, atMs };
    this.#wake();
  }

  /** What is kept of `total` bytes that came from offset `from` on. */
  #newBytes(from: number, total: number): Pick<Received, 'bytes' | 'more'> {
    const bytes = this.#received.bytes.subarray(from);
    const { read } = this.#received;
    return { bytes, ...(read && { more: { bytes: total - bytes.length, read } }) };
  }

  #elapsedMs(): number {
    return performance.now() - this.#beganAt;
  }
}
