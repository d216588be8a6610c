/** A row of the full cross product: one server with every scenario. A thread plays rows when it is told their names. */

import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { catalogue } from '../../catalogue/index.ts';
import type { Verdict } from '../../judge/oracle.ts';
import { mutants, variations } from '../index.ts';
import { judged, serverOf, type TrialOptions } from './pair.ts';

/** Verdicts by scenario. */
export type Row = Map<string, Verdict['verdict']>;

/** Scenarios at a time. */
const JOBS = 8;

async function playRow(name: string, folder: string): Promise<Row> {
  const ids = new Set(catalogue.map(({ id }) => id));
  const verdicts = await judged({ ...optionsFor(name), folder: join(folder, name), catalogue, ids });
  return new Map([...verdicts].map(([id, { verdict }]) => [id, verdict]));
}

function optionsFor(name: string): Pick<TrialOptions, 'server' | 'jobs' | 'withoutStore'> {
  const mutant = mutants.find((other) => other.name === name);
  if (mutant) return { server: serverOf(mutant), jobs: mutant.alone ? 1 : JOBS };
  const variation = variations.find((other) => other.name === name);
  if (variation === undefined) throw new Error(`there is neither a mutant nor a variation ${name}`);
  return { server: variation.does, jobs: JOBS, withoutStore: variation.withoutStore ?? false };
}

parentPort?.on('message', async (name: string) => {
  parentPort?.postMessage(await playRow(name, workerData));
});
