/**
 * The steps in the life of a task, without clock and disk: a TaskFile and the present time → a new TaskFile (L1, L3).
 * state-machine.ts decides whether a step is legal. A step returns the changed task or throws a TransitionError. It
 * never changes the given task.
 */

import {
  ACCEPT_TIMEOUT_MS,
  ACCEPTED_STALL_TIMEOUT_MS,
  QUEUE_HEAD_TIMEOUT_MS,
  type TaskStatus,
} from '../protocol/constants.ts';
import { ProtocolError, TransitionError } from '../protocol/errors.ts';
import type { TaskStatusUpdate } from '../protocol/message-types.ts';
import { formatTime, type Instant, isLongerThan, millisecondsBetween, parseTime } from '../protocol/time.ts';
import { canTransition, isFinal, isTaskStatus, type Side } from './state-machine.ts';
import type { TaskFile } from './task-file.ts';

/** The part of a result that the file of the task holds (R6). */
export interface TaskOutcome {
  readonly resultType: 'text' | 'file';
  /** The text, or the name of the file. */
  readonly results: string;
}

/** A new task: its status is NEW and it was created at `now`, exact to the nanosecond (L1, L3). */
export function newTaskFile(
  task: Pick<TaskFile, 'taskId' | 'taskDescription' | 'from' | 'to'>,
  now: Instant,
): TaskFile {
  const { taskId, taskDescription, from, to } = task;
  return {
    taskId,
    taskDescription,
    createdAt: formatTime(now),
    status: 'NEW',
    statusJustification: 'A new task was created',
    from,
    to,
  };
}

/** NEW → ACCEPTED; sets `acceptedAt` and `timeIdleMs`. Throws a TransitionError (L1). */
export function accept(task: TaskFile, justification: string, now: Instant): TaskFile {
  return decide(task, 'ACCEPTED', justification, now);
}

/** NEW → DECLINED; sets `acceptedAt` and `timeIdleMs`. Throws a TransitionError (L1). */
export function decline(task: TaskFile, justification: string, now: Instant): TaskFile {
  return decide(task, 'DECLINED', justification, now);
}

/**
 * NEW → CANCELLED; sets `acceptedAt` and `timeIdleMs`. Throws a TransitionError (L1). Does not check the timeout;
 * `isExpiredForAccept` does.
 */
export function cancel(task: TaskFile, justification: string, now: Instant): TaskFile {
  return decide(task, 'CANCELLED', justification, now);
}

/**
 * Makes an ACCEPTED task the head of the queue: sets `stagedAt` unless it is set (L2). Throws a TransitionError to
 * 'staged' for another status.
 */
export function stage(task: TaskFile, now: Instant): TaskFile {
  if (task.status !== 'ACCEPTED') throw new TransitionError(task.status, 'staged');
  return task.stagedAt === undefined ? { ...task, stagedAt: formatTime(now) } : task;
}

/**
 * ACCEPTED → EXECUTING; sets `executeStartedAt`, and `timeStagedMs` if `stagedAt` is set. Throws a TransitionError
 * (L1).
 */
export function execute(task: TaskFile, justification: string, now: Instant): TaskFile {
  const executing = transition(task, 'EXECUTING', justification);
  return calculateTimeStaged({ ...executing, executeStartedAt: formatTime(now) }, now);
}

/** EXECUTING → COMPLETED; sets `completedAt` and `timeCpuMs`. Throws a TransitionError (L1). */
export function complete(task: TaskFile, justification: string, now: Instant): TaskFile {
  const completed = transition(task, 'COMPLETED', justification);
  return calculateTimeCpu({ ...completed, completedAt: formatTime(now) }, now);
}

/**
 * ACCEPTED → EXPIRED. Throws a TransitionError (L1). Does not check the timeout of the head of the queue;
 * `isExpiredInQueue` does.
 */
export function expire(task: TaskFile, justification: string): TaskFile {
  return transition(task, 'EXPIRED', justification);
}

/** The justification that marks a task of the submitter as expired by the stall timeout. */
const STALLED = 'No results came in time';

/**
 * ACCEPTED → EXPIRED on the side of the submitter, because no results came (L1). Its receiver may still work on the
 * task, so messages that arrive later are applied; see `isExpiredByStall`. Throws a TransitionError. Does not check the
 * timeout; `isAcceptedStalled` does.
 */
export function expireStalled(task: TaskFile): TaskFile {
  return expire(task, STALLED);
}

/**
 * Whether `expireStalled` has expired the task. Later messages are applied to it as if it were ACCEPTED: updates to
 * EXECUTING, COMPLETED, SUCCEEDED and EXPIRED, and results (L1). An update to EXPIRED makes the status final, because the
 * receiver has given up, too.
 */
export function isExpiredByStall({ status, statusJustification }: TaskFile): boolean {
  return status === 'EXPIRED' && statusJustification === STALLED;
}

/**
 * → SUCCEEDED with the results (R6). On the side of the receiver only from COMPLETED. On that of the submitter from
 * every status that is not final, from EXPIRED by the stall timeout, and from SUCCEEDED without results, because the
 * status update may arrive before the results. Default side: 'submitter'. Throws a TransitionError (L1).
 */
export function succeed(task: TaskFile, outcome: TaskOutcome, side: Side = 'submitter'): TaskFile {
  const { resultType, results } = outcome;
  const resultsAreLate = side === 'submitter' && task.status === 'SUCCEEDED' && task.resultType === undefined;
  const succeeded = resultsAreLate
    ? task
    : transition(task, 'SUCCEEDED', 'Task completed with results', side);
  return { ...succeeded, resultType, results };
}

