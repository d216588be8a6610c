/**
 * Runs scenarios against a target: preflight of the target and of its store, a plan, then a result for each scenario.
 * Yields events. Prints nothing, and decides nothing about levels or exit statuses.
 */

import { performance } from 'node:perf_hooks';
import type { ProcessEnd, ProcessObserver, StoreObserver, WatchReports } from '../observers/observer.ts';
import { storeFaultOf } from '../observers/observer-error.ts';
import { scenarioWithAddresses } from '../scenario/addresses.ts';
import { ANSWER_WITHIN_MS, scenarioWithDeadline } from '../scenario/answer-deadline.ts';
import type { Addresses } from '../scenario/bytes.ts';
import type { FailureLimit } from '../scenario/failure-limit.ts';
import { LEVELS } from '../scenario/requirement.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { combinedSignal } from '../util/combined-signal.ts';
import { seeded, shuffled } from '../util/random.ts';
import { newTaskId } from '../util/task-id.ts';
import { describeOwnLimit } from '../wire/own-limit.ts';
import type { Address } from '../wire/transport.ts';
import { AttemptRunner } from './attempt.ts';
import { costOf, longestMs } from './cost.ts';
import { unusual } from './effects/report-watch.ts';
import type { RunEvent } from './events.ts';
import { Execution } from './execution.ts';
import type { Phase } from './pass.ts';
import { MANY_IDLE, type Preflight, type Profile, preflight } from './preflight/preflight.ts';
import { floodNote } from './preflight/skips.ts';
import { storePreflight } from './preflight/store-preflight.ts';
import { afterControls, executionOrder, partsOf, usesStore } from './schedule.ts';
import type { BeforeConnections } from './timing/connection-rate.ts';
import { type JobBounds, JobLimit } from './timing/job-limit.ts';

