/**
 * A connection that many cases share, for a target that serves several frames on a connection. Each case is one frame, and
 * is followed by the marker: a legal SUBMIT with an id of its own. What comes back before the answer to the marker is the
 * reaction to the case; if nothing does, the case got no answer. So the end of a reaction is known without a wait, each case
 * shows that the target still serves, and a case costs no connection. Several cases may be in flight: they are written one
 * after another, and their reactions come in the same order.
 */

import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { HEADER_BYTES, render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import { readHeader } from '../../conformance/wire/frames.ts';
import { ReceiveBuffer } from '../../conformance/wire/receive-buffer.ts';
import { reset } from '../../conformance/wire/reset.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import type { Case, ConnectionActions } from '../case/case.ts';
import { actionsOf, mustReact, readSent, type Sent } from '../case/sent.ts';
import { type Ending, isPlainWrite, type Reply, type Waits } from './exchange.ts';

/** Cases on one connection. What they do together must stay small enough for triage. */
const MAX_CASES = 64;
/** A reaction with more bytes ends the connection; the case is then sent alone, with the usual bound. */
const MAX_REACTION_BYTES = 256 * 1024;
const COUNTER_DIGITS = 12;

/** What a case sends, if it is one complete frame and nothing else. Only such a case can share a connection. */
export function singleFrameOf({ connections }: Case): Sent | undefined {
  const [actions, second] = connections;
  if (actions === undefined || second !== undefined || !actions.every(isPlainWrite)) return undefined;
  const sent = readSent(actions);
  return sent.frames.length === 1 && sent.tail === 'none' ? sent : undefined;
}

export interface PersistentReply extends Reply {
  /** All frames of the connection up to and including the one that this is the reaction to, without the markers. */
  readonly history: () => ConnectionActions;
}

interface PendingExchange {
  readonly sent: Sent;
  readonly marker: Buffer;
  /** The task id of the marker. */
  readonly id: Buffer;
  readonly settle: (reply: PersistentReply) => void;
}

export class PersistentConnection {
  readonly #address: Address;
  readonly #waits: Waits;
  readonly #template: Buffer;
  readonly #idAt: number;
  readonly #idBytes: number;
  #markers = 0;
  #socket: Socket | undefined;
  #isConnected = false;
  /** Exchanges without a reaction so far, in order. The first `#written` of them are on this connection. */
  #waiting: PendingExchange[] = [];
  #written = 0;
  /** The frames that were written on this connection, without the markers. */
  #frames: Buffer[] = [];
  #received = new ReceiveBuffer();
  /** Offset of the reaction to the first exchange that has none so far. */
  #reactionAt = 0;
  /** Offset of the first frame after it that was not searched for the marker. */
  #searchedTo = 0;
  #headSince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(address: Address, waits: Waits) {
    this.#address = address;
    this.#waits = waits;
    const id = newTaskId();
    this.#template = Buffer.from(render(submit(), () => id));
    this.#idAt = this.#template.indexOf(id);
    this.#idBytes = id.length;
  }

  /** Sends one frame, after all others that are in flight. */
  exchange(sent: Sent): Promise<PersistentReply> {
    return new Promise((settle) => {
      const marker = Buffer.from(this.#template);
      const id = marker.subarray(this.#idAt, this.#idAt + this.#idBytes);
      this.#markers += 1;
      const count = this.#markers.toString(16).padStart(COUNTER_DIGITS, '0');
      id.write(count, this.#idBytes - COUNTER_DIGITS, 'latin1');
      this.#waiting.push({ sent, marker, id, settle });
      // All exchanges of one turn of the event loop are written together.
      if (this.#waiting.length === this.#written + 1) setImmediate(() => this.#write());
    });
  }

  /** Resets the connection, if there is one. The next exchange opens another. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#socket !== undefined) {
      if (this.#isConnected) reset(this.#socket);
      else this.#socket.destroy();
    }
    this.#socket = undefined;
    this.#isConnected = false;
    this.#written = 0;
    this.#frames = [];
    this.#dropReceived();
  }

  /** Writes the waiting exchanges, up to the limit of the connection. */
  #write(): void {
    if (this.#written === 0 && this.#frames.length >= MAX_CASES) this.close();
    const next = this.#waiting.slice(this.#written, this.#written + MAX_CASES - this.#frames.length);
    if (next.length === 0) return;
    this.#socket ??= this.#open();
    if (this.#written === 0) this.#expectHead();
    this.#written += next.length;
    this.#frames.push(...next.map(({ sent }) => sent.bytes));
    this.#socket.write(Buffer.concat(next.flatMap(({ sent, marker }) => [sent.bytes, marker])));
  }

  #expectHead(): void {
    clearTimeout(this.#timer);
    this.#headSince = performance.now();
    this.#timer = setTimeout(() => this.#end('hung'), this.#waits.reactionMs);
  }

  #open(): Socket {
    const socket = connect({ host: this.#address.host, port: this.#address.port, noDelay: true });
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
    this.#received.append(chunk);
    const { bytes } = this.#received;
    for (let [head] = this.#waiting; head !== undefined && this.#written > 0; [head] = this.#waiting) {
      const at = this.#searchedTo;
      const header = readHeader(bytes, at);
      const end = at + HEADER_BYTES + (header?.length ?? 0);
      if (header === undefined || end > bytes.length) break;
      this.#searchedTo = end;
      if (!bytes.subarray(at, end).includes(head.id)) continue;
      // The marker is answered, so the frame before it will not be.
      const received = bytes.subarray(this.#reactionAt, at);
      this.#reactionAt = end;
      const silence = mustReact(head.sent, this.#waits.closes) ? 'hung' : 'idle';
      this.#settleHead({ received, ending: received.length === 0 ? silence : 'open' });
    }
    if (this.#reactionAt === this.#received.length) this.#dropReceived();
    if (this.#received.length - this.#reactionAt > MAX_REACTION_BYTES) this.#end('flood');
  }

  #dropReceived(): void {
    this.#received = new ReceiveBuffer();
    this.#reactionAt = 0;
    this.#searchedTo = 0;
  }

  /** The connection has ended. The first exchange gets the reaction; the others are written again, on a new connection. */
  #end(ending: Ending, code?: string): void {
    if (this.#written > 0)
      this.#settleHead({ received: this.#received.bytes.subarray(this.#reactionAt), ending, code });
    this.close();
    if (this.#waiting.length > 0) setImmediate(() => this.#write());
  }

  #settleHead(reply: Pick<Reply, 'received' | 'ending' | 'code'>): void {
    const head = this.#waiting.shift();
    this.#written -= 1;
    const frames = this.#frames;
    const count = frames.length - this.#written;
    const history = (): ConnectionActions => frames.slice(0, count).flatMap(actionsOf);
    const afterMs = performance.now() - this.#headSince;
    if (this.#written > 0) this.#expectHead();
    else {
      clearTimeout(this.#timer);
      if (this.#waiting.length > 0) setImmediate(() => this.#write());
    }
    head?.settle({ ...reply, afterMs, history });
  }
}
