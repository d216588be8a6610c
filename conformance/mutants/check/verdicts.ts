/** Runs scenarios of the catalogue against a mutant or a variant: server → run on the loopback interface → verdicts. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../../judge/oracle.ts';
import { observeProcess } from '../../observers/process.ts';
import { observeStore } from '../../observers/store.ts';
import type { RunEvent } from '../../run/events.ts';
import { run } from '../../run/runner.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { globOf } from '../../util/glob.ts';
import { STORE } from '../server/environment.ts';
import type { Mutant } from '../server/mutant.ts';
import type { Replacement } from '../server/pipeline.ts';
import { type Running, serveWith } from '../server/server.ts';
import { forkMutant } from './process.ts';

/** Scenarios that wait for the protocol's timeouts run this many times as fast, and so does the clock of their server. */
const TIME_SCALE = 20;

export interface JudgeOptions {
  /** A replacement for a server in this process, or the name of a mutant that runs in a process of its own. */
  readonly server: Replacement | string;
  /** The folder of the server's store. It is created, and should hold nothing else. */
  readonly folder: string;
  readonly catalogue: readonly Scenario[];
  readonly ids: ReadonlySet<string>;
  /** How many scenarios run at a time. Default 1. */
  readonly jobs?: number;
  /** Determines the task ids, because some faults depend on a digit of an id. Default 1. */
  readonly seed?: number;
  /** Whether a failure next to concurrent scenarios counts only if it repeats alone, as for a user. Default true. */
  readonly confirm?: boolean;
  /** True if the scenarios do not read the server's store. Default false. */
  readonly withoutStore?: boolean;
}

/**
 * The verdicts by scenario id, after one attempt each. A server that crashes is restarted. Scenarios that wait for
 * timeouts run against a second server: its fast clock would also close connections that other scenarios expect to stay open.
 */
export async function judgeServer(options: JudgeOptions): Promise<ReadonlyMap<string, Verdict>> {
  const { catalogue, ids, folder } = options;
  const selected = catalogue.filter(({ id }) => ids.has(id));
  const quick = selected.filter(({ slow }) => !slow);
  const slow = selected.filter(({ slow }) => slow);
  const accelerated = { ...options, folder: join(folder, 'accelerated') };
  return new Map([
    ...(await judgeAtScale(1, options, quick)),
    ...(await judgeAtScale(TIME_SCALE, accelerated, slow)),
  ]);
}

async function judgeAtScale(
  timeScale: number,
  options: JudgeOptions,
  selected: readonly Scenario[],
): Promise<ReadonlyMap<string, Verdict>> {
  if (selected.length === 0) return new Map();
  const {
    server: given,
    folder,
    catalogue,
    jobs = 1,
    seed = 1,
    confirm = true,
    withoutStore = false,
  } = options;
  const ids = new Set(selected.map(({ id }) => id));
  const storesTasks = selected.some(
    ({ store, preloaded, needs }) => store && (!preloaded || needs === 'keeping'),
  );
  await mkdir(folder, { recursive: true });
  const environment = { folder, timeScale, storesTasks };
  const start = async (port = 0): Promise<Running> =>
    typeof given === 'string'
      ? await forkMutant(given, environment, port)
      : await serveWith(given, environment, port);
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
      retries: 0,
      confirm,
      jobs,
      seed,
      slow: true,
      timeScale,
      store: withoutStore ? undefined : await observeStore(join(folder, STORE)),
      process: isForked ? observeProcess(() => server.pid ?? 0) : undefined,
      kill: isForked ? restart : undefined,
      restart,
    });
    return await verdictsIn(events);
  } finally {
    await server.close();
  }
}

/** The verdicts of the selected scenarios, without those that ran only as controls. */
async function verdictsIn(events: AsyncIterable<RunEvent>): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for await (const event of events) {
    if (event.kind !== 'result' || event.result.onlyAsControl) continue;
    verdicts.set(event.result.scenario.id, event.result.attempts[0]);
  }
  return verdicts;
}

/** The `server` option for a mutant. */
export function serverOf({ name, breaks, ownProcess }: Mutant): JudgeOptions['server'] {
  return ownProcess ? name : breaks;
}

/** Whether a verdict on a conforming variant is a false alarm. Scenarios of level MAY never raise one. */
export function isFalseAlarm(verdict: Verdict['verdict'], level: Level): boolean {
  return level !== 'MAY' && verdict !== 'pass' && verdict !== 'skipped';
}

/** The ids that match at least one pattern, in the order of the catalogue. `*` in a pattern matches any text. */
export function idsMatching(patterns: readonly string[], catalogue: readonly Scenario[]): string[] {
  const globs = patterns.map(globOf);
  return catalogue.map(({ id }) => id).filter((id) => globs.some((glob) => glob.test(id)));
}
