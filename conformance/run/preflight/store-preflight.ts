/**
 * The preflight of a target's store: whether an accepted task leaves its file there, and whether the target notices a task
 * that the kit puts into the store. A target may keep its tasks in memory; then scenarios that need the store are skipped.
 */

import { performance } from 'node:perf_hooks';
import type { FileSnapshot, StoreObserver, StoreSnapshot } from '../../observers/observer.ts';
import { ObserverError } from '../../observers/observer-error.ts';
import { concat, DEFAULT_ADDRESSES, taskId, text, withAddresses } from '../../scenario/bytes.ts';
import { quoted, statusUpdate, submit, textResult } from '../../scenario/messages.ts';
import type { PreloadedTask, Scenario } from '../../scenario/scenario.ts';
import { send } from '../../scenario/steps.ts';
import { type Address, type Held, runSteps, runStepsAndHold } from '../../wire/transport.ts';
import { pollUntilEmpty } from '../timing/poll.ts';
import { connectionOptions, type ProbeOptions } from './preflight.ts';

/** Holds facts, no verdict. The values complete "an accepted task was …" and "a task that was put into the store was …". */
export interface StoreProfile {
  /** 'not recognised': the store holds the task, but not where section 7 of the protocol puts it. */
  readonly received: 'kept' | 'not seen' | 'not recognised';
  readonly planted:
    | 'noticed'
    | 'noticed only after a restart'
    /** The target keeps its own tasks in this store, was restarted, and still ignores updates and results of others. */
    | 'ignored even after a restart'
    | 'not noticed by the running target'
    | 'not noticed by the target'
    | 'refused by the file system';
  /** Present when the task was not recognised: paths in the store. */
  readonly layout?: { readonly sought: string; readonly found: string };
}

export interface StorePreflightOptions extends ProbeOptions {
  readonly isAccepting: boolean;
  /** Ends the target and starts it again. Default: the kit cannot. */
  readonly restart?: (() => Promise<void>) | undefined;
}

const RECEIVED = taskId(1);
const UPDATED: PreloadedTask = { side: 'submitted', taskId: taskId(2), status: 'NEW' };
const RESULTED: PreloadedTask = { side: 'submitted', taskId: taskId(3), status: 'COMPLETED' };
/** In the description of the received task, so that its file is recognised even if the target changes the id. */
const MARK = taskId(4);
/** The target has to notice one of them; a target that ignores only one of the two messages fails scenarios later. */
const PRELOADED = [UPDATED, RESULTED];

/** Why a scenario with preloaded tasks is skipped. A task on the received side only has to stay as it is. */
export function reasonToSkipPreloaded(
  { preloaded = [] }: Pick<Scenario, 'preloaded'>,
  { planted }: StoreProfile,
): string | undefined {
  if (preloaded.length === 0 || planted === 'noticed' || planted === 'ignored even after a restart')
    return undefined;
  if (planted !== 'refused by the file system' && preloaded.every(({ side }) => side === 'received'))
    return undefined;
  const hint = planted === 'not noticed by the running target' ? '; with --exec the kit can restart it' : '';
  return `a task that was put into the store was ${planted}${hint}`;
}

