/**
 * Connections of the kit between those of the scenarios: the liveness probe after each attempt, and controls that tell a
 * fault of the target from its policy (S7) or from a proxy that passes no FIN on.
 */

import { type Observation, observe } from '../judge/observe.ts';
import { statusOf } from '../judge/oracle.ts';
import { type Addresses, type Bytes, DEFAULT_ADDRESSES, withAddresses } from '../scenario/bytes.ts';
import { fin, send } from '../scenario/steps.ts';
import { newTaskId } from '../util/task-id.ts';
import { type Address, runSteps } from '../wire/transport.ts';
import { freshIds } from './ids.ts';
import { connectionOptions, type Deadlines, deadlinesFor, type Preflight, probe } from './preflight.ts';

export interface ProbesOptions {
  readonly target: Address;
  /** The result of the preflight. */
  readonly preflight: Extract<Preflight, { reached: true }>;
  /** Numbers from 0, inclusive, to 1, exclusive, for reproducible task ids. Default: ids that never repeat. */
  readonly random?: (() => number) | undefined;
  /** Of ordinary SUBMITs. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  /** Takes the latency of every answered liveness probe, in milliseconds. */
  readonly onLatency?: ((latencyMs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A patient liveness probe is repeated, and waits this many times as long the second time. */
const SECOND_PROBE_FACTOR = 3;

export class Probes {
  readonly #options: ProbesOptions;
  /** Extended when the target becomes slower. */
  #deadlines: Deadlines;
  #passesFin: Promise<boolean> | undefined;
  #losesFin = false;

  constructor(options: ProbesOptions) {
    this.#options = options;
    this.#deadlines = options.preflight.deadlines;
  }

  get deadlines(): Deadlines {
    return this.#deadlines;
  }

  /**
   * Sends an ordinary SUBMIT. Undefined if the target does not treat it as in the preflight: if it does not answer, or if it
   * accepts no connection. With `isPatient`, one late answer is tolerated.
   */
  async liveness(isPatient: boolean): Promise<Observation | undefined> {
    const { target, preflight, addresses, signal, onLatency } = this.#options;
    const isAnswering = preflight.profile.answers;
    const { answerMs } = this.#deadlines;
    for (const waitMs of isPatient ? [answerMs, SECOND_PROBE_FACTOR * answerMs] : [answerMs]) {
      const deadlines = { ...this.#deadlines, answerMs: isAnswering ? waitMs : 0 };
      const newId = (): string => newTaskId(this.#options.random);
      const observation = await probe(target, { deadlines, newTaskId: newId, addresses, signal });
      const { answeredAfterMs, frames, ending } = observation;
      if (answeredAfterMs !== undefined) {
        onLatency?.(answeredAfterMs);
        this.#extendDeadlines(answeredAfterMs);
      }
      if (isAnswering ? frames.length > 0 : ending.kind !== 'connect-failed') return observation;
    }
    return undefined;
  }

  /** The status with which the target answers these bytes now, on a connection of its own and with fresh ids. */
  async statusFor(bytes: Bytes): Promise<200 | 400 | undefined> {
    const { target, random, addresses = DEFAULT_ADDRESSES, signal } = this.#options;
    const options = { ...connectionOptions(this.#deadlines, 0, freshIds(random).of), signal };
    return statusOf(observe(await runSteps(target, [send(withAddresses(bytes, addresses))], options)));
  }

  /**
   * Whether the target notices the end of a stream: whether it ends a connection whose sending side the kit has shut down
   * before any byte. Asked once a run.
   */
  passesFin(): Promise<boolean> {
    const { target, signal } = this.#options;
    const options = { ...connectionOptions(this.#deadlines, 0, () => ''), signal };
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

  #extendDeadlines(latencyMs: number): void {
    const { connectMs, answerMs } = deadlinesFor(latencyMs);
    if (answerMs > this.#deadlines.answerMs) this.#deadlines = { ...this.#deadlines, connectMs, answerMs };
  }
}
