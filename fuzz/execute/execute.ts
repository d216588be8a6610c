/** Executes a whole case on real connections, and reads what came back on each of them. */

import type { ResponseView } from '../../conformance/payload/response-view.ts';
import { readStream } from '../../conformance/wire/frame-reader.ts';
import { responseOf } from '../../conformance/wire/frames.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import { readSent, type Sent } from '../case/sent.ts';
import { exchange, type Reply, type Waits } from './exchange.ts';
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

/** Owns the sockets that its cases use; `release` gives them up. */
export class Executor {
  readonly #pool = new SocketPool();

  /**
   * Executes all connections of the case, concurrently or in turn as the case says. In turn, no connection follows one that
   * was refused. Rejects with an ExhaustedError only.
   */
  async execute(address: Address, value: Case, waits: Waits): Promise<readonly Execution[]> {
    const one = async (index: number): Promise<Execution> => {
      const actions = value.connections[index] ?? [];
      const sent = readSent(actions);
      return readExecution(sent, await exchange({ pool: this.#pool, address, actions, sent, waits }));
    };
    if (value.arrangement === 'at-once' || value.connections.length === 1)
      return Promise.all(value.connections.map((_, index) => one(index)));
    const executions: Execution[] = [];
    for (const index of value.connections.keys()) {
      executions.push(await one(index));
      if (executions.at(-1)?.reply.ending === 'refused') break;
    }
    return executions;
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
