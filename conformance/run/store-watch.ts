/**
 * Watches the target's store during one attempt: a snapshot before it, then snapshots until all conditions hold or the
 * deadline passes. Concurrent attempts use the same store, so files of other tasks are left out.
 */

import { performance } from 'node:perf_hooks';
import { judgeStore, pathsOf } from '../judge/store-oracle.ts';
import type { StoreObserver, StoreSnapshot } from '../observers/observer.ts';
import type { Scenario, StoreCondition } from '../scenario/scenario.ts';
import { TASK_ID } from '../util/task-id.ts';
import { delay, pollUntilEmpty } from './poll.ts';
import type { Deadlines } from './preflight.ts';

export type IdOf = (slot: number) => string;

/** The task ids of one attempt: by slot, and all that were used so far. */
export interface Ids {
  readonly of: IdOf;
  readonly own: ReadonlySet<string>;
}

interface StoreWatch {
  /** One line for each condition that does not hold by the deadline. */
  readonly mismatches: (attempt: {
    readonly ids: Ids;
    readonly deadlines: Deadlines;
    readonly signal: AbortSignal | undefined;
  }) => Promise<string[]>;
}

/** Time between two checks whether a temporary file is gone. */
const TEMPORARY_MS = 5;
/** Task ids anywhere in a path. */
const TASK_IDS = new RegExp(TASK_ID, 'g');

/** Call before the attempt. `at` is the time at which the conditions have to hold. */
export async function watchStore(
  store: StoreObserver,
  conditions: readonly StoreCondition[],
  at: Scenario['storeAt'],
): Promise<StoreWatch> {
  const wholeStore = conditions.filter(({ kind }) => kind !== 'task' && kind !== 'result-file');
  const singleFiles = conditions.filter((condition) => !wholeStore.includes(condition));
  const before = await (wholeStore.length > 0 ? store.snapshot() : store.stat([]));
  const mismatches: StoreWatch['mismatches'] = async ({ ids, deadlines: { answerMs, quietMs }, signal }) => {
    const judgeAll = (conditions: readonly StoreCondition[], after: StoreSnapshot): string[] => {
      const [was, is] = [relevantFiles(before, before, ids.own), relevantFiles(after, before, ids.own)];
      return conditions.flatMap((condition) => judgeStore(condition, was, is, ids.of) ?? []);
    };
    const paths = singleFiles.flatMap((condition) => pathsOf(condition, store.store, ids.of));
    if (typeof at === 'object') await delay(at.afterMs, signal);
    // The target can write after it closes the connection, so effects get time, and so does their absence.
    const endsAt = performance.now() + (at === 'answer' ? 0 : answerMs);
    const missing = await pollUntilEmpty(
      async () => judgeAll(singleFiles, await store.stat(paths)),
      endsAt,
      quietMs,
      signal,
    );
    if (missing.length > 0 || wholeStore.length === 0) return missing;
    await delay(quietMs, signal);
    const { files } = await store.stat(
      wholeStore.flatMap((condition) => pathsOf(condition, store.store, ids.of)),
    );
    const left = await withoutTemporaryFiles(store, before, endsAt, signal);
    return judgeAll(wholeStore, { ...left, files: new Map([...left.files, ...files]) });
  };
  return { mismatches };
}

/**
 * The files that this attempt can have touched: those with one of its ids in their path, and new ones without any id. The
 * others belong to concurrent attempts, to earlier runs whose tasks time out, or to the target itself.
 */
function relevantFiles(
  { store, files }: StoreSnapshot,
  before: StoreSnapshot,
  own: ReadonlySet<string>,
): StoreSnapshot {
  const isRelevant = (path: string): boolean => {
    const ids = path.match(TASK_IDS) ?? [];
    return ids.length === 0 ? !before.files.has(path) : ids.some((id) => own.has(id));
  };
  return { store, files: new Map([...files].filter(([path]) => isRelevant(path))) };
}

/** The store without temporary files: dot-files that are gone before `endsAt`. */
async function withoutTemporaryFiles(
  store: StoreObserver,
  before: StoreSnapshot,
  endsAt: number,
  signal: AbortSignal | undefined,
): Promise<StoreSnapshot> {
  const snapshot = await store.snapshot();
  const newDotFiles = [...snapshot.files.keys()].filter(
    (path) => path.includes('/.') && !before.files.has(path),
  );
  let left = await store.stat(newDotFiles);
  while (left.files.size > 0 && performance.now() < endsAt && !signal?.aborted) {
    await delay(TEMPORARY_MS, signal);
    left = await store.stat([...left.files.keys()]);
  }
  const files = new Map(
    [...snapshot.files].filter(([path]) => !newDotFiles.includes(path) || left.files.has(path)),
  );
  return { store: snapshot.store, files };
}
