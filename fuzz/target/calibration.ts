/**
 * Calibration: measures how the target behaves when nothing is wrong, before any malformed frame is sent. The deadlines of
 * the campaign and the comparison of later probes follow from it.
 */

import { setMaxListeners } from 'node:events';
import type { LifeObserver, ProcessEnd } from '../../conformance/observers/observer.ts';
import { preflight } from '../../conformance/run/preflight/preflight.ts';
import type { Deadlines } from '../../conformance/run/timing/deadlines.ts';
import { render } from '../../conformance/scenario/bytes.ts';
import { submit } from '../../conformance/scenario/messages.ts';
import { unlessAborted } from '../../conformance/util/combined-signal.ts';
import { type Lookup, type ResolvedHost, resolveHost } from '../../conformance/util/loopback.ts';
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
  /** The reports in the output of its process before the calibration. */
  readonly reportsBefore?: ReturnType<LifeObserver['reports']> | undefined;
}

/** Which of the two implementations: the target, or the one that it is compared with. */
export type TargetRole = 'target' | 'against';

/** What `calibrate` returns. */
export type CalibrationResult =
  /** `target` has numbers as its addresses; connect to these. */
  | { readonly kind: 'calibrated'; readonly calibration: Calibration; readonly target: Target }
  /** `code` is the system's error code. `said`: how the process of the target ended, if the kit started it. */
  | {
      readonly kind: 'unreachable';
      readonly role: TargetRole;
      readonly code: string;
      readonly said?: ProcessEnd;
    }
  /** Connections are accepted, and legal SUBMITs get no answer: there may be a proxy without a server. */
  | { readonly kind: 'unanswered'; readonly role: TargetRole; readonly said?: ProcessEnd }
  /** One of the implementations has an address that is no loopback address, and `onlyLoopback` forbids that. */
  | { readonly kind: 'not-loopback' }
  /** The signal fired. */
  | { readonly kind: 'interrupted' };

/** The target, and how to measure it. */
export interface CalibrationOptions {
  readonly target: Target;
  /** Refuse a target that has an address other than loopback addresses; nothing is sent to it. Default true. */
  readonly onlyLoopback?: boolean | undefined;
  /** Milliseconds within which the target has to react. Default: the protocol's (S8), or ten times the usual latency. */
  readonly deadlineMs?: number | undefined;
  /** A task id in the documented form (S10), new each time. Default: random ids. */
  readonly newTaskId?: (() => string) | undefined;
  /** Finds the addresses of a host. Default: the system's. */
  readonly lookup?: Lookup | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Measures the target. Sends legal SUBMITs and a few malformed frames of the simplest kind. */
export async function calibrate(options: CalibrationOptions): Promise<CalibrationResult> {
  // One listener on the caller's signal for each connection that is open.
  if (options.signal) setMaxListeners(0, options.signal);
  const withSaid = async (result: CalibrationResult): Promise<CalibrationResult> => {
    if (result.kind !== 'unreachable' && result.kind !== 'unanswered') return result;
    const said = result.role === 'target' ? await options.target.describeEnd?.() : undefined;
    return said === undefined ? result : { ...result, said };
  };
  try {
    return await unlessAborted(measure(options).then(withSaid), options.signal);
  } catch (error) {
    if (options.signal?.aborted) return { kind: 'interrupted' };
    throw error;
  }
}

async function measure(options: CalibrationOptions): Promise<CalibrationResult> {
  const reportsBefore = options.target.life?.reports();
  const { onlyLoopback = true, deadlineMs, newTaskId = randomTaskId, lookup, signal } = options;
  const [resolved, resolvedAgainst] = await Promise.all(
    [options.target.address, options.target.against].map(
      (address) => address && resolveHost(address.host, lookup),
    ),
  );
  const isForeign = (host: ResolvedHost | undefined): boolean =>
    host !== undefined && host.addresses.length > 0 && !host.isLoopback;
  if (onlyLoopback && (isForeign(resolved) || isForeign(resolvedAgainst))) return { kind: 'not-loopback' };
  const asked = { newTaskId, signal, answerWithinMs: deadlineMs };
  const look = await preflight(options.target.address, { ...asked, resolved });
  if (!look.reached) return { kind: 'unreachable', role: 'target', code: look.code };
  const isUnanswered = ({ profile }: typeof look): boolean => !profile.answers && signal?.aborted !== true;
  if (isUnanswered(look)) return { kind: 'unanswered', role: 'target' };
  const { address } = look;
  let { against } = options.target;
  if (against !== undefined) {
    const other = await preflight(against, { ...asked, resolved: resolvedAgainst });
    if (!other.reached) return { kind: 'unreachable', role: 'against', code: other.code };
    if (isUnanswered(other)) return { kind: 'unanswered', role: 'against' };
    against = other.address;
  }
  const target: Target = { ...options.target, address, against };
  const { profile } = look;
  const deadlines = { ...look.estimate.now, ...(deadlineMs !== undefined && { answerMs: deadlineMs }) };
  const health: HealthOptions = { deadlines, newTaskId, signal };
  const usual = await answerOf(address, health);
  if (usual.kind === 'refuses') return { kind: 'unreachable', role: 'target', code: usual.code };
  if (usual.kind !== 'answers') return { kind: 'unanswered', role: 'target' };
  const connections = await measureConnections(address, profile.keepsOpen, deadlines);
  const behaviour = { usualMs: profile.latencyMs ?? deadlines.answerMs, ...connections };
  const waits = waitsFor(behaviour, deadlines);
  const { answerMs, quietMs } = deadlines;
  const confirmWaits = { ...waits, reactionMs: answerMs, quietMs, afterAnswerMs: quietMs };
  const isHealthy = (state: Health): boolean => isSameHealth(state, usual);
  const calibration = { behaviour, health, isHealthy, waits, confirmWaits, reportsBefore };
  return { kind: 'calibrated', target, calibration };
}

const HEALTH_TRIES = 3;

/** An answer to a legal SUBMIT, if one of a few tries gets one. A target that was reached a moment ago may have died. */
async function answerOf(address: Address, options: HealthOptions): Promise<Health> {
  let health = await healthOf(address, options);
  for (let tried = 1; tried < HEALTH_TRIES && health.kind !== 'answers'; tried += 1)
    health = await healthOf(address, options);
  return health;
}

function isSameHealth(one: Health, other: Health): boolean {
  if (one.kind === 'answers' && other.kind === 'answers') return one.status === other.status;
  return one.kind === other.kind;
}

function waitsFor({ usualMs, closes }: TargetBehaviour, { answerMs }: Deadlines): Waits {
  return {
    reactionMs: Math.min(answerMs, Math.max(300, 20 * usualMs)),
    quietMs: Math.min(100, Math.max(4, 3 * usualMs)),
    // The close belongs to the symptom. A target that closes ends the wait itself, later than usual under load.
    afterAnswerMs: closes ? 100 : Math.min(100, Math.max(2, 2 * usualMs)),
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

/** What the calibration sends apart from legal SUBMITs: it can stop a target, too. */
export const CALIBRATION_CASES: readonly Case[] = SAMPLES.map(([type, payload]) => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
}));

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
    connections: CALIBRATION_CASES.flatMap((one) => one.connections),
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
