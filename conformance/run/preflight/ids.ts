/** The task ids of one attempt or one connection. */

import type { Ids } from '../../judge/touched-files.ts';
import { newTaskId } from '../../util/task-id.ts';

/**
 * An id for each slot, made when it is asked for first. A seed does not determine it: a target that keeps its tasks rejects
 * an id of an earlier run or of another shard, which would look like its policy.
 */
export function freshIds(): Ids {
  const bySlot = new Map<number, string>();
  const own = new Set<string>();
  const of = (slot: number): string => {
    const id = bySlot.get(slot) ?? newTaskId();
    bySlot.set(slot, id);
    own.add(id);
    return id;
  };
  return { of, own };
}
