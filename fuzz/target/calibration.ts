/** What a target is like when nothing is wrong: learnt before anything malformed is sent, and compared with ever after. */

import { type Deadlines, INITIAL_DEADLINES, preflight } from '../../conformance/run/preflight.ts';
import type { Waits } from '../execute/exchange.ts';
import type { Baseline } from '../oracle/evaluator.ts';
import { measureHabits } from './connection-behaviour.ts';
import { type Health, type HealthOptions, healthOf, type Target } from './target.ts';

export interface Acquaintance {
  readonly baseline: Baseline;
  readonly health: HealthOptions;
  /** Whether a legal SUBMIT fares as it did in the beginning. */
  readonly healthy: (health: Health) => boolean;
  /** For what is thrown by the thousand: a hang is suspected early. */
  readonly waits: Waits;
  /** For what is played again: as long as the protocol gives a target, and as silence takes to be one. */
  readonly patientWaits: Waits;
}

/** The target, or the other implementation that it is compared with. */
export type Who = 'target' | 'against';

export type Introduction =
  | { readonly kind: 'met'; readonly acquaintance: Acquaintance }
  | { readonly kind: 'unreachable'; readonly who: Who; readonly code: string }
  /** One of them is on another machine, and that was not allowed. */
  | { readonly kind: 'not-own' };

export interface IntroductionOptions {
  readonly target: Target;
  /** Refuse a target that is not on a loopback address. */
  readonly onlyLoopback: boolean;
  /** Milliseconds within which it has to react. Default: the protocol's (S8), or ten times the usual latency. */
  readonly deadlineMs?: number | undefined;
  readonly newTaskId: () => string;
  readonly signal?: AbortSignal | undefined;
}

export async function introduce(options: IntroductionOptions): Promise<Introduction> {
  const { target, onlyLoopback, deadlineMs, newTaskId, signal } = options;
  const { address } = target;
  const look = await preflight(address, { deadlines: INITIAL_DEADLINES, newTaskId, signal });
  if (!look.reached) return { kind: 'unreachable', who: 'target', code: look.code };
  if (onlyLoopback && !look.isLoopback) return { kind: 'not-own' };
  if (target.against !== undefined) {
    const other = await preflight(target.against, { deadlines: INITIAL_DEADLINES, newTaskId, signal });
    if (!other.reached) return { kind: 'unreachable', who: 'against', code: other.code };
    if (onlyLoopback && !other.isLoopback) return { kind: 'not-own' };
  }
  const { profile } = look;
  const deadlines = { ...look.deadlines, ...(deadlineMs !== undefined && { answerMs: deadlineMs }) };
  const health: HealthOptions = { deadlines, newTaskId, signal };
  const usual = await healthOf(address, health);
  const habits = await measureHabits(address, profile.keepsOpen, deadlines);
  const baseline = { usualMs: profile.latencyMs ?? deadlines.answerMs, ...habits };
  const waits = waitsFor(baseline, deadlines);
  const { answerMs, quietMs } = deadlines;
  const patientWaits = { ...waits, patienceMs: answerMs, silenceMs: quietMs, lingerMs: quietMs };
  const healthy = (state: Health): boolean => sameHealth(state, usual);
  return { kind: 'met', acquaintance: { baseline, health, healthy, waits, patientWaits } };
}

function sameHealth(one: Health, other: Health): boolean {
  if (one.kind === 'answers' && other.kind === 'answers') return one.status === other.status;
  return one.kind === other.kind;
}

function waitsFor({ usualMs, closes }: Baseline, { answerMs }: Deadlines): Waits {
  return {
    patienceMs: Math.min(answerMs, Math.max(300, 20 * usualMs)),
    silenceMs: Math.min(100, Math.max(4, 3 * usualMs)),
    lingerMs: Math.min(100, Math.max(2, 2 * usualMs)),
    closes,
  };
}
