/**
 * Runs scenarios against a target: preflight of the target and of its store, a plan, then a result for each scenario.
 * Yields events. Prints nothing, and decides nothing about levels or exit statuses.
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
  /** All scenarios that exist; controls are taken from it. */
  readonly catalogue: readonly Scenario[];
  /** Which of them to judge. Default: all. */
  readonly selected?: (scenario: Scenario) => boolean;
  /** How often a failed scenario is attempted again. Default 2; always 0 for a target that does not answer. */
  readonly retries?: number;
  /**
   * How many scenarios run at a time. Default: 1 for a target that serves one connection after another, and for one that
   * answers within 20 ms and cannot be restarted; otherwise 8 to 32, by latency. Scenarios that read the store: 32 for
   * every target that serves connections concurrently.
   */
  readonly jobs?: number | undefined;
  /** Fixes the order and the task ids; 32 bits. Default: the order of the catalogue and ids that never repeat. */
  readonly seed?: number | undefined;
  /** Ends the run at the first failed MUST. Default false. */
  readonly bail?: boolean;
  /** Runs scenarios that wait for the protocol's timeouts, up to minutes each. Default false. */
  readonly slow?: boolean;
  /** Runs scenarios that flood the target or exhaust its resources. Default: only on a loopback address. */
  readonly heavy?: boolean | undefined;
  /** How many times as fast as real time the target's clock runs, so that its timeouts come sooner. Default 1. */
  readonly timeScale?: number | undefined;
  readonly store?: StoreObserver | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Starts a target that died again, on the same address. Default: the run ends when the target dies. */
  readonly restart?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Above this latency a run is concurrent, although it then takes longer to find the scenario that kills the target. */
const SLOW_TARGET_MS = 20;
const CONCURRENCY = { floor: 8, cap: 32 };
/** A slow target gets one concurrent attempt for each such part of its latency. */
const LATENCY_PER_ATTEMPT_MS = 6;

/** The last event is always 'end' or 'unreachable'. */
export async function* run(options: RunOptions): AsyncGenerator<RunEvent, void> {
  const { target, catalogue, seed, store } = options;
  // One listener on the caller's signal, however many attempts listen to it.
  const signal = options.signal && AbortSignal.any([options.signal]);
  if (signal) setMaxListeners(0, signal);
  const random = seed === undefined ? undefined : seeded(seed);
  const probes = { deadlines: INITIAL_DEADLINES, newTaskId: () => newTaskId(random), signal };
  const reached = await preflight(target, probes);
  if (signal?.aborted) return yield { kind: 'end', because: 'interrupted' };
  if (!reached.reached) return yield { kind: 'unreachable', target, code: reached.code };
  const { profile, deadlines } = reached;

  const planned = catalogue.filter(options.selected ?? (() => true));
  const order = executionOrder(random === undefined ? planned : shuffled(planned, random), catalogue);
  const isAccepting = profile.policy !== 'rejects';
  const storeProfile =
    store && order.some(usesStore)
      ? await storePreflight(store, target, { ...probes, deadlines, isAccepting })
      : undefined;
  const isPlanned = new Set(planned.map(({ id }) => id));
  const concurrency = concurrencyFor(options, profile);
  const { process, slow = false, heavy = reached.isLoopback, timeScale = 1 } = options;
  const runner = new AttemptRunner({
    target,
    preflight: reached,
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
    cost: costOf(order.filter((scenario) => runner.reasonToSkip(scenario) === undefined)),
  };

  const execution = new Execution(runner, {
    ...options,
    signal,
    maxAttempts: profile.answers ? 1 + (options.retries ?? 2) : 1,
    isPlanned: (id) => isPlanned.has(id),
  });
  // Scenarios that read the store, with their controls, run first, while the store holds few files. They mostly wait for
  // effects on the store, so more of them run at a time.
  const atStore = new Set(store && afterControls(order.filter(usesStore), order));
  const storeConcurrency = options.jobs ?? (profile.isConcurrent ? CONCURRENCY.cap : 1);
  const phases = [
    { scenarios: order.filter((scenario) => atStore.has(scenario)), concurrency: storeConcurrency },
    { scenarios: order.filter((scenario) => !atStore.has(scenario)), concurrency },
  ];
  for await (const result of execution.run(phases)) yield { kind: 'result', result };
  yield execution.end;
}

/** The given number of concurrent attempts, or the default for this target. */
function concurrencyFor({ jobs, restart }: RunOptions, { latencyMs, isConcurrent }: Profile): number {
  if (jobs !== undefined) return jobs;
  if (!isConcurrent) return 1;
  const isSlow = latencyMs === undefined || latencyMs > SLOW_TARGET_MS;
  // If a target that can be restarted dies, the scenarios in flight run again alone.
  if (!isSlow && restart === undefined) return 1;
  return Math.min(
    CONCURRENCY.cap,
    Math.max(CONCURRENCY.floor, Math.ceil((latencyMs ?? 0) / LATENCY_PER_ATTEMPT_MS)),
  );
}
