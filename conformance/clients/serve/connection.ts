/**
 * One connection of a client to the kit's server: the steps of a behaviour are performed, and all that comes is recorded.
 * What is kept of it is bounded, because the client decides how much it sends.
 */

import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { KEPT_BYTES } from '../../evidence/span.ts';
import { parseJson } from '../../payload/parse-json.ts';
import type { WireRecord } from '../../report/record.ts';
import { HEADER_BYTES, MiB, PAYLOAD_CAP, render } from '../../scenario/bytes.ts';
import { readHeader } from '../../wire/frames.ts';
import { reset } from '../../wire/reset.ts';
import type { Behaviour, ServerStep } from '../scenario/client-scenario.ts';
import { KeptStream } from './kept-stream.ts';
import { replyBytes } from './reply-bytes.ts';

/** What a client did on one connection. */
export interface SeenConnection {
  /** What it sent, as far as a `KeptStream` keeps it. */
  readonly bytes: Uint8Array;
  /** How many bytes it sent. */
  readonly total: number;
  /** True if the client's system took `ENDLESS_BYTES` of what the server repeats. */
  readonly readOn: boolean;
  /** How the client ended it. Default: the server did, or it is still open. */
  readonly ended?: 'fin' | 'reset';
  /** The events, from the side of the server. Milliseconds count from the start of the client. */
  readonly transcript: readonly WireRecord[];
  /** When it was established, in milliseconds since the start of the client. */
  readonly atMs: number;
}

/**
 * What the server sends at most when it repeats bytes: more than a frame and the buffers of both systems, and no more than
 * a client can keep.
 */
const ENDLESS_BYTES = 64 * MiB;

/** The first segments of a reply are sent with pauses; the others can arrive together. Else a busy machine takes seconds. */
const SEGMENTS_APART = 10;

export class ServedConnection {
  readonly #socket: Socket;
  readonly #beganMs: number;
  readonly #received = new KeptStream();
  readonly #records: WireRecord[] = [];
  readonly #kept = { sent: KEPT_BYTES, received: KEPT_BYTES };
  /** Called at each change that something can wait for. */
  readonly #waiting = new Set<() => void>();
  #total = 0;
  #readOn = false;
  #ended: 'fin' | 'reset' | undefined;
  #isOver = false;
  /** 'at-once', not at all, or a piece each so many milliseconds. */
  #reads: 'at-once' | 'not' | number = 'at-once';
  /** On the clock of `performance`, when a slow reader takes its next piece. */
  #nextReadMs: number | undefined;
  readonly #atMs: number;

