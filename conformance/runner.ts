/**
 * Runs scenarios against a target: preflight, then each scenario with a liveness probe behind it, then the failed ones
 * again in another order. Yields events; prints nothing and decides nothing about levels or exit statuses.
 */

import { setMaxListeners } from 'node:events';
import type { RunEvent, ScenarioResult, Verdict } from './events.ts';
import { newTaskId } from './ids.ts';
import type { ProcessObserver, StoreObserver } from './observers/observer.ts';
import { Player, type Trial } from './player.ts';
import { INITIAL_DEADLINES, preflight } from './preflight.ts';
import { seeded, shuffled } from './random.ts';
import type { Scenario } from './scenario.ts';
import { inLanes, inOrder, looksAtStore } from './schedule.ts';
import type { Address } from './transport.ts';

export interface RunOptions {
  readonly target: Address;
  /** All scenarios that exist; controls are found here. */
  readonly catalogue: readonly Scenario[];
  /** Which of them to judge. Default: all. */
  readonly selected?: (scenario: Scenario) => boolean;
  /** How often a failed scenario is played again. Default 2. A target that never answered is not played again. */
  readonly retries?: number;
  /** How many scenarios are played at a time. Default: 1 for a fast target, 8 for one that takes over 20 ms to answer. */
  readonly jobs?: number | undefined;
  /** Fixes the order and the task ids; 32 bits. Default: the order of the catalogue and ids that never repeat. */
  readonly seed?: number | undefined;
  /** End the run at the first failed MUST. Default false. */
  readonly bail?: boolean;
  /** Play what waits for the protocol's timeouts, up to minutes each. Default false. */
  readonly slow?: boolean;
  /** Play what floods or exhausts. Default: only on a loopback address. */
  readonly heavy?: boolean | undefined;
  readonly store?: StoreObserver | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Starts a target that died again, on the same address, so that the run goes on. Default: it ends. */
  readonly restart?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** From this latency on, waiting side by side is worth more than an undisturbed target. */
const SLOW_TARGET_MS = 20;
const LANES_FOR_SLOW_TARGETS = 8;
const LANES_FOR_STORES = 32;

/** Runs and tells. The last event is always 'end' or 'unreachable'. */
export async function* run(options: RunOptions): AsyncGenerator<RunEvent, void> {
  const { target, catalogue, seed, restart } = options;
  // One listener on the caller's signal, however many plays listen to it.
  const signal = options.signal && AbortSignal.any([options.signal]);
  if (signal) setMaxListeners(0, signal);
  const random = seed === undefined ? undefined : seeded(seed);
  const probes = { deadlines: INITIAL_DEADLINES, newTaskId: () => newTaskId(random), signal };
  const look = await preflight(target, probes);
  if (signal?.aborted) return yield { kind: 'end', because: 'interrupted' };
  if (!look.reached) return yield { kind: 'unreachable', target, code: look.code };

  const planned = catalogue.filter(options.selected ?? (() => true));
  const order = inOrder(random === undefined ? planned : shuffled(planned, random), catalogue);
  const isPlanned = new Set(planned.map(({ id }) => id));
  const slowTarget = (look.profile.latencyMs ?? Number.POSITIVE_INFINITY) > SLOW_TARGET_MS;
  const lanes = options.jobs ?? (slowTarget ? LANES_FOR_SLOW_TARGETS : 1);
  yield {
    kind: 'plan',
    target,
    profile: look.profile,
    deadlines: look.deadlines,
    jobs: lanes,
    ...(seed !== undefined && { seed }),
    planned: [...isPlanned],
    controls: order.filter(({ id }) => !isPlanned.has(id)).map(({ id }) => id),
  };

  const { slow = false, heavy = look.isLoopback } = options;
  const { store, process } = options;
  const player = new Player({ target, look, store, process, random, slow, heavy, signal });
  const told = (trials: readonly [Trial, ...Trial[]]): RunEvent => ({
    kind: 'result',
    result: { ...resultOf(trials), onlyAsControl: !isPlanned.has(trials[0].scenario.id) },
  });
  let because = 'complete' as Extract<RunEvent, { kind: 'end' }>['because'];
  /** Ends the run, or starts the target again, where a trial gives reason to. */
  const heed = async (trial: Trial): Promise<void> => {
    if (signal?.aborted) because = 'interrupted';
    else if (!trial.alive && restart === undefined) because = 'target-died';
    else if (!trial.alive) await restart?.();
  };

  /** What failed, with the trials that count so far: none for what failed beside others, which may have been why. */
  const failed: { readonly scenario: Scenario; readonly trials: Trial[] }[] = [];
  const phases = [
    { scenarios: order.filter((scenario) => !looksAtStore(scenario)), lanes },
    // These wait for most of their time, for effects that have to come or must not.
    { scenarios: order.filter(looksAtStore), lanes: options.jobs ?? LANES_FOR_STORES },
  ];
  for (const phase of phases) {
    if (because !== 'complete') break;
    const width = restart === undefined ? phase.lanes : 1;
    for await (const trial of inLanes(phase.scenarios, width, (scenario) => player.try(scenario))) {
      const isFailure = trial.judgement.verdict === 'fail';
      await heed(trial);
      if (signal?.aborted) break;
      if (isFailure)
        failed.push({ scenario: trial.scenario, trials: width > 1 && trial.alive ? [] : [trial] });
      else yield told([trial]);
      if (because !== 'complete') break;
      if (options.bail && isFailure && trial.scenario.level === 'MUST') {
        because = 'bailed';
        break;
      }
    }
  }
  // The failed ones again, alone and last first: a failure that depends on what ran before shows as flaky.
  const plays = look.profile.answers ? 1 + (options.retries ?? 2) : 1;
  for (const { scenario, trials } of failed.toReversed()) {
    while (because === 'complete' && trials.length < plays) {
      const trial = await player.try(scenario);
      await heed(trial);
      if (signal?.aborted) break;
      trials.push(trial);
      if (trials.every(({ judgement }) => judgement.verdict === 'pass')) break;
    }
    const [first, ...others] = trials;
    if (first !== undefined) yield told([first, ...others]);
  }
  yield { kind: 'end', because };
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
