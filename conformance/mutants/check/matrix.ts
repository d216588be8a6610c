/** The full cross product: names of servers → one row of verdicts for each, computed by worker threads. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../catalogue/index.ts';
import type { Verdict } from '../../judge/oracle.ts';
import { mutants, variants } from '../index.ts';
import { mapInThreads, workHere } from './parallel.ts';
import { servedBy } from './process.ts';
import { type JudgeOptions, judgeServer } from './verdicts.ts';

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
  const threads = { program: import.meta.filename, count: THREADS, data: folder, onResult: onRow };
  const rows: Row[] = await mapInThreads(names, threads);
  return new Map(names.map((name, at) => [name, rows[at] ?? new Map()]));
}

async function judgeRow(name: string, folder: string): Promise<Row> {
  const ids = new Set(catalogue.map(({ id }) => id));
  const verdicts = await judgeServer({ ...optionsFor(name), folder: join(folder, name), catalogue, ids });
  return new Map([...verdicts].map(([id, { verdict }]) => [id, verdict]));
}

function optionsFor(
  name: string,
): Pick<JudgeOptions, 'server' | 'jobs' | 'confirm' | 'addresses' | 'withoutStore'> {
  const mutant = mutants.find((other) => other.name === name);
  if (mutant) return { server: servedBy(mutant), jobs: mutant.alone ? 1 : JOBS, confirm: false };
  const variant = variants.find((other) => other.name === name);
  if (variant === undefined) throw new Error(`there is no mutant and no conforming variant named ${name}`);
  const { addresses, withoutStore = false } = variant;
  return { server: variant, jobs: JOBS, addresses, withoutStore };
}

workHere(import.meta.filename, judgeRow);