/** Options of `run`. */
export interface RunOptions extends FailureLimit {
  readonly target: Address;
  /** All scenarios that exist; controls are taken from it. */
  readonly catalogue: readonly Scenario[];
  /** Which of them to judge. Default: all. */
  readonly selected?: (scenario: Scenario) => boolean;
  /**
   * How often a failed scenario is attempted again, at most; one that fails again at once is not attempted a third time.
   * Default 2; always 0 for a target that does not answer.
   */
  readonly retries?: number;
  /**
   * How many scenarios run at a time. Default: 1 for a target that serves one connection after another, and for one that
   * answers within 20 ms and cannot be restarted; otherwise 8 at first, then 1 to 32, as many as the target keeps up with.
   * Scenarios that read the store: 16 at first for every target that serves connections concurrently.
   */
  readonly jobs?: number | undefined;
  /** Fixes the order; 32 bits. Task ids never repeat, whatever it is. Default: the order of the catalogue. */
  readonly seed?: number | undefined;
  /**
   * Whether a failure next to concurrent scenarios counts only if it repeats alone. False saves time where a failure is
   * expected, as for a server with a deliberate fault. Default true; always false for a target that does not answer.
   */
  readonly confirm?: boolean;
  /** Runs scenarios that wait for the protocol's timeouts, up to minutes each. Default false. */
  readonly slow?: boolean;
  /** Runs scenarios that flood the target or exhaust its resources. Default: only if every address of it is a loopback address. */
  readonly heavy?: boolean | undefined;
  /** The shortest deadline of an answer, in milliseconds; a slow target gets more. Default 5000, that of S8. */
  readonly answerWithinMs?: number | undefined;
  /** The run ends after this time, in milliseconds, and runs scenarios of level MUST first. Default: no bound. */
  readonly maxTimeMs?: number | undefined;
  /** How long the target may take until it answers a first SUBMIT, in milliseconds. Default 0: one SUBMIT is sent. */
  readonly startTimeoutMs?: number | undefined;
  /** How many times as fast as real time the target's clock runs, so that its timeouts come sooner. Default 1. */
  readonly timeScale?: number | undefined;
  /** The addresses of the SUBMITs, for a target whose policy goes by them. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  readonly store?: StoreObserver | undefined;
  readonly process?: ProcessObserver | undefined;
  /** Kills the target without a warning and starts it again, on the same address. Default: it cannot be killed. */
  readonly kill?: (() => Promise<void>) | undefined;
  /** Starts a target that died again, on the same address. Default: the run ends when the target dies. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** How the target's process ended and what it said. Called when it does not answer, before `restart`. */
  readonly describeEnd?: (() => Promise<ProcessEnd>) | undefined;
  /** Shows what the target's process writes while a scenario fails. Default: unknown. */
  readonly watchReports?: WatchReports | undefined;
  /** Takes what the user should know at once, as a sentence. Default: nothing is done. */
  readonly onNote?: ((note: string) => void) | undefined;
  /**
   * Awaited before an attempt, or a part of the preflight, opens this many connections: a limit of their rate. Default: no limit.
   */
  readonly beforeConnections?: BeforeConnections | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Above this latency a run is concurrent, although it then takes longer to find the scenario that kills the target. */
const SLOW_TARGET_MS = 20;
const JOBS: JobBounds = { initial: 8, cap: 32 };
/** Of scenarios that mostly wait for effects on the store. */
const STORE_JOBS: JobBounds = { initial: 16, cap: 32 };
const ONE_JOB: JobBounds = { initial: 1, cap: 1 };
/** Milliseconds between two reductions because of limits of this machine. */
const OWN_LIMIT_APART_MS = 500;
/** How many attempts may only wait at a time. */
const MAX_WAITING = 128;

/** The last event is always 'end' or 'unreachable'. */
export async function* run(options: RunOptions): AsyncGenerator<RunEvent, void> {
  const over = combinedSignal([options.signal], options.maxTimeMs);
  try {
    yield* runUntil(over.signal, () => (options.signal?.aborted ? 'interrupted' : 'out-of-time'), options);
  } finally {
    over.release();
  }
}

/** `endedBy` says why the signal was fired. */
async function* runUntil(
  signal: AbortSignal,
  endedBy: () => 'interrupted' | 'out-of-time',
  options: RunOptions,
): AsyncGenerator<RunEvent, void> {
  const { target, addresses, seed, store, maxTimeMs, startTimeoutMs, beforeConnections } = options;
  const { answerWithinMs = ANSWER_WITHIN_MS } = options;
  const catalogue = options.catalogue
    .map((scenario) => (addresses ? scenarioWithAddresses(scenario, addresses) : scenario))
    .map((scenario) => scenarioWithDeadline(scenario, answerWithinMs));
  const random = seed === undefined ? undefined : seeded(seed);
  const probes = { newTaskId, addresses, signal };
  const reported = options.watchReports?.();
  const reached = await preflight(target, { ...probes, startTimeoutMs, answerWithinMs, beforeConnections });
  if (signal.aborted) return yield { kind: 'end', because: endedBy(), target };
  if (!reached.reached) {
    const said = await options.describeEnd?.();
    return yield { kind: 'unreachable', target, code: reached.code, ...(said && { said }) };
  }
  const { profile, estimate, address } = reached;

  const planned = catalogue.filter(options.selected ?? (() => true));
  const shuffledPlan = random === undefined ? planned : shuffled(planned, random);
  const order = executionOrder(
    // If the run may end early, the binding scenarios come first.
    maxTimeMs === undefined ? shuffledPlan : shuffledPlan.toSorted((a, b) => rank(a) - rank(b)),
    catalogue,
  );
  const isAccepting = profile.policy !== 'rejects';
  const deadlines = estimate.now;
  const { connectMs, answerMs, quietMs } = deadlines;
  const looked =
    store && order.some(usesStore)
      ? await storePreflight(store, address, {
          ...probes,
          deadlines,
          isAccepting,
          restart: options.restart,
        }).catch(storeFaultOf)
      : undefined;
  if (signal.aborted) return yield { kind: 'end', because: endedBy(), target };
  const storeFault = typeof looked === 'string' ? looked : undefined;
  const storeProfile = typeof looked === 'string' ? undefined : looked;
  const isPlanned = new Set(planned.map(({ id }) => id));
  const bounds = jobsFor(options, reached);
  const [jobs, storeJobs] = bounds.map((bounds) => new JobLimit(bounds, reached.fastestMs)) as [
    JobLimit,
    JobLimit,
  ];
  const most = options.jobs === 1 ? 0 : mostWaiting(reached, bounds);
  const waiting = new JobLimit(fixed(most), reached.fastestMs);
  const { process, watchReports, kill, slow = false, heavy = reached.isLoopback, timeScale = 1 } = options;
  const isDirect = options.restart !== undefined || process !== undefined;
  const runner = new AttemptRunner({
    target: address,
    preflight: reached,
    store,
    storeProfile,
    storeFault,
    process,
    watchReports: watchReports && unusual(watchReports, reported?.()),
    kill,
    slow,
    heavy,
    timeScale,
    addresses,
    isDirect,
    beforeConnections,
    onOwnLimit: ownLimitHandler([jobs, storeJobs, waiting], options.onNote),
    onLatency: (latencyMs) => {
      for (const limit of [jobs, storeJobs, waiting]) limit.observe(latencyMs);
    },
    signal,
  });
  // Who decided about floods knows about them.
  const isDecided = options.heavy !== undefined;
  const leftOut = isDecided ? undefined : floodNote(order, { heavy, preflight: reached }, target.host);
  if (leftOut !== undefined) options.onNote?.(leftOut);
  const executed = order.filter((scenario) => runner.reasonToSkip(scenario) === undefined);
  const longest = longestMs(executed, { deadlines, waiting: most, timeScale });
  yield {
    kind: 'plan',
    target,
    profile,
    ...(storeProfile && { store: storeProfile }),
    deadlines: { connectMs, answerMs, quietMs, answerBounds: estimate.answerBounds },
    jobs: jobs.now,
    ...(seed !== undefined && { seed }),
    planned: [...isPlanned],
    controls: order.filter(({ id }) => !isPlanned.has(id)).map(({ id }) => id),
    cost: costOf(executed),
    maxMs: Math.min(longest, maxTimeMs ?? longest),
  };

  if (storeProfile?.layout) {
    const { sought, found } = storeProfile.layout;
    const detail = `${sought} was looked for, ${found} was found`;
    return yield { kind: 'end', because: 'store-not-recognised', detail };
  }
  const execution = new Execution(runner, waiting, {
    ...options,
    signal,
    endedBy,
    maxAttempts: profile.answers ? 1 + (options.retries ?? 2) : 1,
    confirm: profile.answers && options.confirm !== false,
    isPlanned: (id) => isPlanned.has(id),
  });
  const isFast = reached.fastestMs <= SLOW_TARGET_MS;
  const repeatJobs = isFast ? new JobLimit(ONE_JOB, reached.fastestMs) : jobs;
  yield* execution.run(phasesOf(order, { store, profile, jobs, storeJobs }), (scenario) =>
    store && usesStore(scenario) ? storeJobs : repeatJobs,
  );
  // A target that the kit watches is the one meant; any other may be a proxy without a server, or another program.
  const isUnanswered = !reached.sendsBytes && !isDirect && execution.end.because === 'complete';
  yield isUnanswered ? { kind: 'end', because: 'unanswered' } : execution.end;
}

/** Lets fewer scenarios run at a time, at most once in a while: all connections of a moment meet a limit together. */
function ownLimitHandler(limits: readonly JobLimit[], onNote: RunOptions['onNote']): (code: string) => void {
  let lastMs: number | undefined;
  return (code) => {
    const nowMs = performance.now();
    if (lastMs === undefined)
      onNote?.(`${describeOwnLimit(code)}. Fewer scenarios run at a time from now on.`);
    else if (nowMs - lastMs < OWN_LIMIT_APART_MS) return;
    lastMs = nowMs;
    for (const limit of limits) limit.lower();
  };
}

/** The parts of the run, with the limits of each. */
function phasesOf(
  order: readonly Scenario[],
  options: {
    readonly store: StoreObserver | undefined;
    readonly profile: Profile;
    readonly jobs: JobLimit;
    readonly storeJobs: JobLimit;
  },
): readonly Phase[] {
  const { store, profile, jobs, storeJobs } = options;
  const atStore = new Set(store && afterControls(order.filter(usesStore), order));
  const parts = partsOf(order, { atStore, isConcurrent: profile.isConcurrent });
  // Each of the late ones sends little and then waits, so all of them wait at the same time, whatever the number of jobs is.
  const together = new JobLimit(fixed(Math.max(1, parts.late.length)), 0);
  const alone = new JobLimit(ONE_JOB, 0);
  return [
    {
      scenarios: parts.main,
      limitOf: (scenario) => (atStore.has(scenario) ? storeJobs : jobs),
      early: parts.early,
    },
    { scenarios: parts.late, limitOf: () => together },
    { scenarios: parts.last, limitOf: () => alone },
  ];
}

function rank({ level }: Scenario): number {
  return LEVELS.indexOf(level);
}

/** How many scenarios run at a time: of those that do not read the store, and of those that do. */
function jobsFor(
  { jobs, restart }: RunOptions,
  { profile, fastestMs, idle }: Extract<Preflight, { reached: true }>,
): [jobs: JobBounds, storeJobs: JobBounds] {
  if (jobs !== undefined) return [fixed(jobs), fixed(jobs)];
  if (!profile.isConcurrent) return [ONE_JOB, ONE_JOB];
  // If a target that can be restarted dies, the scenarios in flight run again alone.
  const isSlow = !profile.answers || fastestMs > SLOW_TARGET_MS;
  const atMost = ({ initial, cap }: JobBounds): JobBounds => {
    const most = idle === MANY_IDLE ? cap : Math.max(1, Math.floor(idle / 2));
    return { initial: Math.min(most, initial), cap: Math.min(most, cap) };
  };
  return [isSlow || restart !== undefined ? atMost(JOBS) : ONE_JOB, atMost(STORE_JOBS)];
}

/**
 * How many attempts may only wait at a time. A target that serves few connections at a time serves one more than those that
 * wait and those that are active.
 */
function mostWaiting({ idle }: Extract<Preflight, { reached: true }>, jobs: readonly JobBounds[]): number {
  if (idle === MANY_IDLE) return MAX_WAITING;
  return Math.max(0, idle - Math.max(...jobs.map(({ cap }) => cap)));
}

function fixed(jobs: number): JobBounds {
  return { initial: jobs, cap: jobs };
}
