/**
 * Who throws a shift: this thread, or several of their own. Each case depends on its integer alone, so nothing has to be
 * agreed between them; reports are added up.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Waits } from '../execute/exchange.ts';
import { Generator, type Weights } from '../generate/generate.ts';
import type { Lot } from '../generate/recipe.ts';
import { Evaluator, type EvaluatorOptions } from '../oracle/evaluator.ts';
import { type HeldBack, type Notable, type ShiftReport, throwAll } from './batch.ts';
import { addTally, newTally } from './stats.ts';

export interface Crew {
  throw(lots: readonly Lot[], heldBack: HeldBack): Promise<ShiftReport>;
  close(): Promise<void>;
}

/** All that a crew has to know; plain data. */
export interface Orders {
  readonly seed: number;
  readonly weights: Weights;
  readonly evaluator: EvaluatorOptions;
  readonly waits: Waits;
  /** Connections in flight, of all together. */
  readonly jobs: number;
}

/** A crew of one, on this thread. */
export function alone(orders: Orders, signal?: AbortSignal): Crew {
  const { seed, weights, waits, jobs } = orders;
  const evaluator = new Evaluator(orders.evaluator);
  const generator = new Generator(seed, weights);
  const known = new Set<string>();
  return {
    throw: (lots, heldBack) => throwAll(lots, { evaluator, generator, jobs, waits, heldBack, known, signal }),
    close: async () => evaluator.release(),
  };
}

/** What a worker is told, and what it sends back. */
export interface Call {
  readonly lots: readonly Lot[];
  readonly heldBack: HeldBack;
}

/** The built file stands beside this one; so does the source. */
const WORKER = new URL(`./worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** A crew of threads. When the signal fires, none of them begins another case. */
export function workers(count: number, orders: Orders, signal?: AbortSignal): Crew {
  const jobs = Math.max(1, Math.round(orders.jobs / count));
  const threads = Array.from(
    { length: count },
    () => new Worker(WORKER, { workerData: { ...orders, jobs } }),
  );
  const stop = (): void => {
    for (const thread of threads) thread.postMessage('stop');
  };
  signal?.addEventListener('abort', stop);
  return {
    throw: async (lots, heldBack) => {
      const places = threads.map((_, nth) => [...lots.keys()].filter((place) => place % count === nth));
      const reports = await Promise.all(
        threads.map(async (thread, nth) => {
          const mine = (places[nth] ?? []).map((place) => lots[place]).filter((lot) => lot !== undefined);
          const answer = once(thread, 'message');
          thread.postMessage({ lots: mine, heldBack } satisfies Call);
          const [report] = (await answer) as [ShiftReport];
          return report;
        }),
      );
      return merge(reports, places);
    },
    close: async () => {
      signal?.removeEventListener('abort', stop);
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

/** One report of several; `places` tells which places of the whole list each had. */
export function merge(reports: readonly ShiftReport[], places: readonly (readonly number[])[]): ShiftReport {
  const tally = newTally();
  const notable: Notable[] = [];
  const inFlight: number[] = [];
  const left: number[] = [];
  for (const [nth, report] of reports.entries()) {
    addTally(tally, report.tally);
    notable.push(...report.notable);
    const wholePlaces = (some: readonly number[] = []): number[] =>
      some.map((place) => places[nth]?.[place] ?? 0);
    inFlight.push(...wholePlaces(report.stopped?.inFlight));
    left.push(...wholePlaces(report.stopped?.left));
  }
  const isStopped = reports.some(({ stopped }) => stopped !== undefined);
  return { tally, notable, ...(isStopped && { stopped: { inFlight, left } }) };
}
