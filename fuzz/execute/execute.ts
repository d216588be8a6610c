/** Executes a whole case on real connections, and reads what came back on each of them. */

import { setTimeout } from 'node:timers/promises';
import type { ResponseView } from '../../conformance/payload/response-view.ts';
import { readStream } from '../../conformance/wire/frame-reader.ts';
import { responseOf } from '../../conformance/wire/frames.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import { readSent, type Sent } from '../case/sent.ts';
import { type ExchangeOptions, ExhaustedError, exchange, type Reply, type Waits } from './exchange.ts';
import { SocketPool } from './socket-pool.ts';

/** What happened on one connection of a case. */
export interface Execution {
  readonly sent: Sent;
  readonly reply: Reply;
  /** The complete frames that came back, read as answers. */
  readonly answers: readonly Answer[];
  /** Number of bytes after them that form no complete frame. */
  readonly strayBytes: number;
}

/** A frame that came back, read as a SubmitResponse. */
export interface Answer extends ResponseView {
  readonly type: number;
}

/** Where this machine has no connection left, a connection is tried again after this pause, so many times. */
const RETRY = { ms: 50, times: 100 };

/** Owns the sockets that its cases use; `release` gives them up. */
export class Executor {
  readonly #pool = new SocketPool();
  /** How often this machine had no connection left. */
  exhaustions = 0;

  /**
   * Executes all connections of the case, concurrently or in turn as the case says. In turn, no connection follows one that
   * was refused or got no reaction. Rejects with an ExhaustedError only, if this machine has no connection left for 5 seconds.
   */
  async execute(address: Address, value: Case, waits: Waits): Promise<readonly Execution[]> {
    const one = async (index: number): Promise<Execution> => {
      const actions = value.connections[index] ?? [];
      const sent = readSent(actions);
      return readExecution(sent, await this.#exchange({ pool: this.#pool, address, actions, sent, waits }));
    };
    if (value.arrangement === 'at-once' || value.connections.length === 1)
      return Promise.all(value.connections.map((_, index) => one(index)));
    const executions: Execution[] = [];
    for (const index of value.connections.keys()) {
      executions.push(await one(index));
      const ending = executions.at(-1)?.reply.ending;
      if (ending === 'refused' || ending === 'hung') break;
    }
    return executions;
  }

  async #exchange(options: ExchangeOptions): Promise<Reply> {
    for (let left = RETRY.times; ; left -= 1) {
      try {
        return await exchange(options);
      } catch (error) {
        if (!(error instanceof ExhaustedError) || left === 0) throw error;
        this.exhaustions += 1;
        await setTimeout(RETRY.ms);
      }
    }
  }

  release(): void {
    this.#pool.release();
  }
}

/** Reads the reply once, for the signature and for every invariant. */
export function readExecution(sent: Sent, reply: Reply): Execution {
  const { received, more } = reply;
  if (received.length === 0) return { sent, reply, answers: [], strayBytes: 0 };
  const { frames, restBytes } = more?.read ?? readStream(received);
  const answers = frames.map((frame): Answer => ({ type: frame.type, ...responseOf(frame) }));
  return { sent, reply, answers, strayBytes: restBytes };
}