/**
 * Gives the copy of the submitter the status and the justification of an update (U2). An update to ACCEPTED sets
 * `acceptedAt` if it is not set (U3). An update to the present status replaces only the justification, unless that
 * status is final. A task for which `isExpiredByStall` holds takes later updates. Throws a TransitionError when the status is unknown or cannot follow that of the task (L1).
 */
export function applyStatusUpdate(task: TaskFile, update: TaskStatusUpdate, now: Instant): TaskFile {
  const { status, justification } = update;
  const repeated = status === task.status && isTaskStatus(status) && !isFinal(status);
  const followed = repeated
    ? { ...task, statusJustification: justification }
    : transition(task, status, justification, 'submitter');
  if (status !== 'ACCEPTED' || task.acceptedAt !== undefined) return followed;
  return { ...followed, acceptedAt: formatTime(now) };
}

/*
 * The documented functions that set a duration also set the time at which it ends, as the deployed ones do (P3). Each
 * returns the task unchanged when the time at which the duration begins is missing or not a time.
 */

/** Sets `timeIdleMs`, from `createdAt` to `now`, and `acceptedAt` to `now` (L3). */
export function calculateTimeIdle(task: TaskFile, now: Instant): TaskFile {
  const timeIdleMs = durationMs(task.createdAt, now);
  return timeIdleMs === undefined ? task : { ...task, acceptedAt: formatTime(now), timeIdleMs };
}

/** Sets `timeStagedMs`, from `stagedAt` to `now`, and `executeStartedAt` to `now` (L3). */
export function calculateTimeStaged(task: TaskFile, now: Instant): TaskFile {
  const timeStagedMs = durationMs(task.stagedAt, now);
  return timeStagedMs === undefined ? task : { ...task, executeStartedAt: formatTime(now), timeStagedMs };
}

/** Sets `timeCpuMs`, from `executeStartedAt` to `now`, and `completedAt` to `now` (L3). */
export function calculateTimeCpu(task: TaskFile, now: Instant): TaskFile {
  const timeCpuMs = durationMs(task.executeStartedAt, now);
  return timeCpuMs === undefined ? task : { ...task, completedAt: formatTime(now), timeCpuMs };
}

/**
 * Whole milliseconds since `createdAt`, negative when the clock was set back. Throws a ProtocolError 'malformed-time'
 * (L3).
 */
export function timeSinceCreation(task: TaskFile, now: Instant): number {
  return millisecondsBetween(parseTime(task.createdAt), now);
}

/**
 * Whole milliseconds since `stagedAt`, negative when the clock was set back. Throws a ProtocolError 'malformed-time',
 * also when `stagedAt` is missing (L2, L3).
 */
export function timeSinceStaged(task: TaskFile, now: Instant): number {
  return millisecondsBetween(parseTime(task.stagedAt ?? ''), now);
}

/*
 * The bounds of the three timeouts are inclusive: at exactly the bound, to the nanosecond, a task has not expired
 * (L1). A task whose time is missing or malformed does not expire, because the beginning is unknown.
 */

/** Whether a task has been NEW for more than ACCEPT_TIMEOUT_MS (L1). */
export function isExpiredForAccept(task: TaskFile, now: Instant): boolean {
  return task.status === 'NEW' && hasExpired(task.createdAt, ACCEPT_TIMEOUT_MS, now);
}

/** Whether an ACCEPTED task has been the head of the queue for more than QUEUE_HEAD_TIMEOUT_MS (L1). */
export function isExpiredInQueue(task: TaskFile, now: Instant): boolean {
  return task.status === 'ACCEPTED' && hasExpired(task.stagedAt, QUEUE_HEAD_TIMEOUT_MS, now);
}

/** Whether an ACCEPTED task of the submitter has waited for its results more than ACCEPTED_STALL_TIMEOUT_MS (L1). */
export function isAcceptedStalled(task: TaskFile, now: Instant): boolean {
  return task.status === 'ACCEPTED' && hasExpired(task.acceptedAt, ACCEPTED_STALL_TIMEOUT_MS, now);
}

function decide(task: TaskFile, status: TaskStatus, justification: string, now: Instant): TaskFile {
  const answered = transition(task, status, justification);
  return calculateTimeIdle({ ...answered, acceptedAt: formatTime(now) }, now);
}

function transition(task: TaskFile, to: string, justification: string, side: Side = 'receiver'): TaskFile {
  const from = side === 'submitter' && isExpiredByStall(task) ? 'ACCEPTED' : task.status;
  if (!canTransition(from, to, side)) throw new TransitionError(task.status, to);
  return { ...task, status: to, statusJustification: justification };
}

/**
 * Undefined when the beginning is missing or malformed. 0 when the clock was set back, so that a duration is never
 * negative and gives no penalty (P4); the documentation does not define this case.
 */
function durationMs(since: string | undefined, now: Instant): number | undefined {
  const begin = parseTimeOrUndefined(since);
  return begin && Math.max(0, millisecondsBetween(begin, now));
}

function hasExpired(since: string | undefined, boundMs: number, now: Instant): boolean {
  const begin = parseTimeOrUndefined(since);
  return begin !== undefined && isLongerThan(boundMs, begin, now);
}

function parseTimeOrUndefined(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return parseTime(text);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