/** Leaves three tasks in the store. Throws as the observer does. */
export async function storePreflight(
  store: StoreObserver,
  address: Address,
  options: StorePreflightOptions,
): Promise<StoreProfile> {
  const { deadlines, signal, isAccepting, restart, addresses = DEFAULT_ADDRESSES } = options;
  const ids = Array.from({ length: 4 }, () => options.newTaskId());
  const idOf = (slot: number): string => ids[slot - 1] ?? '';
  const pathOf = ({ side, taskId }: Pick<PreloadedTask, 'side' | 'taskId'>): string =>
    `${store.store}/${side}/${idOf(taskId.slot)}.json`;
  const received = pathOf({ side: 'received', taskId: RECEIVED });
  const canPreload = await preloadAll(store, idOf);
  const preloaded = await store.stat(PRELOADED.map(pathOf));
  const before = await snapshotOrNone(store);

  const answered = { ...connectionOptions(deadlines, 0, idOf), signal };
  /** Leaves the connections open, because a reset would lose what the target has not read yet. */
  const sendMessages = async (): Promise<readonly Held[]> => {
    const messages = [
      statusUpdate({ task_id: quoted(UPDATED.taskId) }),
      textResult({ task_id: quoted(RESULTED.taskId) }),
    ];
    const unanswered = { ...answered, firstByteTimeoutMs: deadlines.quietMs };
    return await Promise.all(messages.map((bytes) => runStepsAndHold(address, [send(bytes)], unanswered)));
  };
  const isKept = async (): Promise<boolean> => (await store.stat([received])).files.size > 0;
  const isNoticed = async (): Promise<boolean> => {
    const { files } = await store.stat(PRELOADED.map(pathOf));
    return PRELOADED.map(pathOf).some(
      (path) => files.get(path)?.digest !== preloaded.files.get(path)?.digest,
    );
  };
  /** What is not there by the deadline. */
  const missingOf = (wanted: readonly ('received' | 'planted')[]): Promise<string[]> =>
    pollUntilEmpty(
      async () => {
        const isThere = { received: isKept, planted: isNoticed };
        const seen = await Promise.all(wanted.map((what) => isThere[what]()));
        return wanted.filter((_, index) => !seen[index]);
      },
      performance.now() + deadlines.answerMs,
      deadlines.quietMs,
      signal,
    );

  const description = quoted(concat(text('Preflight of the conformance kit '), MARK));
  const accepted = withAddresses(submit({ task_description: description }), addresses);
  await runSteps(address, [send(accepted)], answered);
  const sent = canPreload ? await sendMessages() : [];
  const missing = await missingOf([
    ...(isAccepting ? (['received'] as const) : []),
    ...(canPreload ? (['planted'] as const) : []),
  ]);
  for (const { release } of sent) release();
  const hasKept = isAccepting && !missing.includes('received');
  const noticed = canPreload && !missing.includes('planted');

  const plantedOf = async (): Promise<StoreProfile['planted']> => {
    if (!canPreload) return 'refused by the file system';
    if (noticed) return 'noticed';
    // A target that keeps no task of its own in this store need not read one there.
    if (!hasKept || signal?.aborted) return 'not noticed by the target';
    if (restart === undefined) return 'not noticed by the running target';
    try {
      await restart();
    } catch {
      // The first scenario then finds that the target died, and reports why it does not start again.
      return 'not noticed by the target';
    }
    const sentAgain = await sendMessages();
    const isStillMissing = (await missingOf(['planted'])).length > 0;
    for (const { release } of sentAgain) release();
    return isStillMissing ? 'ignored even after a restart' : 'noticed only after a restart';
  };
  const rest = { planted: await plantedOf() };
  if (hasKept) return { received: 'kept', ...rest };
  const after = isAccepting ? await snapshotOrNone(store) : undefined;
  const found = before && after && traceOf([idOf(1), idOf(4)], before, after);
  // In the other folder of the documented layout, it is a task in the wrong place.
  if (found === undefined || found === pathOf({ side: 'submitted', taskId: RECEIVED }))
    return { received: 'not seen', ...rest };
  const inStore = (path: string): string => path.slice(store.store.length + 1);
  return {
    received: 'not recognised',
    ...rest,
    layout: { sought: inStore(received), found: inStore(found) },
  };
}

/** Undefined if the store cannot be read as a whole; scenarios that need it then report why. */
async function snapshotOrNone(store: StoreObserver): Promise<StoreSnapshot | undefined> {
  try {
    return await store.snapshot();
  } catch (error) {
    if (error instanceof ObserverError) return undefined;
    throw error;
  }
}

/** The first new or changed file of the store with one of the marks in its path or content. */
function traceOf(
  marks: readonly string[],
  before: StoreSnapshot,
  { store, files }: StoreSnapshot,
): string | undefined {
  const isMarked = ([path, { digest, bytes }]: readonly [string, FileSnapshot]): boolean =>
    path.startsWith(`${store}/`) &&
    before.files.get(path)?.digest !== digest &&
    marks.some((mark) => path.includes(mark) || (bytes && Buffer.from(bytes).includes(mark)));
  return [...files].find(isMarked)?.[0];
}

/** False if the kit can read the store but not write to it. */
async function preloadAll(store: StoreObserver, idOf: (slot: number) => string): Promise<boolean> {
  try {
    for (const task of PRELOADED) await store.preload(task, ({ slot }) => idOf(slot));
    return true;
  } catch (error) {
    if (error instanceof ObserverError && error.code === 'store-unwritable') return false;
    throw error;
  }
}
