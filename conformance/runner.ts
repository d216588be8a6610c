/**
 * Runs scenarios against a target: preflight, then each scenario on a connection of its own with a liveness probe
 * behind it, then the failed ones again in another order. Yields events; prints nothing and decides nothing about
 * levels or exit statuses.
 */

import type { RunEvent, ScenarioResult, Verdict } from './events.ts';
import { randomTaskId } from './ids.ts';
import { countFrames, observe } from './observe.ts';
import { contrast, type Judgement, judge, judgeDeath, REJECTS_EVERYTHING } from './oracle.ts';
import { INITIAL_DEADLINES, type Preflight, preflight, probe } from './preflight.ts';
import type { Scenario } from './scenario.ts';
import type { Transcript } from './transcript.ts';
import { type Address, play } from './transport.ts';

export interface RunOptions {
  readonly target: Address;
  /** All scenarios that exist; controls are found here. */
  readonly catalogue: readonly Scenario[];
  /** Which of them to judge. Default: all. */
  readonly selected?: (scenario: Scenario) => boolean;
  /** A fresh task id for each call: 36 ASCII bytes. Default: random ones (S10). */
  readonly newTaskId?: () => string;
  /** How often a failed scenario is played again. Default 2. A target that never answered is not played again. */
  readonly retries?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs and tells. The last event is always 'end' or 'unreachable'. */
export async function* run(options: RunOptions): AsyncGenerator<RunEvent, void> {
  const { target, catalogue, signal, newTaskId = randomTaskId } = options;
  const planned = catalogue.filter(options.selected ?? (() => true));
  const order = withControls(planned, catalogue);
  const look = await preflight(target, {
    deadlines: INITIAL_DEADLINES,
    newTaskId,
    signal,
  });
  if (signal?.aborted) return yield { kind: 'end', because: 'interrupted' };
  if (!look.reached) return yield { kind: 'unreachable', target, code: look.code };
  const isPlanned = new Set(planned.map(({ id }) => id));
  yield {
    kind: 'plan',
    target,
    profile: look.profile,
    deadlines: look.deadlines,
    planned: [...isPlanned],
    controls: order.filter(({ id }) => !isPlanned.has(id)).map(({ id }) => id),
  };

  const player = new Player({ ...options, newTaskId }, look);
  const failed: Trial[] = [];
  const told = (trials: readonly [Trial, ...Trial[]]): RunEvent => ({
    kind: 'result',
    result: { ...resultOf(trials), onlyAsControl: !isPlanned.has(trials[0].scenario.id) },
  });
  let because: Extract<RunEvent, { kind: 'end' }>['because'] = 'complete';
  for (const scenario of order) {
    const trial = await player.try(scenario);
    if (signal?.aborted) because = 'interrupted';
    else if (trial.judgement.verdict === 'fail') failed.push(trial);
    else yield told([trial]);
    if (!trial.alive && because === 'complete') because = 'target-died';
    if (because !== 'complete') break;
  }
  // The failed ones again, last first: a failure that depends on what ran before shows as flaky.
  const plays = look.profile.answers ? 1 + (options.retries ?? 2) : 1;
  for (const first of failed.toReversed()) {
    const trials: [Trial, ...Trial[]] = [first];
    while (because === 'complete' && trials.length < plays) {
      const trial = await player.try(first.scenario);
      if (signal?.aborted) because = 'interrupted';
      else trials.push(trial);
      if (!trial.alive && because === 'complete') because = 'target-died';
    }
    yield told(trials);
  }
  yield { kind: 'end', because };
}

/** One play of a scenario and the liveness probe behind it. */
interface Trial {
  readonly scenario: Scenario;
  readonly judgement: Judgement | { readonly verdict: 'error'; readonly reason: string };
  readonly transcript: Transcript;
  readonly alive: boolean;
}

type PlayerOptions = RunOptions & Required<Pick<RunOptions, 'newTaskId'>>;

class Player {
  readonly #options: PlayerOptions;
  readonly #look: Extract<Preflight, { reached: true }>;
  readonly #judgements = new Map<string, Trial['judgement']>();

