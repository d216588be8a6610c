/** The task ids of one attempt or one connection. */

import type { Ids } from '../judge/store-oracle.ts';
import { newTaskId } from '../util/task-id.ts';

/** An id for each slot, made when it is asked for first. `random` as in `newTaskId`. */
export function freshIds(random: (() => number) | undefined): Ids {
  const bySlot = new Map<number, string>();
  const own = new Set<string>();
  const of = (slot: number): string => {
    const id = bySlot.get(slot) ?? newTaskId(random);
    bySlot.set(slot, id);
    own.add(id);
    return id;
  };
  return { of, own };
}
