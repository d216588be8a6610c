/**
 * Runs a batch in this thread, or divided among worker threads. Each case follows from its recipe alone, so the workers do
 * not communicate; their reports are merged.
 */

import { once, setMaxListeners } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Waits } from '../execute/exchange.ts';
import type { CrashPattern } from '../generate/crash-pattern.ts';
import { Generator, type Recipe, type Weights } from '../generate/generate.ts';
import { Evaluator, type EvaluatorOptions } from '../oracle/evaluator.ts';
import { type BatchReport, type Notable, runBatch } from './batch.ts';
import { addStats, newStats } from './stats.ts';

export interface WorkerPool {
  /** `trouble` ends the batch, because the target shows a sign of its end. */
  run(
    recipes: readonly Recipe[],
    crashPatterns: readonly CrashPattern[],
    trouble?: AbortSignal,
  ): Promise<BatchReport>;
  close(): Promise<void>;
}

/** Plain data, so that it can be sent to a worker. */
export interface WorkerOptions {
  readonly seed: number;
  readonly weights: Weights;
  readonly evaluator: EvaluatorOptions;
  readonly waits: Waits;
  /** Connections in flight, of all workers together. */
  readonly jobs: number;
}

/** Runs batches in this thread. */
export function inThisThread(options: WorkerOptions, signal?: AbortSignal): WorkerPool {
  const { seed, weights, waits, jobs } = options;
  // One listener for each connection that is open.
  if (signal) setMaxListeners(0, signal);
  const evaluator = new Evaluator(options.evaluator);
  const generator = new Generator(seed, weights);
  const knownSignatures = new Set<string>();
  return {
    run: (recipes, crashPatterns, trouble) =>
      runBatch(recipes, {
        evaluator,
        generator,
        jobs,
        waits,
        crashPatterns,
        knownSignatures,
        signal,
        trouble,
      }),
    close: async () => evaluator.release(),
  };
}

/** The message to a worker. It answers with a BatchReport. */
export interface BatchRequest {
  readonly recipes: readonly Recipe[];
  readonly crashPatterns: readonly CrashPattern[];
}

/** The worker is next to this file, both in the sources and in the build. */
const WORKER = new URL(`./worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Milliseconds that a thread may take after the signal to report its batch. One that is still loading does not report in time. */
const STOP_MS = 1000;

/**
 * Runs batches in threads. After the signal, no thread begins another case, and what a thread has not reported within
 * `STOP_MS` counts as not sent. Rejects with the error of a thread that fails. `program` is what the threads run.
 */
export function inThreads(
  count: number,
  options: WorkerOptions,
  signal?: AbortSignal,
  program: URL = WORKER,
): WorkerPool {
  const jobs = Math.max(1, Math.round(options.jobs / count));
  const threads = Array.from(
    { length: count },
    () => new Worker(program, { workerData: { ...options, jobs } }),
  );
  const { promise: isLate, timer } = lateness();
  const stop = (): void => {
    for (const thread of threads) thread.postMessage('stop');
    timer.start();
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop);
  return {
    run: async (recipes, crashPatterns, trouble) => {
      const warn = (): void => {
        for (const thread of threads) thread.postMessage('trouble');
      };
      const places = threads.map((_, nth) => [...recipes.keys()].filter((place) => place % count === nth));
      trouble?.addEventListener('abort', warn);
      const reports = await Promise.all(
        threads.map(async (thread, nth) => {
          const mine = (places[nth] ?? [])
            .map((place) => recipes[place])
            .filter((recipe) => recipe !== undefined);
          const answer = reportOf(thread);
          thread.postMessage({ recipes: mine, crashPatterns } satisfies BatchRequest);
          if (trouble?.aborted) thread.postMessage('trouble');
          return (await Promise.race([answer, isLate])) ?? unsent(mine);
        }),
      );
      trouble?.removeEventListener('abort', warn);
      return mergeReports(reports, places);
    },
    close: async () => {
      signal?.removeEventListener('abort', stop);
      timer.clear();
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** A promise that is fulfilled with undefined some time after `start`. */
function lateness() {
  let fulfil = (): void => {};
  const promise = new Promise<undefined>((resolve) => {
    fulfil = () => resolve(undefined);
  });
  let handle: NodeJS.Timeout | undefined;
  const start = (): void => {
    handle = setTimeout(fulfil, STOP_MS);
  };
  return { promise, timer: { start, clear: () => clearTimeout(handle) } };
}

/** The next report of the thread. Rejects with its error, also if it ends without one. */
async function reportOf(thread: Worker): Promise<BatchReport> {
  const ended = new AbortController();
  try {
    const end = once(thread, 'exit', { signal: ended.signal }).then(([status]) => {
      throw new Error(`a worker thread ended with status ${status}`);
    });
    const [report] = await Promise.race([once(thread, 'message', { signal: ended.signal }), end]);
    return report as BatchReport;
  } finally {
    ended.abort();
  }
}

/** The report of a thread that sent nothing. */
function unsent(recipes: readonly Recipe[]): BatchReport {
  return {
    ...{ stats: newStats(), notable: [], replaced: [], trials: [] },
    stopped: { inFlight: [], left: [...recipes.keys()] },
  };
}

/** Merges reports into one. `places[n]` are the places in the whole list of the recipes of report n. */
function mergeReports(reports: readonly BatchReport[], places: readonly (readonly number[])[]): BatchReport {
  const stats = newStats();
  const notable: Notable[] = [];
  const inFlight: number[] = [];
  const left: number[] = [];
  const replaced: [number, Recipe][] = [];
  const trials: number[] = [];
  for (const [nth, report] of reports.entries()) {
    addStats(stats, report.stats);
    notable.push(...report.notable);
    const wholePlaces = (some: readonly number[] = []): number[] =>
      some.map((place) => places[nth]?.[place] ?? 0);
    inFlight.push(...wholePlaces(report.stopped?.inFlight));
    left.push(...wholePlaces(report.stopped?.left));
    for (const [place, recipe] of report.replaced) replaced.push([places[nth]?.[place] ?? 0, recipe]);
    trials.push(...wholePlaces(report.trials));
  }
  const isStopped = reports.some(({ stopped }) => stopped !== undefined);
  return { stats, notable, replaced, trials, ...(isStopped && { stopped: { inFlight, left } }) };
}
