/**
 * The life cycle of a task as data (L1): the statuses that may follow each status. The task of the receiver makes
 * single transitions. The copy of the submitter follows the updates that arrive, so it may skip statuses whose
 * updates were lost.
 */
import { TASK_STATUSES, type TaskStatus } from '../protocol/constants.ts';

/** Whose copy of a task: that of the receiver, which executes it, or of the submitter, which waits for its results. */
export type Side = 'receiver' | 'submitter';

const NEXT: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  NEW: ['ACCEPTED', 'DECLINED', 'CANCELLED'],
  ACCEPTED: ['EXECUTING', 'EXPIRED'],
  EXECUTING: ['COMPLETED'],
  COMPLETED: ['SUCCEEDED'],
  DECLINED: [],
  SUCCEEDED: [],
  CANCELLED: [],
  EXPIRED: [],
};

/** Whether the string is one of TASK_STATUSES. Decoding accepts any string (U2). */
export function isTaskStatus(status: string): status is TaskStatus {
  return TASK_STATUSES.some((known) => known === status);
}

/**
 * Whether a task in this status never changes again: DECLINED, SUCCEEDED, CANCELLED and EXPIRED (L1). The one exception
 * is a task of the submitter for which `isExpiredByStall` of task.ts holds.
 */
export function isFinal(status: string): boolean {
  return isTaskStatus(status) && NEXT[status].length === 0;
}

/**
 * Whether a task may go from one status to another (L1): on the side of the receiver in one transition, on that of
 * the submitter in one or more. Default side: 'receiver'. False when both are the same, or when one is not a status. A
 * task of the submitter that the stall timeout has expired may go where an ACCEPTED one may.
 */
export function canTransition(from: string, to: string, side: Side = 'receiver'): boolean {
  if (!isTaskStatus(from)) return false;
  switch (side) {
    case 'receiver':
      return NEXT[from].some((next) => next === to);
    case 'submitter':
      return NEXT[from].some((next) => next === to || canTransition(next, to, side));
  }
}
