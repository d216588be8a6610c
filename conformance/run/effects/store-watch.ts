/**
 * Watches the target's store during one attempt: a snapshot before it, then snapshots until all conditions hold or the
 * deadline passes. Concurrent attempts and other programs write there too, so only files that the attempt can have touched
 * are judged. Its files outside the store are removed at the end.
 */

import { isAbsolute } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Mismatch } from '../../judge/mismatch.ts';
import { judgeStore, outsidePathsOf, pathsOf } from '../../judge/store-oracle.ts';
import { changedPaths, type Ids, isOtherFile, payloadOf, relevantPaths } from '../../judge/touched-files.ts';
import type { FileSnapshot, StoreObserver, StoreSnapshot } from '../../observers/observer.ts';
import type { Scenario, StoreCondition } from '../../scenario/scenario.ts';
import type { Deadlines } from '../timing/deadlines.ts';
import { delay, pollUntilEmpty } from '../timing/poll.ts';

/** Of one attempt. */
export interface StoreWatch {
  /** One for each condition that does not hold by the deadline. */
  readonly mismatches: (attempt: {
    readonly deadlines: Deadlines;
    readonly signal: AbortSignal | undefined;
    /** Called if conditions on single files do not hold by the deadline; they then get the answer deadline. */
    readonly access: (() => Promise<void>) | undefined;
  }) => Promise<Mismatch[]>;
  /** Whether these conditions on single files hold now. */
  readonly holds: (conditions: readonly StoreCondition[]) => Promise<boolean>;
}

/** Conditions that hold unless the target does something; the others are awaited. */
const WHOLE_STORE: readonly string[] = ['unchanged', 'only-task', 'absent'];
/** Time between two checks whether a temporary file is gone. */
const TEMPORARY_MS = 5;

/** Call before the attempt. `storeAt` is the time at which the conditions have to hold. */
export async function watchStore(
  store: StoreObserver,
  scenario: Pick<Scenario, 'store' | 'alone' | 'storeAt'>,
  ids: Ids,
): Promise<StoreWatch> {
  const { store: conditions = [], storeAt: at } = scenario;
  const wholeStore = conditions.filter(({ kind }) => WHOLE_STORE.includes(kind));
  const awaited = conditions.filter((condition) => !wholeStore.includes(condition));
  const isAnywhere = awaited.some(({ kind }) => kind === 'kept');
  const outside = outsidePathsOf(conditions, ids.of);
  const payload = payloadOf(conditions, ids.of);
  const before = await snapshotWith(store, wholeStore.length > 0, outside);

  const hasOwnId = (name: string): boolean => [...ids.own].some((id) => name.includes(id));

  /** The part of both snapshots that is judged, of these paths. */
  const relevant = (
    after: StoreSnapshot,
    among: Iterable<string>,
  ): readonly [was: StoreSnapshot, is: StoreSnapshot] => {
    const paths = relevantPaths(among, before, after, scenario, ids);
    const within = ({ store, files }: StoreSnapshot): StoreSnapshot => ({
      store,
      files: new Map([...paths].flatMap((path) => pair(path, files.get(path)))),
    });
    return [within(before), within(after)];
  };
  const touched = (after: StoreSnapshot) => relevant(after, changedPaths(before, after));
  /** A new file can be temporary if it is a dot-file, or has no task id of the attempt. */
  const isTemporaryName = (path: string): boolean =>
    (!isAbsolute(path) && path.includes('/.')) || !hasOwnId(path);
  /** The store without temporary files: those that are gone before `endsAt`. */
  const withoutTemporaryFiles = async (
    { store: name, files }: StoreSnapshot,
    endsAt: number,
    signal: AbortSignal | undefined,
  ): Promise<StoreSnapshot> => {
    const [was, is] = touched({ store: name, files });
    const suspects = [...is.files]
      .filter(([path, file]) => !was.files.has(path) && !isOtherFile(path, file, name, payload))
      .map(([path]) => path)
      .filter(isTemporaryName);
    let left = await store.stat(suspects);
    while (left.files.size > 0 && performance.now() < endsAt && !signal?.aborted) {
      await delay(TEMPORARY_MS, signal);
      left = await store.stat([...left.files.keys()]);
    }
    return {
      store: name,
      files: new Map([...files].filter(([path]) => !suspects.includes(path) || left.files.has(path))),
    };
  };

  const judgeFiles = async (judged: typeof conditions): Promise<Mismatch[]> => {
    const paths = judged.flatMap((condition) => pathsOf(condition, store.store, ids.of));
    const after = await (isAnywhere ? store.snapshot() : store.stat(paths));
    const [was, is] = relevant(after, after.files.keys());
    // A task may be kept in a file that other tasks are in, too.
    return judged.flatMap(
      (condition) => judgeStore(condition, was, condition.kind === 'kept' ? after : is, ids.of) ?? [],
    );
  };
  const judgeWhole = async (
    after: StoreSnapshot,
    endsAt: number,
    signal: AbortSignal | undefined,
  ): Promise<Mismatch[]> => {
    const [was, is] = touched(await withoutTemporaryFiles(after, endsAt, signal));
    return wholeStore.flatMap((condition) => judgeStore(condition, was, is, ids.of) ?? []);
  };

  const mismatches: StoreWatch['mismatches'] = async ({ deadlines, signal, access }) => {
    const { answerMs, quietMs } = deadlines;
    const { fromMs, lengthMs } = windowOf(at, answerMs);
    await delay(fromMs, signal);
    const endsAt = performance.now() + (at === 'answer' ? 0 : answerMs);
    const poll = (ms: number): Promise<Mismatch[]> =>
      pollUntilEmpty(() => judgeFiles(awaited), performance.now() + ms, quietMs, signal);
    let missing = await poll(lengthMs);
    if (missing.length > 0 && access !== undefined) {
      await access();
      missing = await poll(answerMs);
    }
    if (wholeStore.length === 0) return missing;
    await delay(quietMs, signal);
    const after = await snapshotWith(store, true, outside);
    const mayNot = missing.length > 0 ? [] : await judgeWhole(after, endsAt, signal);
    const escaped = [...touched(after)[1].files.keys()].filter((path) => !path.startsWith(`${store.store}/`));
    await store.removeOutside([...outside, ...escaped], hasOwnId);
    return [...missing, ...mayNot];
  };
  return {
    mismatches,
    holds: async (conditions) => (await judgeFiles(conditions)).length === 0,
  };
}

/** The time before the conditions are judged, and the time that they then have. */
function windowOf(at: Scenario['storeAt'], answerMs: number): { fromMs: number; lengthMs: number } {
  if (at === 'answer') return { fromMs: 0, lengthMs: 0 };
  // The target can write after it closes the connection, so effects get time, and so does their absence.
  if (at === undefined) return { fromMs: 0, lengthMs: answerMs };
  if ('afterMs' in at) return { fromMs: at.afterMs, lengthMs: answerMs };
  return { fromMs: at.fromMs, lengthMs: at.untilMs - at.fromMs };
}

/** The files at the paths, and with `isWhole` the store. */
async function snapshotWith(
  store: StoreObserver,
  isWhole: boolean,
  paths: readonly string[],
): Promise<StoreSnapshot> {
  const whole = isWhole ? await store.snapshot() : undefined;
  if (whole && paths.length === 0) return whole;
  const { files } = await store.stat(paths);
  return { store: store.store, files: new Map([...(whole?.files ?? []), ...files]) };
}

function pair(path: string, file: FileSnapshot | undefined): [string, FileSnapshot][] {
  return file === undefined ? [] : [[path, file]];
}
