/** What the log says of one connection: one line when it has ended, or its fault, which may be counted with those of others. */
import type { Fault, FaultLog } from './fault-log.ts';
import type { Logger } from './logger.ts';

export class ConnectionLog {
  readonly #whose: Pick<Fault, 'network' | 'peer'>;
  readonly #logger: Logger;
  readonly #faults: FaultLog;
  /** The frames that were served, and the last of them. */
  #served: { readonly frames: number; readonly message: string; readonly status?: number } | undefined;
  #isFaulty = false;

  constructor(whose: Pick<Fault, 'network' | 'peer'>, to: { logger: Logger; faults: FaultLog }) {
    this.#whose = whose;
    this.#logger = to.logger;
    this.#faults = to.faults;
  }

  /** A frame was served. `status`: of its answer, if it has one. */
  served(message: string, status: number | undefined): void {
    const frames = (this.#served?.frames ?? 0) + 1;
    this.#served = { frames, message, ...(status !== undefined && { status }) };
  }

  /** Something went wrong, for which the peer or the connection is the reason. */
  fault(code: string, message: string, fields: object = {}, level: Fault['level'] = 'info'): void {
    this.#isFaulty = true;
    this.#faults.report({ ...this.#whose, code, level, message, fields });
  }

  /** Something went wrong, for which neither the peer nor the connection is the reason. */
  failure(message: string, fields: object): void {
    this.#logger.warn({ peer: this.#whose.peer, ...fields }, message);
  }

  /** The connection is closed. */
  end(): void {
    if (this.#isFaulty) return;
    if (this.#served === undefined) this.fault('no-frame', 'connection without a frame');
    else this.#logger.info({ peer: this.#whose.peer, ...this.#served }, 'connection served');
  }
}
