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
  run(recipes: readonly Recipe[], crashPatterns: readonly CrashPattern[]): Promise<BatchReport>;
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
    run: (recipes, crashPatterns) =>
      runBatch(recipes, { evaluator, generator, jobs, waits, crashPatterns, knownSignatures, signal }),
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

/** Runs batches in threads. After the signal, no thread begins another case. */
export function inThreads(count: number, options: WorkerOptions, signal?: AbortSignal): WorkerPool {
  const jobs = Math.max(1, Math.round(options.jobs / count));
  const threads = Array.from(
    { length: count },
    () => new Worker(WORKER, { workerData: { ...options, jobs } }),
  );
  const stop = (): void => {
    for (const thread of threads) thread.postMessage('stop');
  };
  signal?.addEventListener('abort', stop);
  return {
    run: async (recipes, crashPatterns) => {
      const places = threads.map((_, nth) => [...recipes.keys()].filter((place) => place % count === nth));
      const reports = await Promise.all(
        threads.map(async (thread, nth) => {
          const mine = (places[nth] ?? [])
            .map((place) => recipes[place])
            .filter((recipe) => recipe !== undefined);
          const answer = once(thread, 'message');
          thread.postMessage({ recipes: mine, crashPatterns } satisfies BatchRequest);
          const [report] = (await answer) as [BatchReport];
          return report;
        }),
      );
      return mergeReports(reports, places);
    },
    close: async () => {
      signal?.removeEventListener('abort', stop);
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
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
