/**
 * Watches the target's store around one play: a look before it, then looks until everything is as it has to be or the
 * time is up. Others may be at work on the store meanwhile, so traces of tasks that are not this play's are left out.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { judgeStore, pathsOf } from '../judge/store-oracle.ts';
import type { StoreObserver, StoreSnapshot } from '../observers/observer.ts';
import type { Scenario, StoreCondition } from '../scenario/scenario.ts';
import { TASK_ID } from '../util/task-id.ts';
import type { Deadlines } from './preflight.ts';

export type IdOf = (slot: number) => string;

/** The ids of one play: by slot, and all that were asked for so far. */
export interface Ids {
  readonly of: IdOf;
  readonly own: ReadonlySet<string>;
}

interface StoreWatch {
  /** One line for each condition that does not hold, in the end. */
  readonly mismatches: (play: {
    readonly ids: Ids;
    readonly deadlines: Deadlines;
    readonly signal: AbortSignal | undefined;
  }) => Promise<string[]>;
}

/** Between two looks for whether a temporary file has gone. */
const TEMPORARY_MS = 5;
/** Task ids anywhere in a path. */
const TASK_IDS = new RegExp(TASK_ID, 'g');

/** To be called before the play; `at` tells when the conditions have to hold. */
export async function watchStore(
  store: StoreObserver,
  conditions: readonly StoreCondition[],
  at: Scenario['storeAt'],
): Promise<StoreWatch> {
  const aboutAll = conditions.filter(({ kind }) => kind !== 'task' && kind !== 'result-file');
  const aboutSome = conditions.filter((condition) => !aboutAll.includes(condition));
  const before = await (aboutAll.length > 0 ? store.snapshot() : store.stat([]));
  const mismatches: StoreWatch['mismatches'] = async ({ ids, deadlines: { answerMs, quietMs }, signal }) => {
    const judge = (some: readonly StoreCondition[], after: StoreSnapshot): string[] => {
      const [was, is] = [relevantFiles(before, before, ids.own), relevantFiles(after, before, ids.own)];
      return some.flatMap((condition) => judgeStore(condition, was, is, ids.of) ?? []);
    };
    const paths = aboutSome.flatMap((condition) => pathsOf(condition, store.store, ids.of));
    if (typeof at === 'object') await delay(at.afterMs, signal);
    // An effect may come behind the close, so it is given time; that there is none can only be said after a while.
    const endsAt = performance.now() + (at === 'answer' ? 0 : answerMs);
    const missing = await pollUntilEmpty(
      async () => judge(aboutSome, await store.stat(paths)),
      endsAt,
      quietMs,
      signal,
    );
    if (missing.length > 0 || aboutAll.length === 0) return missing;
    await delay(quietMs, signal);
    const { files } = await store.stat(
      aboutAll.flatMap((condition) => pathsOf(condition, store.store, ids.of)),
    );
    const left = await withoutTemporaryFiles(store, before, endsAt, signal);
    return judge(aboutAll, { ...left, files: new Map([...left.files, ...files]) });
  };
  return { mismatches };
}

/** Looks at once, and again after longer and longer waits, until nothing is missing or the time is up. */
export async function pollUntilEmpty<T>(
  look: () => Promise<readonly T[]>,
  endsAt: number,
  longestWaitMs: number,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  let missing = await look();
  for (let waitMs = 2; missing.length > 0 && performance.now() < endsAt && !signal?.aborted; waitMs *= 2) {
    await delay(Math.min(waitMs, longestWaitMs), signal);
    missing = await look();
  }
  return [...missing];
}

/**
 * The files that can tell of this play: those that bear an id of its own, and those that appeared and bear no id at all.
 * The rest is at work for others: another play's task, one of an earlier run that a timeout ends, the target's index.
 */
function relevantFiles(
  { store, files }: StoreSnapshot,
  before: StoreSnapshot,
  own: ReadonlySet<string>,
): StoreSnapshot {
  const tells = (path: string): boolean => {
    const ids = path.match(TASK_IDS) ?? [];
    return ids.length === 0 ? !before.files.has(path) : ids.some((id) => own.has(id));
  };
  return { store, files: new Map([...files].filter(([path]) => tells(path))) };
}

/** The store without the temporary files that are just being written: dot-files that go again before the time is up. */
async function withoutTemporaryFiles(
  store: StoreObserver,
  before: StoreSnapshot,
  endsAt: number,
  signal: AbortSignal | undefined,
): Promise<StoreSnapshot> {
  const seen = await store.snapshot();
  const passing = [...seen.files.keys()].filter((path) => path.includes('/.') && !before.files.has(path));
  let left = await store.stat(passing);
  while (left.files.size > 0 && performance.now() < endsAt && !signal?.aborted) {
    await delay(TEMPORARY_MS, signal);
    left = await store.stat([...left.files.keys()]);
  }
  const files = new Map([...seen.files].filter(([path]) => !passing.includes(path) || left.files.has(path)));
  return { store: seen.store, files };
}

/** Resolves after so many milliseconds, or at once when the signal fires. */
async function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(ms, undefined, signal && { signal }).catch(() => {});
}
