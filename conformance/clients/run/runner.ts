/**
 * Judges a client: catalogue → plays → observations → verdicts, as events. A scenario is judged when its control has passed;
 * until then it waits, and others run. Scenarios with the same play share its start.
 */

import { performance } from 'node:perf_hooks';
import type { Judged, JudgedEvent, JudgedVerdict } from '../../report/judged.ts';
import type { WireRecord } from '../../report/record.ts';
import { FailureCount, type FailureLimit } from '../../scenario/failure-limit.ts';
import { LEVELS, withControls } from '../../scenario/requirement.ts';
import { combinedSignal } from '../../util/combined-signal.ts';
import { behaviourOf, type ClientVerdict, describeObservation, judgeClient } from '../judge/judge.ts';
import type { ClientObservation } from '../judge/observation.ts';
import { EXPECTED_LINE } from '../judge/outcome-line.ts';
import { connectionsUsed } from '../judge/sent.ts';
import type { ClientScenario, Play } from '../scenario/client-scenario.ts';
import { attempt, BreachError, type Environment, startOnce, TIMEOUT_MS } from './attempt.ts';
import type { ClientDriver } from './driver.ts';
import { EventQueue } from './event-queue.ts';
import { Lanes } from './lanes.ts';

/** Options of `judgeClients`. */
export interface ClientRunOptions extends FailureLimit {
  readonly catalogue: readonly ClientScenario[];
  readonly isSelected: (scenario: ClientScenario) => boolean;
  readonly driver: ClientDriver;
  /** How many clients run at a time, at least 1. */
  readonly jobs: number;
  /** How often a failed scenario is attempted again, from 0. Default 2. */
  readonly retries?: number | undefined;
  /** Whether plays start the client as often as with --slow. Default false. */
  readonly slow?: boolean | undefined;
  /** The longest time of the run in milliseconds. Default: none. */
  readonly maxTimeMs?: number | undefined;
  /** The port of the kit's server, which then serves one client at a time. Default: a free one for each start. */
  readonly port?: number | undefined;
  /** Whether a person starts the client: then nothing is measured, and nothing is started more than once. Default false. */
  readonly isByHand?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with one line for a person. Default: nothing is done. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** Starts of the ordinary submit before the run. */
const MEASURED_STARTS = 3;

/** The events of a run. The last one is the end. */
export async function* judgeClients(options: ClientRunOptions): AsyncGenerator<JudgedEvent, void> {
  const { catalogue, jobs, maxTimeMs, signal } = options;
  const stop = new AbortController();
  const over = combinedSignal([stop.signal, signal], maxTimeMs);
  const run = new Run(options, over.signal);
  const failures = new FailureCount(options);
  try {
    const planned = catalogue.filter(options.isSelected).map(({ id }) => id);
    const about = await run.measure();
    yield {
      ...{ kind: 'plan', about, jobs, planned },
      controls: run.scenarios.map(({ id }) => id).filter((id) => !planned.includes(id)),
    };
    for await (const judged of run.judgeAll()) {
      yield { kind: 'result', judged };
      const { verdict, scenario, onlyAsControl } = judged;
      if (verdict.verdict === 'fail' && !onlyAsControl) failures.add(scenario);
      if (failures.isReached) {
        stop.abort();
        yield { kind: 'end', because: 'bailed' };
        return;
      }
    }
    yield { kind: 'end', because: 'complete' };
  } catch (error) {
    if (error instanceof BreachError) yield { kind: 'end', because: 'cannot-run', detail: error.message };
    else if (signal?.aborted) yield { kind: 'end', because: 'interrupted' };
    else if (over.signal.aborted) yield { kind: 'end', because: 'out-of-time' };
    else throw error;
  } finally {
    stop.abort();
    await run.ended();
    over.release();
  }
}

class Run {
  /** The selected ones and their controls. */
  readonly scenarios: readonly ClientScenario[];
  readonly #options: ClientRunOptions;
  readonly #byId: ReadonlyMap<string, ClientScenario>;
  /** Of plays that a scenario still needs: each holds all that a client sent. */
  readonly #observations = new Map<Play, Promise<ClientObservation>>();
  /** How many scenarios have not yet used the observation of a play. */
  readonly #users = new Map<Play, number>();
  readonly #judged = new Map<string, Promise<Judged>>();
  #environment: Environment;

