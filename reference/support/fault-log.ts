/**
 * Logs what peers do wrong, so that a peer that repeats it cannot fill the log: the first fault of each network at once and in full,
 * and then, for each window of time, one line with the number of further ones. Each of those is a line of the level debug.
 */
import type { Logger } from './logger.ts';

/** A fault of a peer. */
export interface Fault {
  /** The network of the peer, which is what is counted by. */
  readonly network: string;
  /** The address and port of the connection. */
  readonly peer: object;
  /** What went wrong. Not from the peer: a short name of a fixed set. */
  readonly code: string;
  readonly level: 'info' | 'warn';
  readonly message: string;
  /** Fields of the line that is logged in full. */
  readonly fields?: object;
}

/** What came from one network in the present window, after the fault that was logged. */
interface Counted {
  count: number;
  level: Fault['level'];
  readonly codes: Map<string, number>;
  /** Of the last fault. */
  peer: object;
}

/** Milliseconds of a window. */
const WINDOW_MS = 10_000;
/** Networks that are counted apart. Further ones are counted together. */
const MOST_NETWORKS = 256;
const OTHERS = 'others';

export class FaultLog {
  readonly #logger: Logger;
  readonly #windowMs: number;
  readonly #networks = new Map<string, Counted>();
  #timer: NodeJS.Timeout | undefined;

  /** `windowMs`: default 10 000. */
  constructor(logger: Logger, windowMs = WINDOW_MS) {
    this.#logger = logger;
    this.#windowMs = windowMs;
  }

  /** Logs the fault, or counts it for the line at the end of the window. */
  report({ network, peer, code, level, message, fields }: Fault): void {
    const isCounted = this.#networks.has(network) || this.#networks.size < MOST_NETWORKS;
    const name = isCounted ? network : OTHERS;
    const counted = this.#networks.get(name);
    if (counted === undefined) {
      this.#networks.set(name, { count: 0, level: 'info', codes: new Map(), peer });
      this.#logger[level]({ peer, code, ...fields }, message);
      this.#timer ??= setInterval(() => this.#endWindow(), this.#windowMs).unref();
      return;
    }
    this.#logger.debug({ peer, code, ...fields }, message);
    counted.count += 1;
    counted.codes.set(code, (counted.codes.get(code) ?? 0) + 1);
    counted.peer = peer;
    if (level === 'warn') counted.level = level;
  }

  /** Logs what was counted, and counts no longer. */
  close(): void {
    this.#endWindow();
    clearInterval(this.#timer);
    this.#networks.clear();
  }

  /** A network that had further faults is counted on, so that the next ones are not logged in full. */
  #endWindow(): void {
    // A map that grows during its iteration yields what is added, too.
    const ended = [...this.#networks];
    this.#networks.clear();
    for (const [network, { count, level, codes, peer }] of ended) {
      if (count === 0) continue;
      const fields = { network, count, codes: Object.fromEntries(codes), lastPeer: peer };
      this.#logger[level](fields, 'more faults of the same address');
      this.#networks.set(network, { count: 0, level: 'info', codes: new Map(), peer });
    }
    if (this.#networks.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
