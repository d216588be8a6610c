/**
 * Connections of the kit between those of the scenarios: the liveness probe after each attempt, and controls that tell a
 * fault of the target from its policy (S7) or from a proxy that passes no FIN on.
 */

import { type Observation, observe } from '../../judge/observe.ts';
import { statusOf } from '../../judge/oracle.ts';
import { type Addresses, type Bytes, DEFAULT_ADDRESSES, withAddresses } from '../../scenario/bytes.ts';
import { fin, send } from '../../scenario/steps.ts';
import { newTaskId } from '../../util/task-id.ts';
import { isOwnLimit, OwnLimitError } from '../../wire/own-limit.ts';
import { type Address, runSteps } from '../../wire/transport.ts';
import type { DeadlineEstimate, Deadlines } from '../timing/deadlines.ts';
import { SharedProbe } from '../timing/shared-probe.ts';
import { freshIds } from './ids.ts';
import { connectionOptions, type Preflight, probe } from './preflight.ts';

export interface ProbesOptions {
  readonly target: Address;
  /** The result of the preflight. */
  readonly preflight: Extract<Preflight, { reached: true }>;
  /** Of ordinary SUBMITs. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  /** Takes the latency of the answered liveness probe after each attempt, in milliseconds. */
  readonly onLatency?: ((latencyMs: number) => void) | undefined;
  /** Called with the system's code where this machine could not open a connection at once. */
  readonly onOwnLimit?: ((code: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A patient probe waits this many times as long as an answer may take. */
const PATIENCE = 2;
/** Times that a target may close, or send something else, in place of an answer to a probe. */
const LIVENESS_TRIES = 3;
/** Probes begin at least this share of the latency apart. */
const APART = 1 / 8;

export class Probes {
  readonly #options: ProbesOptions;
  readonly #estimate: DeadlineEstimate;
  readonly #shared: SharedProbe<Observation | undefined>;
  #passesFin: Promise<boolean> | undefined;
  #losesFin = false;

  constructor(options: ProbesOptions) {
    this.#options = options;
    this.#estimate = options.preflight.estimate;
    this.#shared = new SharedProbe(
      () => this.#liveness(this.deadlines.answerMs),
      () => APART * this.#estimate.latencyMs,
    );
  }

  get deadlines(): Deadlines {
    return this.#estimate.now;
  }

  /**
   * Sends an ordinary SUBMIT. Undefined if the target does not treat it as in the preflight: if it does not answer, or if it
   * accepts no connection. Attempts that end at the same time share a probe. Rejects with an OwnLimitError where this machine can
   * open no connection.
   */
  async liveness(): Promise<Observation | undefined> {
    const alive = await this.#shared.request();
    const { answeredAfterMs } = alive ?? {};
    if (answeredAfterMs !== undefined) this.#options.onLatency?.(answeredAfterMs);
    return alive;
  }

  /** As `liveness`, for a time when no scenario runs: tolerates one late answer. */
  async patientLiveness(): Promise<Observation | undefined> {
    return (await this.#liveness(this.deadlines.answerMs)) ?? (await this.lastLiveness());
  }

  /** As `liveness`, after a probe that was not answered: waits longer. */
  lastLiveness(): Promise<Observation | undefined> {
    return this.#liveness(PATIENCE * this.deadlines.answerMs);
  }

  /** A connection that is accepted and treated otherwise is tried again: it shows a fault, but no death. */
  async #liveness(waitMs: number): Promise<Observation | undefined> {
    for (let tried = 1; ; tried += 1) {
      const probed = await this.#probe(waitMs);
      if (probed.isUsual) return probed.observation;
      if (tried === LIVENESS_TRIES || !wasAccepted(probed.observation)) return undefined;
    }
  }

  /** `isUsual`: whether the target treats an ordinary SUBMIT as in the preflight. */
  async #probe(waitMs: number): Promise<{ readonly observation: Observation; readonly isUsual: boolean }> {
    const { target, preflight, addresses, signal } = this.#options;
    const isAnswering = preflight.profile.answers;
    const deadlines = { ...this.deadlines, answerMs: isAnswering ? waitMs : 0 };
    const observation = await probe(target, {
      deadlines,
      newTaskId,
      addresses,
      signal,
    });
    const { answeredAfterMs, frames, ending } = observation;
    if (ending.kind === 'connect-failed' && isOwnLimit(ending.code)) {
      this.#options.onOwnLimit?.(ending.code);
      throw new OwnLimitError(ending.code);
    }
    if (answeredAfterMs !== undefined) this.#estimate.observe(answeredAfterMs);
    return { observation, isUsual: isAnswering ? frames.length > 0 : ending.kind !== 'connect-failed' };
  }

  /** The status with which the target answers these bytes now, on a connection of its own and with fresh ids. */
  async statusFor(bytes: Bytes): Promise<200 | 400 | undefined> {
    const { target, addresses = DEFAULT_ADDRESSES, signal } = this.#options;
    const options = { ...connectionOptions(this.deadlines, 0, freshIds().of), signal };
    return statusOf(observe(await runSteps(target, [send(withAddresses(bytes, addresses))], options)));
  }

  /**
   * Whether the target notices the end of a stream: whether it ends a connection whose sending side the kit has shut down
   * before any byte. Asked once a run.
   */
  passesFin(): Promise<boolean> {
    const { target, signal } = this.#options;
    const options = { ...connectionOptions(this.deadlines, 0, () => ''), signal };
    this.#passesFin ??= runSteps(target, [fin()], options).then((transcript) => {
      const { ending } = observe(transcript);
      this.#losesFin = ending.kind === 'deadline';
      return !this.#losesFin;
    });
    return this.#passesFin;
  }

  /** Whether `passesFin` has shown that no close is seen. */
  get losesFin(): boolean {
    return this.#losesFin;
  }
}

/** Whether the target took the connection, and closed it or sent something. */
function wasAccepted({ ending }: Observation): boolean {
  return ending.kind === 'connect-failed' ? ending.code === 'ECONNRESET' : ending.kind !== 'deadline';
}
