/** Runs scenarios of the catalogue against a mutant or a variant: server → run on the loopback interface → verdicts. */

import { join } from 'node:path';
import type { Verdict } from '../../judge/oracle.ts';
import { observeProcess } from '../../observers/process.ts';
import { observeStore } from '../../observers/store.ts';
import type { ScenarioResult } from '../../run/events.ts';
import { type RunOptions, run } from '../../run/runner.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { makeFolder } from '../../util/folders.ts';
import { globOf } from '../../util/glob.ts';
import { STORE } from '../server/environment.ts';
import type { Served } from '../server/mutant.ts';
import type { Running } from '../server/server.ts';
import { serve } from './process.ts';

/** Scenarios that wait for the protocol's timeouts run this many times as fast, and so does the clock of their server. */
const TIME_SCALE = 20;

export interface JudgeOptions extends Pick<RunOptions, 'jobs' | 'retries' | 'bail' | 'addresses'> {
  readonly server: Served;
  /** The folder of the server's store. It is created, and should hold nothing else. */
  readonly folder: string;
  readonly catalogue: readonly Scenario[];
  readonly ids: ReadonlySet<string>;
  /** Determines the task ids, because some faults depend on a digit of an id. Default 1. */
  readonly seed?: number;
  /** Whether a failure next to concurrent scenarios counts only if it repeats alone, as for a user. Default true. */
  readonly confirm?: boolean;
  /** True if the scenarios do not read the server's store. Default false. */
  readonly withoutStore?: boolean;
}

export interface Judgement {
  /** By scenario id, without the scenarios that ran only as controls. */
  readonly results: ReadonlyMap<string, ScenarioResult>;
  /** What ended a run early, or what restarted the server. Empty if every run went through all scenarios. */
  readonly incidents: readonly string[];
}

/** The verdicts by scenario id, after one attempt each. A server that crashes is restarted. */
export async function judgeServer(options: JudgeOptions): Promise<ReadonlyMap<string, Verdict>> {
  const { results } = await judge({ jobs: 1, retries: 0, ...options });
  return new Map([...results].map(([id, { attempts }]) => [id, attempts[0]]));
}

/**
 * Scenarios that wait for timeouts run against a second server: its fast clock would also close connections that other
 * scenarios expect to stay open.
 */
export async function judge(options: JudgeOptions): Promise<Judgement> {
  const { catalogue, ids, folder } = options;
  const selected = catalogue.filter(({ id }) => ids.has(id));
  const quick = selected.filter(({ slow }) => !slow);
  const slow = selected.filter(({ slow }) => slow);
  const accelerated = { ...options, folder: join(folder, 'accelerated') };
  const first = await judgeAtScale(1, options, quick);
  const second = await judgeAtScale(TIME_SCALE, accelerated, slow);
  return {
    results: new Map([...first.results, ...second.results]),
    incidents: [...first.incidents, ...second.incidents],
  };
}

async function judgeAtScale(
  timeScale: number,
  {
    server: served,
    folder,
    catalogue,
    jobs,
    retries,
    addresses,
    bail = false,
    confirm = true,
    seed = 1,
    withoutStore = false,
  }: JudgeOptions,
  selected: readonly Scenario[],
): Promise<Judgement> {
  const results = new Map<string, ScenarioResult>();
  const incidents: string[] = [];
  if (selected.length === 0) return { results, incidents };
  const ids = new Set(selected.map(({ id }) => id));
  const storesTasks = selected.some(
    ({ store, preloaded, needs }) => store && (!preloaded || needs === 'keeping'),
  );
  makeFolder(folder);
  const environment = { folder, timeScale, storesTasks };
  const start = (port = 0): Promise<Running> => serve(served, environment, port);
  let server = await start();
  const restart = async (): Promise<void> => {
    await server.close();
    server = await start(server.address.port);
  };
  try {
    const isForked = server.pid !== undefined;
    const events = run({
      target: server.address,
      catalogue,
      selected: ({ id }) => ids.has(id),
      ...(retries !== undefined && { retries }),
      bail,
      confirm,
      jobs,
      addresses,
      seed,
      slow: true,
      timeScale,
      store: withoutStore ? undefined : await observeStore(join(folder, STORE)),
      process: isForked ? observeProcess(() => server.pid ?? 0) : undefined,
      kill: isForked ? restart : undefined,
      // A target after a gateway is none that the kit started.
      restart: served.gateway ? undefined : restart,
    });
    for await (const event of events) {
      if (event.kind === 'unreachable') incidents.push(`unreachable: ${event.code}`);
      if (event.kind === 'end' && event.because !== 'complete')
        incidents.push(`the run ended: ${event.because}`);
      if (event.kind !== 'result' || event.isProvisional) continue;
      const { scenario, attempts, onlyAsControl } = event.result;
      if (attempts.some(({ targetDied }) => targetDied)) incidents.push(`the server died in ${scenario.id}`);
      if (!onlyAsControl) results.set(event.result.scenario.id, event.result);
    }
    return { results, incidents };
  } finally {
    await server.close();
  }
}

/** The ids that match at least one pattern, in the order of the catalogue. `*` in a pattern matches any text. */
export function idsMatching(patterns: readonly string[], catalogue: readonly Scenario[]): string[] {
  const globs = patterns.map(globOf);
  return catalogue.map(({ id }) => id).filter((id) => globs.some((glob) => glob.test(id)));
}
