/**
 * The full cross product: names of servers → one row of verdicts for each, computed by worker threads. This file is
 * both sides: `judgeMatrix` starts the threads, and a thread judges one row for each name that it receives.
 */

import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { catalogue } from '../../catalogue/index.ts';
import type { Verdict } from '../../judge/oracle.ts';
import { mutants, variants } from '../index.ts';
import { mapConcurrently } from './parallel.ts';
import { type JudgeOptions, judgeServer, serverOf } from './verdicts.ts';

/** One server with every scenario: the verdicts by scenario id. */
export type Row = Map<string, Verdict['verdict']>;

/** More threads than cores, because servers and scenarios wait for much of their time. */
const THREADS = 3 * availableParallelism();
/** How many scenarios of a row run at a time. */
const JOBS = 8;

/** Runs every scenario against every server. Calls `onRow` with the name of a server when its row is complete. */
export async function judgeMatrix(
  names: readonly string[],
  folder: string,
  onRow: (name: string) => void,
): Promise<ReadonlyMap<string, Row>> {
  const threads = Array.from(
    { length: THREADS },
    () => new Worker(new URL(import.meta.url), { workerData: folder }),
  );
  const idle = [...threads];
  try {
    const rows = await mapConcurrently(names, threads.length, async (name): Promise<[string, Row]> => {
      const thread = idle.pop();
      if (thread === undefined) throw new Error('more rows at a time than threads');
      thread.postMessage(name);
      const [row] = (await once(thread, 'message')) as [Row];
      idle.push(thread);
      onRow(name);
      return [name, row];
    });
    return new Map(rows);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

async function judgeRow(name: string, folder: string): Promise<Row> {
  const ids = new Set(catalogue.map(({ id }) => id));
  const verdicts = await judgeServer({ ...optionsFor(name), folder: join(folder, name), catalogue, ids });
  return new Map([...verdicts].map(([id, { verdict }]) => [id, verdict]));
}

function optionsFor(name: string): Pick<JudgeOptions, 'server' | 'jobs' | 'confirm' | 'withoutStore'> {
  const mutant = mutants.find((other) => other.name === name);
  if (mutant) return { server: serverOf(mutant), jobs: mutant.alone ? 1 : JOBS, confirm: false };
  const variant = variants.find((other) => other.name === name);
  if (variant === undefined) throw new Error(`there is no mutant and no conforming variant named ${name}`);
  return { server: variant.does, jobs: JOBS, withoutStore: variant.withoutStore ?? false };
}

parentPort?.on('message', async (name: string) => {
  parentPort?.postMessage(await judgeRow(name, workerData));
});