  constructor(options: PlayerOptions, look: Extract<Preflight, { reached: true }>) {
    this.#options = options;
    this.#look = look;
  }

  async try(scenario: Scenario): Promise<Trial> {
    const trial = await this.#try(scenario);
    if (!this.#judgements.has(scenario.id)) this.#judgements.set(scenario.id, trial.judgement);
    return trial;
  }

  async #try(scenario: Scenario): Promise<Trial> {
    if (scenario.needs === 'accepting' && this.#look.profile.policy === 'rejects') {
      return {
        scenario,
        judgement: { verdict: 'skipped', reason: REJECTS_EVERYTHING },
        transcript: [],
        alive: true,
      };
    }
    try {
      const idOf = this.#freshIds();
      const transcript = await this.#play(scenario, idOf);
      const observation = observe(transcript);
      const alive = await this.#isAlive();
      const judgement = alive
        ? this.#besideControl(scenario, judge(scenario, observation, idOf))
        : judgeDeath(scenario, observation);
      return { scenario, judgement, transcript, alive };
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { scenario, judgement: { verdict: 'error', reason }, transcript: [], alive: true };
    }
  }

  #play(scenario: Scenario, idOf: (slot: number) => string): Promise<Transcript> {
    const { deadlines } = this.#look;
    const awaitsSilence = scenario.accept.some(({ kind }) => kind === 'silent');
    return play(this.#options.target, scenario.steps, {
      connectTimeoutMs: deadlines.connectMs,
      patienceMs: awaitsSilence ? deadlines.quietMs : deadlines.answerMs,
      patienceEndsAs: awaitsSilence ? 'quiet' : 'deadline',
      quietMs: deadlines.quietMs,
      deadlineMs: deadlines.answerMs,
      units: countFrames,
      idOf,
      signal: this.#options.signal,
    });
  }

  #besideControl(scenario: Scenario, judgement: Judgement): Judgement {
    if (scenario.control === undefined) return judgement;
    const control = this.#judgements.get(scenario.control);
    return contrast(
      judgement,
      scenario.control,
      control === undefined || control.verdict === 'error'
        ? { verdict: 'inconclusive', reason: 'it was not judged' }
        : control,
    );
  }

  /** Does the target still do on a fresh connection what it did in the preflight? */
  async #isAlive(): Promise<boolean> {
    const { target, newTaskId, signal } = this.#options;
    const { profile, deadlines } = this.#look;
    const answerMs = profile.answers ? deadlines.answerMs : 0;
    const seen = await probe(target, { deadlines: { ...deadlines, answerMs }, newTaskId, signal });
    return profile.answers ? seen.frames.length > 0 : seen.ending.kind !== 'connect-failed';
  }

  #freshIds(): (slot: number) => string {
    const ids = new Map<number, string>();
    return (slot) => {
      const id = ids.get(slot) ?? this.#options.newTaskId();
      ids.set(slot, id);
      return id;
    };
  }
}

/** The selected scenarios in catalogue order, each behind its control, which is added where it was not selected. */
function withControls(selected: readonly Scenario[], catalogue: readonly Scenario[]): Scenario[] {
  const byId = new Map(catalogue.map((scenario) => [scenario.id, scenario]));
  const order = new Set<Scenario>();
  const add = (scenario: Scenario): void => {
    const control = scenario.control === undefined ? undefined : byId.get(scenario.control);
    if (control !== undefined) add(control);
    order.add(scenario);
  };
  for (const scenario of selected) add(scenario);
  return [...order];
}

/** The verdict on all plays of one scenario: the first one counts, the others tell how often it fails. */
function resultOf(trials: readonly [Trial, ...Trial[]]): Omit<ScenarioResult, 'onlyAsControl'> {
  const [{ scenario, judgement, transcript }] = trials;
  const verdict: Verdict =
    judgement.verdict === 'fail'
      ? {
          ...judgement,
          failedPlays: trials.filter((trial) => trial.judgement.verdict === 'fail').length,
          plays: trials.length,
        }
      : judgement;
  return { scenario, verdict, transcript, targetDied: trials.some(({ alive }) => !alive) };
}
