/**
 * One task through its life, without clock or disk: a TaskFile and the present time go in, a new TaskFile comes out (L1,
 * L3). Every step either returns the changed task or throws a TransitionError; the given task never changes.
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

/** What a delivery leaves in the task's file (R6). */
export interface TaskOutcome {
  readonly resultType: 'text' | 'file';
  /** The text itself, or the name of the file. */
  readonly results: string;
}

/** A task as it begins: NEW, created at `now` with its nanoseconds. */
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

/** NEW → ACCEPTED; sets acceptedAt and timeIdleMs. */
export function accept(task: TaskFile, justification: string, now: Instant): TaskFile {
  return decide(task, 'ACCEPTED', justification, now);
}

/** NEW → DECLINED; sets acceptedAt and timeIdleMs. */
export function decline(task: TaskFile, justification: string, now: Instant): TaskFile {
  return decide(task, 'DECLINED', justification, now);
}

/** NEW → CANCELLED, for a task that isExpiredForAccept; sets acceptedAt and timeIdleMs. */
export function cancel(task: TaskFile, justification: string, now: Instant): TaskFile {
  return decide(task, 'CANCELLED', justification, now);
}

/** An ACCEPTED task becomes the head of the queue: sets stagedAt (L2), or leaves it as it was first set. */
export function stage(task: TaskFile, now: Instant): TaskFile {
  if (task.status !== 'ACCEPTED') throw new TransitionError(task.status, 'staged');
  return task.stagedAt === undefined ? { ...task, stagedAt: formatTime(now) } : task;
}

/** ACCEPTED → EXECUTING; sets executeStartedAt, and timeStagedMs when the task was staged. */
export function execute(task: TaskFile, justification: string, now: Instant): TaskFile {
  const executing = transition(task, 'EXECUTING', justification);
  return calculateTimeStaged({ ...executing, executeStartedAt: formatTime(now) }, now);
}

/** EXECUTING → COMPLETED; sets completedAt and timeCpuMs. */
export function complete(task: TaskFile, justification: string, now: Instant): TaskFile {
  const completed = transition(task, 'COMPLETED', justification);
  return calculateTimeCpu({ ...completed, completedAt: formatTime(now) }, now);
}

/** ACCEPTED → EXPIRED, on either side: for a task that isExpiredInQueue or isAcceptedStalled. */
export function expire(task: TaskFile, justification: string): TaskFile {
  return transition(task, 'EXPIRED', justification);
}

/**
 * → SUCCEEDED with the results (R6). On the receiver's side from COMPLETED only; on the submitter's from any status that
 * is not final, and from a SUCCEEDED without results, whose status update has overtaken them.
 */
export function succeed(task: TaskFile, outcome: TaskOutcome, side: Side = 'submitter'): TaskFile {
  const { resultType, results } = outcome;
  const overtaken = side === 'submitter' && task.status === 'SUCCEEDED' && task.resultType === undefined;
  const succeeded = overtaken ? task : transition(task, 'SUCCEEDED', 'Task completed with results', side);
  return { ...succeeded, resultType, results };
}

/**
 * The submitter's copy takes the status and the justification of an update (U2); one to ACCEPTED sets acceptedAt if it
 * is empty (U3). The status that the task already has only renews the justification, unless it is final. Throws a
 * TransitionError when the status is unknown, or does not lie ahead of the task's.
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

/** Sets timeIdleMs, from creation to `now`. */
export function calculateTimeIdle(task: TaskFile, now: Instant): TaskFile {
  const ms = durationMs(task.createdAt, now);
  return ms === undefined ? task : { ...task, timeIdleMs: ms };
}

/** Sets timeStagedMs, from becoming the head of the queue to `now`. */
export function calculateTimeStaged(task: TaskFile, now: Instant): TaskFile {
  const ms = durationMs(task.stagedAt, now);
  return ms === undefined ? task : { ...task, timeStagedMs: ms };
}

/** Sets timeCpuMs, from the start of execution to `now`. */
export function calculateTimeCpu(task: TaskFile, now: Instant): TaskFile {
  const ms = durationMs(task.executeStartedAt, now);
  return ms === undefined ? task : { ...task, timeCpuMs: ms };
}

/** Milliseconds since creation, negative after a step back of the clock. Throws a ProtocolError 'malformed-time'. */
export function timeSinceCreation(task: TaskFile, now: Instant): number {
  return millisecondsBetween(parseTime(task.createdAt), now);
}

/** Milliseconds since it became the head of the queue; otherwise as timeSinceCreation, also when it never did. */
export function timeSinceStaged(task: TaskFile, now: Instant): number {
  return millisecondsBetween(parseTime(task.stagedAt ?? ''), now);
}

/*
 * The three timeouts are strict: at exactly the bound, to the nanosecond, nothing has expired (L1). A time that is
 * missing or unparsable expires nothing, since no one can say when it began.
 */

/** Whether a NEW task has waited more than ACCEPT_TIMEOUT_MS to be accepted. */
export function isExpiredForAccept(task: TaskFile, now: Instant): boolean {
  return task.status === 'NEW' && hasExpired(task.createdAt, ACCEPT_TIMEOUT_MS, now);
}

/** Whether an ACCEPTED task has been the head of the queue for more than QUEUE_HEAD_TIMEOUT_MS. */
export function isExpiredInQueue(task: TaskFile, now: Instant): boolean {
  return task.status === 'ACCEPTED' && hasExpired(task.stagedAt, QUEUE_HEAD_TIMEOUT_MS, now);
}

/** Whether the submitter's ACCEPTED task has waited more than ACCEPTED_STALL_TIMEOUT_MS for its results. */
export function isAcceptedStalled(task: TaskFile, now: Instant): boolean {
  return task.status === 'ACCEPTED' && hasExpired(task.acceptedAt, ACCEPTED_STALL_TIMEOUT_MS, now);
}

function decide(task: TaskFile, status: TaskStatus, justification: string, now: Instant): TaskFile {
  const answered = transition(task, status, justification);
  return calculateTimeIdle({ ...answered, acceptedAt: formatTime(now) }, now);
}

function transition(task: TaskFile, to: string, justification: string, side: Side = 'receiver'): TaskFile {
  if (!canTransition(task.status, to, side)) throw new TransitionError(task.status, to);
  return { ...task, status: to, statusJustification: justification };
}

/**
 * The documentation is silent about a clock that was set back: a duration is then 0, so that it is never negative and
 * costs nothing (P4). Undefined, and the field is left alone, when the beginning is missing or unparsable.
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
