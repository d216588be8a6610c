/** Judges a server made of parts by scenarios of the catalogue, on the loopback interface and with a store of its own. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../../judge/oracle.ts';
import { observeProcess } from '../../observers/process.ts';
import { openStoreObserver } from '../../observers/store.ts';
import type { RunEvent } from '../../run/events.ts';
import { run } from '../../run/runner.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { globOf } from '../../util/glob.ts';
import { STORE } from '../server/environment.ts';
import type { Mutant } from '../server/mutant.ts';
import type { Fault } from '../server/pipeline.ts';
import { type Running, serveWith } from '../server/server.ts';
import { forkMutant } from './process.ts';

/** What waits for the protocol's timeouts is played so many times as fast, against a server whose time runs as fast. */
const TIME_SCALE = 20;

export interface TrialOptions {
  /** A part replaced in this process, or the name of a mutant that gets a process of its own. */
  readonly server: Fault | string;
  /** A folder for the store and nothing else; it is made. */
  readonly folder: string;
  readonly catalogue: readonly Scenario[];
  readonly ids: ReadonlySet<string>;
  /** Default: one after another. */
  readonly jobs?: number;
  /** Fixes task ids, since some faults depend on a digit. Default 1. */
  readonly seed?: number;
  readonly withoutStore?: boolean;
}

/**
 * The verdicts by id, each after one play. A server that dies is started again. What waits for timeouts is played apart: a
 * server whose time runs faster closes, to everybody, what another would leave hanging.
 */
export async function judged(options: TrialOptions): Promise<ReadonlyMap<string, Verdict>> {
  const { catalogue, ids, folder } = options;
  const selected = catalogue.filter(({ id }) => ids.has(id));
  const quick = selected.filter(({ slow }) => !slow);
  const slow = selected.filter(({ slow }) => slow);
  const hastened = { ...options, folder: join(folder, 'hastened') };
  return new Map([...(await judgedAt(1, options, quick)), ...(await judgedAt(TIME_SCALE, hastened, slow))]);
}

async function judgedAt(
  timeScale: number,
  options: TrialOptions,
  selected: readonly Scenario[],
): Promise<ReadonlyMap<string, Verdict>> {
  if (selected.length === 0) return new Map();
  const { server: given, folder, catalogue, jobs = 1, seed = 1, withoutStore = false } = options;
  const ids = new Set(selected.map(({ id }) => id));
  const keepsTasks = selected.some(({ store, planted }) => store && !planted);
  await mkdir(folder, { recursive: true });
  const start = async (port = 0): Promise<Running> =>
    typeof given === 'string'
      ? await forkMutant(given, folder)
      : await serveWith(given, { folder, timeScale, keepsTasks }, port);
  let server = await start();
  try {
    const { pid } = server;
    const events = run({
      target: server.address,
      catalogue,
      selected: ({ id }) => ids.has(id),
      retries: 0,
      jobs,
      seed,
      slow: true,
      timeScale,
      store: withoutStore ? undefined : await openStoreObserver(join(folder, STORE)),
      process: pid === undefined ? undefined : observeProcess(() => pid),
      restart: async () => {
        await server.close();
        server = await start(server.address.port);
      },
    });
    return await verdictsIn(events);
  } finally {
    await server.close();
  }
}

/** Of the scenarios that were selected. */
async function verdictsIn(events: AsyncIterable<RunEvent>): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for await (const event of events) {
    if (event.kind !== 'result' || event.result.onlyAsControl) continue;
    verdicts.set(event.result.scenario.id, event.result.attempts[0]);
  }
  return verdicts;
}

/** What to judge a mutant by. */
export function serverOf({ name, breaks, ownProcess }: Mutant): TrialOptions['server'] {
  return ownProcess ? name : breaks;
}

/** Whether a verdict is held against a variation: what the protocol leaves open is judged by no MUST and no SHOULD. */
export function accuses(verdict: Verdict['verdict'], level: Level): boolean {
  return level !== 'MAY' && verdict !== 'pass' && verdict !== 'skipped';
}

/** The ids that match one of the patterns, in which `*` stands for anything, in the order of the catalogue. */
export function idsLike(patterns: readonly string[], catalogue: readonly Scenario[]): string[] {
  const globs = patterns.map(globOf);
  return catalogue.map(({ id }) => id).filter((id) => globs.some((glob) => glob.test(id)));
}