  constructor(options: ClientRunOptions, signal: AbortSignal) {
    this.#options = options;
    this.scenarios = withControls(options.catalogue, options.isSelected);
    this.#byId = new Map(this.scenarios.map((scenario) => [scenario.id, scenario]));
    for (const { play } of this.scenarios) this.#users.set(play, (this.#users.get(play) ?? 0) + 1);
    const { driver, port, slow = false, onNote = () => {} } = options;
    this.#environment = {
      ...{ driver, lanes: new Lanes(options.jobs), port, isSlow: slow, signal, onNote },
      // Until it is measured: an interpreter that is compiled first may take long.
      startMs: 10_000,
    };
  }

  /**
   * Starts the client a few times, with a server that accepts. What it prints has to keep to the interface then. Returns
   * what was found, in words.
   */
  async measure(): Promise<readonly string[]> {
    const { jobs, isByHand } = this.#options;
    const ordinary = this.scenarios[0]?.play;
    if (isByHand || ordinary === undefined) return ['started by hand'];
    const times: number[] = [];
    for (let count = 0; count < MEASURED_STARTS; count += 1) {
      const start = await named('a first submit', () => startOnce(ordinary, this.#environment));
      if (start.end.kind !== 'reported') {
        const what = start.end.kind === 'died' ? `none came (${start.end.how})` : 'the client did not end';
        throw new BreachError(`a first submit: ${expectation(what)}`);
      }
      times.push(start.firstByteMs ?? start.durationMs);
      if ((ordinary.starts ?? 1) === 1) this.#observations.set(ordinary, Promise.resolve([start]));
    }
    const slowest = Math.max(...times);
    // Others start at the same time.
    const startMs = 2 * slowest * jobs;
    this.#environment = { ...this.#environment, startMs };
    return [
      `client: sends ${Math.round(slowest)} ms after its start, the slowest of ${MEASURED_STARTS}; next to others it may take ${Math.round(startMs)} ms`,
    ];
  }

  /** All scenarios, in the order in which they are judged. */
  async *judgeAll(): AsyncGenerator<Judged, void> {
    const queue = new EventQueue<Judged>();
    // What moves megabytes has a long time limit of its own. It comes last, because it delays the answers to other clients.
    const order = this.scenarios.toSorted((a, b) => (a.play.timeoutMs ?? 0) - (b.play.timeoutMs ?? 0));
    const all = Promise.all(order.map(async (scenario) => queue.push(await this.#judge(scenario))));
    all.then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    );
    yield* queue;
  }

  /** Resolves when nothing runs any more. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#judged.values(), ...this.#observations.values()]);
  }

  #judge(scenario: ClientScenario): Promise<Judged> {
    let judged = this.#judged.get(scenario.id);
    if (judged === undefined) {
      judged = this.#judgeOnce(scenario);
      judged.catch(() => {});
      this.#judged.set(scenario.id, judged);
    }
    return judged;
  }

  async #judgeOnce(scenario: ClientScenario): Promise<Judged> {
    try {
      return await this.#judgeWithControl(scenario);
    } finally {
      const users = (this.#users.get(scenario.play) ?? 1) - 1;
      this.#users.set(scenario.play, users);
      if (users === 0) this.#observations.delete(scenario.play);
    }
  }

  async #judgeWithControl(scenario: ClientScenario): Promise<Judged> {
    const onlyAsControl = !this.#options.isSelected(scenario);
    const unplayed = {
      scenario,
      onlyAsControl,
      attempts: 0,
      observed: '',
      behaviour: 'not played',
      durationMs: 0,
    };
    const control = this.#byId.get(scenario.control ?? '');
    if (control !== undefined) {
      const { verdict } = await this.#judge(control);
      // A client that fails a weaker requirement is judged by the stronger ones all the same.
      const decides = LEVELS.indexOf(control.level) <= LEVELS.indexOf(scenario.level);
      if (verdict.verdict !== 'pass' && decides)
        return {
          ...unplayed,
          verdict: { verdict: 'inconclusive', reason: `its control ${control.id} did not pass` },
        };
    }
    if (this.#options.isByHand && (scenario.play.starts ?? 1) > 1)
      return {
        ...unplayed,
        verdict: { verdict: 'skipped', reason: 'it starts the client many times, which needs --exec' },
      };
    const began = performance.now();
    const attempts = await this.#attempts(scenario);
    const failed = attempts.filter(({ verdict }) => verdict.verdict === 'fail');
    const deciding = failed[0] ?? attempts[0];
    if (deciding === undefined) throw new Error('a scenario is attempted at least once');
    const { observation } = deciding;
    const verdict: JudgedVerdict =
      deciding.verdict.verdict === 'fail'
        ? { ...deciding.verdict, failedPlays: failed.length }
        : deciding.verdict;
    return {
      ...{ scenario, verdict, onlyAsControl, attempts: attempts.length },
      observed: describeObservation(observation),
      behaviour: behaviourOf(observation),
      durationMs: performance.now() - began,
      transcript: transcriptOf(observation),
    };
  }

  /**
   * The first attempt, and after a failure further ones, each alone. A first one in which a time limit passed next to other
   * clients may be the fault of a busy machine: it counts only if one alone fails, too.
   */
  async #attempts(scenario: ClientScenario): Promise<readonly Attempted[]> {
    const { retries = 2, isByHand, jobs } = this.#options;
    const { timeoutMs = TIMEOUT_MS } = scenario.play;
    const observation = await this.#shared(scenario);
    const first = judged(scenario, observation);
    if (first.verdict.verdict === 'pass' || isByHand) return [first];
    const isLate = jobs > 1 && observation.some(({ durationMs }) => durationMs >= timeoutMs);
    const alone: Attempted[] = [];
    while (alone.length < Math.max(retries, isLate ? 1 : 0)) {
      const again = judged(scenario, await this.#play(scenario, true));
      alone.push(again);
      // What fails twice in a row fails.
      if (again.verdict.verdict === 'fail') return [first, ...alone];
    }
    return isLate ? alone : [first, ...alone];
  }

  /** The observation of the play, which all its scenarios share. */
  #shared(scenario: ClientScenario): Promise<ClientObservation> {
    const { play } = scenario;
    let observation = this.#observations.get(play);
    if (observation === undefined) {
      observation = this.#play(scenario);
      observation.catch(() => {});
      this.#observations.set(play, observation);
    }
    return observation;
  }

  #play({ id, play }: ClientScenario, isAlone = false): Promise<ClientObservation> {
    return named(id, () => attempt(play, this.#environment, isAlone));
  }
}

interface Attempted {
  readonly observation: ClientObservation;
  readonly verdict: ClientVerdict;
}

function judged(scenario: ClientScenario, observation: ClientObservation): Attempted {
  return { observation, verdict: judgeClient(scenario, observation) };
}

/** A breach names the scenario in which it occurred, and what was expected. */
async function named<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BreachError)) throw error;
    throw new BreachError(`${where}: ${expectation(error.message)}`, { cause: error });
  }
}

function expectation(came: string): string {
  return `expected ${EXPECTED_LINE}; ${came}`;
}

/** Of the first start and the first connection on which it sent. */
function transcriptOf([start]: ClientObservation): readonly WireRecord[] {
  return connectionsUsed(start)[0]?.transcript ?? [];
}
