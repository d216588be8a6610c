/**
 * The life of a task as data (L1): which status may follow which, on either side. The receiver moves along single
 * transitions. The submitter's copy follows what it is told, and may skip states whose updates never arrived.
 */
import { TASK_STATUSES, type TaskStatus } from '../protocol/constants.ts';

/** Whose copy of the task: the receiver executes it, the submitter waits for its results. */
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

/** Whether the string is one of the eight statuses. Decoding takes any string (U2). */
export function isTaskStatus(status: string): status is TaskStatus {
  return TASK_STATUSES.some((known) => known === status);
}

/** Whether a task with this status never changes again: DECLINED, SUCCEEDED, CANCELLED and EXPIRED (L1). */
export function isFinal(status: string): boolean {
  return isTaskStatus(status) && NEXT[status].length === 0;
}

/**
 * Whether a task may go from one status to another (L1): on the receiver's side in one transition, on the submitter's in
 * one or several. False when either is no status, and when both are the same.
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