  /** `beganMs` is the start of the client on the clock of `performance`. */
  constructor(socket: Socket, beganMs: number) {
    this.#socket = socket;
    this.#beganMs = beganMs;
    this.#atMs = this.#now();
    this.#records.push({ kind: 'connected', atMs: this.#atMs });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#end('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // EPIPE is the answer to our own bytes after a reset.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.#end('reset');
      this.#over();
    });
    socket.on('close', () => this.#over());
  }

  get seen(): SeenConnection {
    return {
      bytes: this.#received.bytes,
      total: this.#total,
      readOn: this.#readOn,
      ...(this.#ended && { ended: this.#ended }),
      transcript: this.#records,
      atMs: this.#atMs,
    };
  }

  /**
   * Performs the steps, waits until the client ends its side, and ends the other one or holds it. Resolves then, or when the
   * connection is over. Never rejects.
   */
  async perform({ steps, holds }: Behaviour): Promise<void> {
    for (const step of steps) {
      if (this.#isOver) return;
      await this.#step(step);
    }
    await this.#until(() => this.#ended !== undefined);
    if (!holds || this.#hasLeft) this.#socket.end();
  }

  /** Resolves when all has come that the client sent before it ended, or when nothing has come for `withinMs`. */
  async arrived(withinMs: number): Promise<void> {
    const isWhole = (): boolean => this.#ended !== undefined || this.#reads === 'not';
    for (let total = -1; total < this.#total && !isWhole() && !this.#isOver; ) {
      total = this.#total;
      let isPast = false;
      const timer = setTimeout(() => {
        // On a busy machine, bytes that came in time may not have been handled when the timer fires.
        setImmediate(() => {
          isPast = true;
          this.#wake();
        });
      }, withinMs);
      await this.#until(() => isPast || isWhole());
      clearTimeout(timer);
    }
  }

  /** Ends the connection, if it is still open. */
  release(): void {
    this.#over();
    this.#socket.destroy();
  }

  async #step(step: ServerStep): Promise<void> {
    switch (step.do) {
      case 'await-byte':
        return this.#until(() => this.#total > 0 || this.#ended !== undefined);
      case 'await-frame':
        await this.#until(() => this.#frameEnd(step.type) !== undefined);
        // As every receiver does (F2): what follows such a header is not read.
        if (this.#frameEnd(step.type) === 'over-cap') this.#fin();
        return;
      case 'send': {
        const bytes = replyBytes(step.reply, this.#taskId()).subarray(step.from ?? 0, step.to);
        return this.#send(bytes, step.segmentBytes ?? bytes.length, step.everyMs ?? 0);
      }
      case 'repeat': {
        const bytes = Buffer.from(render(step.bytes, () => this.#taskId()));
        let left = ENDLESS_BYTES;
        for (; left > 0 && !this.#isOver && !this.#hasLeft; left -= bytes.length) {
          await this.#write(bytes);
          await this.#pause(step.everyMs ?? 0);
        }
        this.#readOn = left <= 0;
        return;
      }
      case 'pause':
        return this.#pause(step.ms);
      case 'fin':
        return this.#fin();
      case 'reset':
        this.#record({ kind: 'sent-reset' });
        reset(this.#socket);
        return this.#over();
      case 'stop-reading':
        this.#reads = 'not';
        this.#socket.pause();
        return;
      case 'read-slowly':
        this.#reads = step.everyMs;
        return;
    }
  }

  /** Whether the client has ended its side without a byte. After a byte, that may be a half-close (T4). */
  get #hasLeft(): boolean {
    return this.#ended !== undefined && this.#total === 0;
  }

  #fin(): void {
    this.#record({ kind: 'sent-fin' });
    this.#socket.end();
  }

  async #send(bytes: Buffer, segmentBytes: number, everyMs: number): Promise<void> {
    const [beganAt, beganMs] = [this.#now(), performance.now()];
    let total = 0;
    let segments = 0;
    for (; total < bytes.length && !this.#isOver; segments += 1) {
      if (segments > 0 && segments < SEGMENTS_APART && everyMs > 0) await this.#pause(everyMs);
      const segment = bytes.subarray(total, total + segmentBytes);
      total += segment.length;
      // A wait for each segment would take a turn of the loop each.
      if (total === bytes.length || this.#socket.writableNeedDrain) await this.#write(segment);
      else this.#socket.write(segment);
    }
    if (segments === 0) return;
    const tookMs = performance.now() - beganMs;
    const hex = this.#keep('sent', bytes.subarray(0, total));
    this.#records.push({ kind: 'sent', hex, total, asked: bytes.length, segments, tookMs, atMs: beganAt });
  }

  /** Resolves when the system has taken the bytes, or the connection is over. */
  async #write(bytes: Buffer): Promise<void> {
    let isTaken = false;
    this.#socket.write(bytes, () => {
      isTaken = true;
      this.#wake();
    });
    await this.#until(() => isTaken);
  }

  async #pause(ms: number): Promise<void> {
    let isPast = false;
    const timer = setTimeout(() => {
      isPast = true;
      this.#wake();
    }, ms);
    await this.#until(() => isPast);
    clearTimeout(timer);
  }

  /** Resolves when the condition holds, or when the connection is over. */
  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!holds() && !this.#isOver) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Where the first frame of the type (default: of any) ends; undefined while it is incomplete and more can come. */
  #frameEnd(type?: number): number | 'over-cap' | 'ended' | undefined {
    const { bytes } = this.#received;
    for (let at = 0; ; ) {
      const header = readHeader(bytes, at);
      if (header && header.length > PAYLOAD_CAP) return 'over-cap';
      const end = at + HEADER_BYTES + (header?.length ?? 0);
      if (!header || end > bytes.length) return this.#ended === undefined ? undefined : 'ended';
      if (type === undefined || header.type === type) return end;
      at = end;
    }
  }

  /** The `task_id` in the first frame; empty if there is none. */
  #taskId(): string {
    const end = this.#frameEnd();
    if (typeof end !== 'number') return '';
    try {
      const value: unknown = parseJson(this.#received.bytes.subarray(HEADER_BYTES, end).toString('utf8'));
      const id = typeof value === 'object' && value !== null && 'task_id' in value ? value.task_id : '';
      return typeof id === 'string' ? id : '';
    } catch {
      return '';
    }
  }

  #take(chunk: Buffer): void {
    this.#total += chunk.length;
    this.#received.append(chunk);
    const last = this.#records.at(-1);
    const hex = this.#keep('received', chunk);
    if (last?.kind === 'received') {
      const joined = { hex: last.hex + hex, total: last.total + chunk.length, pieces: last.pieces + 1 };
      this.#records[this.#records.length - 1] = { ...last, ...joined };
    } else {
      this.#records.push({ kind: 'received', hex, total: chunk.length, pieces: 1, atMs: this.#now() });
    }
    if (typeof this.#reads === 'number') this.#readAfter(this.#reads);
    this.#wake();
  }

  /** Reads on when it is time for the next piece, at once if that time has passed: a busy machine makes the pace no slower. */
  #readAfter(everyMs: number): void {
    const now = performance.now();
    this.#nextReadMs = (this.#nextReadMs ?? now) + everyMs;
    if (this.#nextReadMs <= now) return;
    this.#socket.pause();
    setTimeout(() => this.#socket.resume(), this.#nextReadMs - now);
  }

  #end(how: 'fin' | 'reset'): void {
    if (this.#ended === undefined)
      this.#record(how === 'fin' ? { kind: 'fin' } : { kind: 'reset', code: 'ECONNRESET' });
    this.#ended = how;
    this.#wake();
  }

  #over(): void {
    this.#isOver = true;
    this.#wake();
  }

  #record(
    event: { readonly kind: 'sent-fin' | 'sent-reset' | 'fin' } | { kind: 'reset'; code: string },
  ): void {
    this.#records.push({ ...event, atMs: this.#now() });
  }

  #keep(way: 'sent' | 'received', bytes: Uint8Array): string {
    const kept = bytes.subarray(0, this.#kept[way]);
    this.#kept[way] -= kept.length;
    return Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString('hex');
  }

  #now(): number {
    return Math.round((performance.now() - this.#beganMs) * 1000) / 1000;
  }
}
