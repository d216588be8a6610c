/**
 * A connection that is kept, for a target that serves several frames on each: a case of one frame is written with a legal
 * SUBMIT behind it, the marker. Whatever comes back before the marker's answer is the frame's; where the marker is answered
 * and nothing else, the frame got no answer. So a reaction has an end without a wait, the target is seen to live after every
 * case, and a case costs no connection.
 */

import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { HEADER_BYTES, render, submit } from '../conformance/bytes.ts';
import { newTaskId } from '../conformance/ids.ts';
import { reset } from '../conformance/reset.ts';
import type { Address } from '../conformance/transport.ts';
import type { Case, Conversation } from './case.ts';
import { type Ending, isPlain, KEPT_BYTES, type Reply, type Waits } from './converse.ts';
import { readSent, type Sent } from './sent.ts';

/** So many cases later a new connection is made: what they do together has to be small enough to be looked into. */
const MOST_CASES = 64;
const COUNTER_DIGITS = 12;
const EMPTY: Buffer = Buffer.alloc(0);

/** What a case sends, if it is a complete frame and nothing else; only such a case can share a connection. */
export function soleFrame({ connections }: Case): Sent | undefined {
  const [conversation, second] = connections;
  if (conversation === undefined || second !== undefined || !conversation.every(isPlain)) return undefined;
  const sent = readSent(conversation);
  return sent.frames.length === 1 && sent.tail === 'none' ? sent : undefined;
}

export class Line {
  readonly #address: Address;
  readonly #waits: Waits;
  readonly #marker: Buffer;
  readonly #idAt: number;
  #markers = 0;
  #socket: Socket | undefined;
  #isConnected = false;
  #said: Buffer[] = [];
  #received = EMPTY;
  /** Up to here, what came back has been looked at. */
  #readTo = 0;
  #id = EMPTY;
  #beganAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #settle: ((reply: Reply) => void) | undefined;

  constructor(address: Address, waits: Waits) {
    this.#address = address;
    this.#waits = waits;
    const id = newTaskId();
    this.#marker = Buffer.from(render(submit(), () => id));
    this.#idAt = this.#marker.indexOf(id);
    this.#id = this.#marker.subarray(this.#idAt, this.#idAt + id.length);
  }

  /** All frames of the connection that the last exchange was on, without the markers, as one conversation. */
  get history(): Conversation {
    return this.#said.map((bytes) => ({ do: 'bytes', bytes }));
  }

  /** Throws one frame; one at a time. */
  exchange({ bytes }: Sent): Promise<Reply> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#beganAt = performance.now();
      this.#received = EMPTY;
      this.#readTo = 0;
      this.#markers += 1;
      const count = this.#markers.toString(16).padStart(COUNTER_DIGITS, '0');
      this.#id.write(count, this.#id.length - COUNTER_DIGITS, 'latin1');
      if (this.#said.length >= MOST_CASES) this.close();
      if (this.#socket === undefined) {
        this.#said = [];
        this.#socket = this.#open();
      }
      this.#said.push(bytes);
      this.#timer = setTimeout(() => this.#end('hung'), this.#waits.patienceMs);
      this.#socket.write(Buffer.concat([bytes, this.#marker]));
    });
  }

  /** Resets the connection, if there is one; the next exchange makes another. */
  close(): void {
    if (this.#socket !== undefined) {
      if (this.#isConnected) reset(this.#socket);
      else this.#socket.destroy();
    }
    this.#socket = undefined;
    this.#isConnected = false;
  }

  #open(): Socket {
    const socket = connect({ host: this.#address.host, port: this.#address.port });
    const isCurrent = (): boolean => socket === this.#socket;
    return socket
      .on('connect', () => {
        if (isCurrent()) this.#isConnected = true;
      })
      .on('data', (chunk) => {
        if (isCurrent()) this.#take(chunk);
      })
      .on('end', () => {
        if (isCurrent()) this.#end('fin');
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (isCurrent()) this.#end(this.#isConnected ? 'reset' : 'refused', error.code);
      });
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const { length } = this.#received;
    while (this.#readTo + HEADER_BYTES <= length) {
      const end = this.#readTo + HEADER_BYTES + this.#received.readUInt32BE(this.#readTo + 4);
      if (end > length) break;
      if (this.#received.subarray(this.#readTo, end).includes(this.#id)) {
        this.#answer(this.#received.subarray(0, this.#readTo));
        return;
      }
      this.#readTo = end;
    }
    if (length > KEPT_BYTES) this.#end('flood');
  }

  /** The marker is answered: a frame without an answer of its own gets none any more. */
  #answer(received: Buffer): void {
    this.#resolve({ received, ending: received.length === 0 ? 'hung' : 'kept' });
  }

  /** The connection is of no use any more. */
  #end(ending: Ending, code?: string): void {
    this.close();
    this.#resolve({ received: this.#received, ending, code });
  }

  #resolve(reply: Omit<Reply, 'afterMs'>): void {
    clearTimeout(this.#timer);
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.({ ...reply, afterMs: performance.now() - this.#beganAt });
  }
}
