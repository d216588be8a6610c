/** One real connection that writes down what happens to it: socket events in, transcript entries out. */

import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { PAYLOAD_CAP } from '../scenario/bytes.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { reset } from './reset.ts';
import type { Entry, WireEvent } from './transcript.ts';

/** A TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Bytes of a `sent` event that are kept for the report. */
const KEPT_SENT_BYTES = 4096;
/** Between two segments that are to arrive on their own. */
const APART_MS = 1;
/**
 * A wait is made of four parts, of at least so many milliseconds, and none counts for more than its own length: if this
 * process has stood still meanwhile, its sockets are looked at before a target passes for silent.
 */
const PARTS = { count: 4, floorMs: 25 };
/** Bytes received that are kept: one frame at the cap and some more. A target that sends more floods. */
const KEPT_RECEIVED_BYTES = PAYLOAD_CAP + 64 * 1024;
/** A socket that writes down what happens to it, and a way to wait for that. */
export class RecordedConnection {
  readonly entries: Entry[] = [];
  isConnected = false;
  /** Nothing more can happen on this connection, or nobody waits for it any more. */
  isOver = false;
  readonly #socket: net.Socket;
  readonly #beganAt = performance.now();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.record({ kind: 'aborted' });
  readonly #received = new ReceiveBuffer();
  #wake: () => void = () => {};

  constructor(address: Address, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#socket = net.connect({ ...address, allowHalfOpen: true, noDelay: true });
    this.#socket
      .on('connect', () => {
        this.isConnected = true;
        this.record({ kind: 'connected' });
      })
      .on('data', (chunk) => this.#receive(chunk))
      .on('end', () => this.record({ kind: 'fin' }))
      .on('error', (error: NodeJS.ErrnoException) => {
        const code = error.code ?? error.message;
        this.record({ kind: this.isConnected ? 'reset' : 'connect-failed', code });
      });
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  /** Writes an event down, unless the connection is over already. */
  record(event: WireEvent): void {
    if (this.isOver) return;
    this.entries.push({ ...event, atMs: this.#elapsedMs() });
    this.isOver = !['connected', 'sent', 'sent-fin', 'received'].includes(event.kind);
    this.#wake();
  }

  /**
   * True as soon as the condition holds; false when the time has passed or the connection is over before. Time in which
   * this process stood still is not counted.
   */
  async until(condition: () => boolean, ms: number): Promise<boolean> {
    const partMs = Math.max(ms / PARTS.count, PARTS.floorMs);
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

  /**
   * Hands `asked` bytes to the kernel, segment by segment, the first `apart` of them a while apart; stops early when the
   * target closes or has not read everything by `sendBy`.
   */
  async send(
    segments: Iterable<Uint8Array>,
    { asked, sendBy, apart }: { readonly asked: number; readonly sendBy: number; readonly apart: number },
  ): Promise<void> {
    const place = this.entries.length;
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
      if (!(await this.until(() => taken, sendBy - performance.now()))) break;
      total += segment.length;
      sent += 1;
      if (sent <= apart) await this.until(() => false, APART_MS);
    }
    // Filed where the sending began: what the target did meanwhile is an answer to it.
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

  get receivedBytes(): number {
    return this.#received.length;
  }

  /** All bytes received so far. */
  received(): Uint8Array {
    return this.#received.bytes;
  }

  /** Lets go of the connection: quietly where the target has closed, by reset where it is still open. */
  release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (this.entries.at(-1)?.kind === 'fin') this.#socket.destroy();
    else reset(this.#socket);
  }

  #receive(chunk: Buffer): void {
    if (this.isOver) return;
    if (this.receivedBytes + chunk.length > KEPT_RECEIVED_BYTES) {
      this.record({ kind: 'flood', keptBytes: this.receivedBytes });
      this.#socket.destroy();
      return;
    }
    this.#received.append(chunk);
    this.record({ kind: 'received', bytes: chunk });
  }

  #elapsedMs(): number {
    return performance.now() - this.#beganAt;
  }
}
