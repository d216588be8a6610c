/**
 * The preflight of a target's store: whether an accepted task leaves its file there, and whether the target notices a task
 * that the kit puts into the store. A target may keep its tasks in memory; then scenarios that need the store are skipped.
 */

import { performance } from 'node:perf_hooks';
import type { StoreObserver } from '../observers/observer.ts';
import { ObserverError } from '../observers/observer-error.ts';
import { DEFAULT_ADDRESSES, taskId, withAddresses } from '../scenario/bytes.ts';
import { quoted, statusUpdate, submit, textResult } from '../scenario/messages.ts';
import type { PreloadedTask } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import { type Address, runSteps } from '../wire/transport.ts';
import { pollUntilEmpty } from './poll.ts';
import { connectionOptions, type ProbeOptions } from './preflight.ts';

/** Holds facts, no verdict. The values complete "an accepted task was …" and "a task that was put into the store was …". */
export interface StoreProfile {
  readonly received: 'kept' | 'not seen';
  readonly planted: 'noticed' | 'not noticed by the target' | 'refused by the file system';
}

const RECEIVED = taskId(1);
const UPDATED: PreloadedTask = { side: 'submitted', taskId: taskId(2), status: 'NEW' };
const RESULTED: PreloadedTask = { side: 'submitted', taskId: taskId(3), status: 'COMPLETED' };
/** The target has to notice one of them; a target that ignores only one of the two messages fails scenarios later. */
const PRELOADED = [UPDATED, RESULTED];

/** Leaves three tasks in the store. Throws as the observer does. */
export async function storePreflight(
  store: StoreObserver,
  address: Address,
  options: ProbeOptions & { readonly isAccepting: boolean },
): Promise<StoreProfile> {
  const { deadlines, signal, isAccepting, addresses = DEFAULT_ADDRESSES } = options;
  const ids = [RECEIVED, ...PRELOADED.map(({ taskId }) => taskId)].map(() => options.newTaskId());
  const idOf = (slot: number): string => ids[slot - 1] ?? '';
  const pathOf = ({ side, taskId }: Pick<PreloadedTask, 'side' | 'taskId'>): string =>
    `${store.store}/${side}/${idOf(taskId.slot)}.json`;
  const received = pathOf({ side: 'received', taskId: RECEIVED });
  const canPreload = await preloadAll(store, idOf);
  const planted = canPreload ? await store.stat(PRELOADED.map(pathOf)) : undefined;

  const answered = { ...connectionOptions(deadlines, 0, idOf), signal };
  await runSteps(address, [send(withAddresses(submit(), addresses))], answered);
  if (canPreload) {
    const messages = [
      statusUpdate({ task_id: quoted(UPDATED.taskId) }),
      textResult({ task_id: quoted(RESULTED.taskId) }),
    ];
    const unanswered = { ...answered, patienceMs: deadlines.quietMs };
    await Promise.all(messages.map((bytes) => runSteps(address, [send(bytes)], unanswered)));
  }

  const isKept = async (): Promise<boolean> => (await store.stat([received])).files.size > 0;
  const isNoticed = async (): Promise<boolean> => {
    const { files } = await store.stat(PRELOADED.map(pathOf));
    return [...(planted?.files ?? [])].some(([path, { digest }]) => files.get(path)?.digest !== digest);
  };
  const endsAt = performance.now() + deadlines.answerMs;
  const missing = await pollUntilEmpty(
    async () => [
      ...(isAccepting && !(await isKept()) ? ['received'] : []),
      ...(canPreload && !(await isNoticed()) ? ['planted'] : []),
    ],
    endsAt,
    deadlines.quietMs,
    signal,
  );
  return {
    received: isAccepting && !missing.includes('received') ? 'kept' : 'not seen',
    planted: !canPreload
      ? 'refused by the file system'
      : missing.includes('planted')
        ? 'not noticed by the target'
        : 'noticed',
  };
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
