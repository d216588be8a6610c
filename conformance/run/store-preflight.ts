/**
 * The first look at a target's store: does an accepted task leave its file there, and does the target notice a task that
 * somebody else puts into it? One that keeps its tasks in memory does not have to; nothing is judged by it then.
 */

import { performance } from 'node:perf_hooks';
import type { StoreObserver } from '../observers/observer.ts';
import { ObserverError } from '../observers/observer-error.ts';
import { quoted, statusUpdate, submit, taskId, textResult } from '../scenario/bytes.ts';
import type { Planted } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import { type Address, play } from '../wire/transport.ts';
import { type ProbeOptions, playOptions } from './preflight.ts';
import { untilNone } from './store-watch.ts';

/** Facts, without an opinion; they complete "an accepted task was …" and "a task that was put into the store was …". */
export interface StoreProfile {
  readonly received: 'kept' | 'not seen';
  readonly planted: 'noticed' | 'not noticed by the target' | 'refused by the file system';
}

const RECEIVED = taskId(1);
const UPDATED: Planted = { side: 'submitted', taskId: taskId(2), status: 'NEW' };
const RESULTED: Planted = { side: 'submitted', taskId: taskId(3), status: 'COMPLETED' };
/** Either of them will do: a target that forgets only one of the two messages has a fault that is to be found. */
const PLANTED = [UPDATED, RESULTED];

/** Looks once; leaves three tasks in the store. Throws what the observer's looks throw. */
export async function storePreflight(
  store: StoreObserver,
  address: Address,
  options: ProbeOptions & { readonly isAccepting: boolean },
): Promise<StoreProfile> {
  const { deadlines, signal, isAccepting } = options;
  const ids = [RECEIVED, ...PLANTED.map(({ taskId }) => taskId)].map(() => options.newTaskId());
  const idOf = (slot: number): string => ids[slot - 1] ?? '';
  const pathOf = ({ side, taskId }: Pick<Planted, 'side' | 'taskId'>): string =>
    `${store.store}/${side}/${idOf(taskId.slot)}.json`;
  const received = pathOf({ side: 'received', taskId: RECEIVED });
  const canPlant = await plantAll(store, idOf);
  const planted = canPlant ? await store.glance(PLANTED.map(pathOf)) : undefined;

  const answered = { ...playOptions(deadlines, 0, idOf), signal };
  await play(address, [send(submit())], answered);
  if (canPlant) {
    const messages = [
      statusUpdate({ task_id: quoted(UPDATED.taskId) }),
      textResult({ task_id: quoted(RESULTED.taskId) }),
    ];
    const unanswered = { ...answered, patienceMs: deadlines.quietMs };
    await Promise.all(messages.map((bytes) => play(address, [send(bytes)], unanswered)));
  }

  const isKept = async (): Promise<boolean> => (await store.glance([received])).files.size > 0;
  const isNoticed = async (): Promise<boolean> => {
    const { files } = await store.glance(PLANTED.map(pathOf));
    return [...(planted?.files ?? [])].some(([path, { digest }]) => files.get(path)?.digest !== digest);
  };
  const endsAt = performance.now() + deadlines.answerMs;
  const missing = await untilNone(
    async () => [
      ...(isAccepting && !(await isKept()) ? ['received'] : []),
      ...(canPlant && !(await isNoticed()) ? ['planted'] : []),
    ],
    endsAt,
    deadlines.quietMs,
    signal,
  );
  return {
    received: isAccepting && !missing.includes('received') ? 'kept' : 'not seen',
    planted: !canPlant
      ? 'refused by the file system'
      : missing.includes('planted')
        ? 'not noticed by the target'
        : 'noticed',
  };
}

/** False where the kit may look at the store and not write to it. */
async function plantAll(store: StoreObserver, idOf: (slot: number) => string): Promise<boolean> {
  try {
    for (const task of PLANTED) await store.plant(task, ({ slot }) => idOf(slot));
    return true;
  } catch (error) {
    if (error instanceof ObserverError && error.code === 'store-unwritable') return false;
    throw error;
  }
}
