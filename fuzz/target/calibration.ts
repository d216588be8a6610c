/** What a target is like when nothing is wrong: learnt before anything malformed is sent, and compared with ever after. */

import { type Deadlines, INITIAL_DEADLINES, preflight } from '../../conformance/run/preflight.ts';
import type { Waits } from '../execute/exchange.ts';
import type { TargetBehaviour } from '../oracle/evaluator.ts';
import { measureConnectionBehaviour } from './connection-behaviour.ts';
import { type Health, type HealthOptions, healthOf, type Target } from './target.ts';

export interface Calibration {
  readonly behaviour: TargetBehaviour;
  readonly health: HealthOptions;
  /** Whether a legal SUBMIT fares as it did in the beginning. */
  readonly isHealthy: (health: Health) => boolean;
  /** For what is thrown by the thousand: a hang is suspected early. */
  readonly waits: Waits;
  /** For what is played again: as long as the protocol gives a target, and as silence takes to be one. */
  readonly confirmWaits: Waits;
}

/** The target, or the other implementation that it is compared with. */
export type TargetRole = 'target' | 'against';

export type CalibrationResult =
  | { readonly kind: 'calibrated'; readonly calibration: Calibration }
  | { readonly kind: 'unreachable'; readonly who: TargetRole; readonly code: string }
  /** One of them is on another machine, and that was not allowed. */
  | { readonly kind: 'not-loopback' };

export interface CalibrationOptions {
  readonly target: Target;
  /** Refuse a target that is not on a loopback address. */
  readonly onlyLoopback: boolean;
  /** Milliseconds within which it has to react. Default: the protocol's (S8), or ten times the usual latency. */
  readonly deadlineMs?: number | undefined;
  readonly newTaskId: () => string;
  readonly signal?: AbortSignal | undefined;
}

export async function calibrate(options: CalibrationOptions): Promise<CalibrationResult> {
  const { target, onlyLoopback, deadlineMs, newTaskId, signal } = options;
  const { address } = target;
  const look = await preflight(address, { deadlines: INITIAL_DEADLINES, newTaskId, signal });
  if (!look.reached) return { kind: 'unreachable', who: 'target', code: look.code };
  if (onlyLoopback && !look.isLoopback) return { kind: 'not-loopback' };
  if (target.against !== undefined) {
    const other = await preflight(target.against, { deadlines: INITIAL_DEADLINES, newTaskId, signal });
    if (!other.reached) return { kind: 'unreachable', who: 'against', code: other.code };
    if (onlyLoopback && !other.isLoopback) return { kind: 'not-loopback' };
  }
  const { profile } = look;
  const deadlines = { ...look.deadlines, ...(deadlineMs !== undefined && { answerMs: deadlineMs }) };
  const health: HealthOptions = { deadlines, newTaskId, signal };
  const usual = await healthOf(address, health);
  const habits = await measureConnectionBehaviour(address, profile.keepsOpen, deadlines);
  const behaviour = { usualMs: profile.latencyMs ?? deadlines.answerMs, ...habits };
  const waits = waitsFor(behaviour, deadlines);
  const { answerMs, quietMs } = deadlines;
  const confirmWaits = { ...waits, reactionMs: answerMs, quietMs: quietMs, afterAnswerMs: quietMs };
  const isHealthy = (state: Health): boolean => sameHealth(state, usual);
  return { kind: 'calibrated', calibration: { behaviour, health, isHealthy, waits, confirmWaits } };
}

function sameHealth(one: Health, other: Health): boolean {
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
