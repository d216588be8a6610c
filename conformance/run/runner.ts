/**
 * Runs scenarios against a target: a look at it and at its store, a plan, then a result for each scenario. Yields events; prints nothing and decides nothing about levels or exit statuses.
 */

import { setMaxListeners } from 'node:events';
import type { ProcessObserver, StoreObserver } from '../observers/observer.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { seeded, shuffled } from '../util/random.ts';
import { newTaskId } from '../util/task-id.ts';
import type { Address } from '../wire/transport.ts';
import { AttemptRunner } from './attempt.ts';
import type { RunEvent } from './events.ts';
import { Execution } from './execution.ts';
import { INITIAL_DEADLINES, type Profile, preflight } from './preflight.ts';
import { afterControls, costOf, executionOrder, usesStore } from './schedule.ts';
import { storePreflight } from './store-preflight.ts';

/** Options of `run`. */
export interface RunOptions {
  readonly target: Address;
  /** All scenarios that exist; controls are found here. */
  readonly catalogue: readonly Scenario[];
  /** Which of them to judge. Default: all. */
  readonly selected?: (scenario: Scenario) => boolean;
  /** How often a failed scenario is played again. Default 2. A target that never answered is not played again. */
  readonly retries?: number;
  /**
   * How many scenarios are played at a time. Default: 8 for a target that takes over 20 ms to answer or can be started
   * again, more for those that look at the store; 1 for others, and for what serves one connection after another.
   */
  readonly jobs?: number | undefined;
  /** Fixes the order and the task ids; 32 bits. Default: the order of the catalogue and ids that never repeat. */
  readonly seed?: number | undefined;
  /** End the run at the first failed MUST. Default false. */
  readonly bail?: boolean;
  /** Play what waits for the protocol's timeouts, up to minutes each. Default false. */
  readonly slow?: boolean;
  /** Play what floods or exhausts. Default: only on a loopback address. */
  readonly heavy?: boolean | undefined;
  /** How many times as fast as ours the target's clock runs, so that its timeouts come sooner. Default 1. */
  readonly timeScale?: number | undefined;
  readonly store?: StoreObserver | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Starts a target that died again, on the same address, so that the run goes on. Default: it ends. */
  readonly restart?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** From this latency on, waiting side by side is worth more than knowing at once what a target died of. */
const SLOW_TARGET_MS = 20;
const CONCURRENCY = { fewest: 8, most: 32 };
/** Of a slow target's latency; another lane is opened for each. */
const LATENCY_PER_ATTEMPT_MS = 6;

/** Runs and tells. The last event is always 'end' or 'unreachable'. */
export async function* run(options: RunOptions): AsyncGenerator<RunEvent, void> {
  const { target, catalogue, seed, store } = options;
  // One listener on the caller's signal, however many plays listen to it.
  const signal = options.signal && AbortSignal.any([options.signal]);
  if (signal) setMaxListeners(0, signal);
  const random = seed === undefined ? undefined : seeded(seed);
  const probes = { deadlines: INITIAL_DEADLINES, newTaskId: () => newTaskId(random), signal };
  const look = await preflight(target, probes);
  if (signal?.aborted) return yield { kind: 'end', because: 'interrupted' };
  if (!look.reached) return yield { kind: 'unreachable', target, code: look.code };
  const { profile, deadlines } = look;

  const planned = catalogue.filter(options.selected ?? (() => true));
  const order = executionOrder(random === undefined ? planned : shuffled(planned, random), catalogue);
  const isAccepting = profile.policy !== 'rejects';
  const storeProfile =
    store && order.some(usesStore)
      ? await storePreflight(store, target, { ...probes, deadlines, isAccepting })
      : undefined;
  const isPlanned = new Set(planned.map(({ id }) => id));
  const concurrency = concurrencyFor(options, profile);
  const { process, slow = false, heavy = look.isLoopback, timeScale = 1 } = options;
  const player = new AttemptRunner({
    target,
    preflight: look,
    store,
    storeProfile,
    process,
    random,
    slow,
    heavy,
    timeScale,
    signal,
  });
  yield {
    kind: 'plan',
    target,
    profile,
    ...(storeProfile && { store: storeProfile }),
    deadlines,
    jobs: concurrency,
    ...(seed !== undefined && { seed }),
    planned: [...isPlanned],
    controls: order.filter(({ id }) => !isPlanned.has(id)).map(({ id }) => id),
    cost: costOf(order.filter((scenario) => player.reasonToSkip(scenario) === undefined)),
  };

  const rounds = new Execution(player, {
    ...options,
    signal,
    maxAttempts: profile.answers ? 1 + (options.retries ?? 2) : 1,
    isPlanned: (id) => isPlanned.has(id),
  });
  // What looks at the store goes first, while there is little in it, and with it what it leans on. It waits for most of
  // its time, for effects that have to come or must not.
  const atStore = new Set(store && afterControls(order.filter(usesStore), order));
  const storeConcurrency = options.jobs ?? (profile.isConcurrent ? CONCURRENCY.most : 1);
  const phases = [
    { scenarios: order.filter((scenario) => atStore.has(scenario)), concurrency: storeConcurrency },
    { scenarios: order.filter((scenario) => !atStore.has(scenario)), concurrency },
  ];
  for await (const result of rounds.run(phases)) yield { kind: 'result', result };
  yield rounds.end;
}

/** How many scenarios are played at a time where nobody says so. */
function concurrencyFor({ jobs, restart }: RunOptions, { latencyMs, isConcurrent }: Profile): number {
  if (jobs !== undefined) return jobs;
  if (!isConcurrent) return 1;
  const isSlow = latencyMs === undefined || latencyMs > SLOW_TARGET_MS;
  // A target that can be started again is asked once more, alone, what it died of.
  if (!isSlow && restart === undefined) return 1;
  return Math.min(
    CONCURRENCY.most,
    Math.max(CONCURRENCY.fewest, Math.ceil((latencyMs ?? 0) / LATENCY_PER_ATTEMPT_MS)),
  );
}
