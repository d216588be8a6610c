/**
 * Monitors check what the wire does not show. They run between batches, when no connection is open, and once after the last
 * batch. Each is in a file next to this one: resources that grow, CPU time without load, and the store.
 */

import type { ProcessObserver } from '../../conformance/observers/observer.ts';
import type { Case } from '../case/case.ts';
import type { EvaluatedCase } from '../oracle/evaluator.ts';
import { INVARIANTS, type InvariantId, type Symptom } from '../oracle/invariants.ts';
import type { Target } from './target.ts';

/** A breach, with the case that caused it if that is known. */
export interface MonitorBreach extends Symptom {
  readonly value?: Case;
  /** In how many measurements in turn it was seen. Default: 1. */
  readonly turns?: number;
}

/** How far the campaign is. */
export interface Point {
  /** Cases that were sent. */
  readonly cases: number;
  /** How often the target was restarted. */
  readonly restarts: number;
  /** Whether no other batch follows. */
  readonly isLast: boolean;
}

export interface Monitor {
  /** Whether what the last `check` sent is left in the target, so that it has to be started again. Default: false. */
  readonly isSpent?: boolean;
  /** Before the first case. */
  start(): Promise<void>;
  /** After a batch. `cases` are those sent shortly before. Undefined if nothing is wrong. */
  check(cases: () => readonly Case[], point: Point): Promise<MonitorBreach | undefined>;
}

/** What a monitor of the process may use to find the case that is the cause. */
export interface MonitorOptions {
  readonly process: ProcessObserver;
  /** Executes a case. */
  readonly run: (value: Case) => Promise<EvaluatedCase>;
  /** Restarts the target, and rejects if it cannot be started again; absent: the kit cannot restart it. */
  readonly restart?: Target['restart'];
  /** Connections in flight. */
  readonly jobs: number;
  /** The usual latency in milliseconds. */
  readonly usualMs: number;
  /** Milliseconds that the target may take to close a connection. */
  readonly closesWithinMs: number;
  /** Of the whole campaign, in milliseconds; undefined: no limit. */
  readonly timeMs: number | undefined;
  /** Milliseconds until the end of that time. */
  readonly leftMs: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** Whether no time is left for another measurement. */
export function isTimeOver({ leftMs, signal }: Pick<MonitorOptions, 'leftMs' | 'signal'>): boolean {
  return leftMs() <= 0 || signal?.aborted === true;
}

/** The symptom of a breach that a monitor saw. */
export function symptomOf(invariant: InvariantId, detail: string, symptom: string): Symptom {
  const { clause } = INVARIANTS[invariant];
  return { invariant, clause, detail, symptom: `${invariant} ${clause}: ${symptom}` };
}
