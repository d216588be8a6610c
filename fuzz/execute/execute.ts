/** Executes a whole case on real connections, and reads what came back on each of them. */

import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import { readSent } from '../case/sent.ts';
import { exchange, type Waits } from './exchange.ts';
import { type Execution, readExecution } from './reply.ts';
import { SocketPool } from './socket-pool.ts';

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
