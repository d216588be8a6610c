/**
 * Calibration: measures how the target behaves when nothing is wrong, before any malformed frame is sent. The deadlines of
 * the campaign and the comparison of later probes follow from it.
 */

import { setMaxListeners } from 'node:events';
import { preflight } from '../../conformance/run/preflight.ts';
import type { Deadlines } from '../../conformance/run/timing/deadlines.ts';
import { render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { newTaskId as randomTaskId } from '../../conformance/util/task-id.ts';
import type { Address } from '../../conformance/wire/transport.ts';
import { type Action, type Case, EXACT } from '../case/case.ts';
import type { Waits } from '../execute/exchange.ts';
import { Executor } from '../execute/execute.ts';
import type { TargetBehaviour } from '../oracle/evaluator.ts';
import { type Health, type HealthOptions, healthOf, type Target } from './target.ts';

/** The behaviour of a target when nothing is wrong, and what follows from it. */
export interface Calibration {
  readonly behaviour: TargetBehaviour;
  readonly health: HealthOptions;
  /** Whether a legal SUBMIT is answered as it was during the calibration. */
  readonly isHealthy: (health: Health) => boolean;
  /** For the many cases of a batch: short, so that a hang is suspected early. */
  readonly waits: Waits;
  /** For confirmation and replay: as long as the protocol, or `deadlineMs`, gives the target. */
  readonly confirmWaits: Waits;
}

/** Which of the two implementations: the target, or the one that it is compared with. */
export type TargetRole = 'target' | 'against';

/** What `calibrate` returns. */
export type CalibrationResult =
  | { readonly kind: 'calibrated'; readonly calibration: Calibration }
  /** `code` is the system's error code. */
  | { readonly kind: 'unreachable'; readonly role: TargetRole; readonly code: string }
  /** One of the implementations is not on a loopback address, and `onlyLoopback` forbids that. */
  | { readonly kind: 'not-loopback' };

/** The target, and how to measure it. */
export interface CalibrationOptions {
  readonly target: Target;
  /** Refuse a target that is not on a loopback address. Default true. */
  readonly onlyLoopback?: boolean | undefined;
  /** Milliseconds within which the target has to react. Default: the protocol's (S8), or ten times the usual latency. */
  readonly deadlineMs?: number | undefined;
  /** A task id in the documented form (S10), new each time. Default: random ids. */
  readonly newTaskId?: (() => string) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Measures the target. Sends legal SUBMITs and a few malformed frames of the simplest kind. */
export async function calibrate(options: CalibrationOptions): Promise<CalibrationResult> {
  const { target, onlyLoopback = true, deadlineMs, newTaskId = randomTaskId, signal } = options;
  const { address } = target;
  // Many connections listen to it at a time.
  if (signal) setMaxListeners(0, signal);
  const look = await preflight(address, { newTaskId, signal });
  if (!look.reached) return { kind: 'unreachable', role: 'target', code: look.code };
  if (onlyLoopback && !look.isLoopback) return { kind: 'not-loopback' };
  if (target.against !== undefined) {
    const other = await preflight(target.against, { newTaskId, signal });
    if (!other.reached) return { kind: 'unreachable', role: 'against', code: other.code };
    if (onlyLoopback && !other.isLoopback) return { kind: 'not-loopback' };
  }
  const { profile } = look;
  const deadlines = { ...look.estimate.now, ...(deadlineMs !== undefined && { answerMs: deadlineMs }) };
  const health: HealthOptions = { deadlines, newTaskId, signal };
  const usual = await healthOf(address, health);
  const connections = await measureConnections(address, profile.keepsOpen, deadlines);
  const behaviour = { usualMs: profile.latencyMs ?? deadlines.answerMs, ...connections };
  const waits = waitsFor(behaviour, deadlines);
  const { answerMs, quietMs } = deadlines;
  const confirmWaits = { ...waits, reactionMs: answerMs, quietMs, afterAnswerMs: quietMs };
  const isHealthy = (state: Health): boolean => isSameHealth(state, usual);
  return { kind: 'calibrated', calibration: { behaviour, health, isHealthy, waits, confirmWaits } };
}

function isSameHealth(one: Health, other: Health): boolean {
  if (one.kind === 'answers' && other.kind === 'answers') return one.status === other.status;
  return one.kind === other.kind;
}

function waitsFor({ usualMs, closes }: TargetBehaviour, { answerMs }: Deadlines): Waits {
  return {
    reactionMs: Math.min(answerMs, Math.max(300, 20 * usualMs)),
    quietMs: Math.min(100, Math.max(4, 3 * usualMs)),
    afterAnswerMs: Math.min(100, Math.max(2, 2 * usualMs)),
    closes,
  };
}

/** One frame of each kind that gets no answer, or need not get one. */
const SAMPLES: readonly (readonly [type: number, payload: string])[] = [
  [1, '{"task_id":'],
  [2, '{"task_id":"a","status":200,"message":"a"}'],
  [3, '{"task_id":"a","status":"ACCEPTED","justification":"a"}'],
  [4, '{"task_id":"a","result_type":"text","result_text":"a","completed_at":""}'],
  [99, '{}'],
];

/** Legal SUBMITs that have to be answered in a row, and in order, before cases share a connection. */
const IN_A_ROW = 3;

/** `keepsOpen`: whether the target keeps a connection open after an answer. */
async function measureConnections(
  address: Address,
  keepsOpen: boolean,
  deadlines: Deadlines,
): Promise<Pick<TargetBehaviour, 'closes' | 'servesSeveral'>> {
  const waits: Waits = {
    reactionMs: deadlines.answerMs,
    quietMs: deadlines.quietMs,
    afterAnswerMs: deadlines.quietMs,
    closes: !keepsOpen,
  };
  const executor = new Executor();
  try {
    if (keepsOpen) return { closes: false, servesSeveral: await servesSeveral(executor, address, waits) };
    return { closes: await closes(executor, address, waits), servesSeveral: false };
  } finally {
    executor.release();
  }
}

async function closes(executor: Executor, address: Address, waits: Waits): Promise<boolean> {
  const value: Case = {
    arrangement: 'at-once',
    connections: SAMPLES.map(([type, payload]) => [
      { do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) },
    ]),
  };
  const executions = await executor.execute(address, value, waits);
  return executions.every(({ reply }) => reply.ending === 'fin' || reply.ending === 'reset');
}

async function servesSeveral(executor: Executor, address: Address, waits: Waits): Promise<boolean> {
  const ids = Array.from({ length: IN_A_ROW }, () => randomTaskId());
  const submits = ids.map((id): Action => ({ do: 'bytes', bytes: render(submit(), () => id) }));
  const value: Case = { arrangement: 'at-once', connections: [submits] };
  const [execution] = await executor.execute(address, value, waits);
  const answered = execution?.answers.map(({ taskId }) => ('value' in taskId ? taskId.value : ''));
  return answered?.join() === ids.join() && execution?.reply.ending === 'open';
}
