/**
 * The preflight of a target: whether it can be reached, whether and how fast it answers a legal SUBMIT, and what it does
 * where the protocol permits several behaviours. Deadlines follow from the measured latency. The same legal SUBMIT is the
 * liveness probe.
 */

import { performance } from 'node:perf_hooks';
import { type Observation, observe, viewAsResponse } from '../judge/observe.ts';
import { type Addresses, DEFAULT_ADDRESSES, withAddresses } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import { send } from '../scenario/steps.ts';
import { isLoopbackHost } from '../util/loopback.ts';
import { type Address, type ConnectionOptions, openBackground, runSteps } from '../wire/transport.ts';
import { delay } from './poll.ts';

/** How the target treats a legal SUBMIT. Holds facts, no verdict. */
export interface Profile {
  /** Whether a frame came back at all. */
  readonly answers: boolean;
  /** The target's policy by the status of the answer (S7). */
  readonly policy: 'accepts' | 'rejects' | 'unknown';
  /** Frame type of the answer (S1); absent without an answer. */
  readonly answerType?: number;
  /** Whether the connection is kept after the answer (T2). */
  readonly keepsOpen: boolean;
  /** Whether it answers while another connection is open and idle (T3); true if it never answers. */
  readonly isConcurrent: boolean;
  /** Whether an answer holds the task_id of its SUBMIT (S3); true if it never answers. */
  readonly echoesTaskId: boolean;
  /** Slowest of the measured answers, in milliseconds, rounded up; absent without an answer. */
  readonly latencyMs?: number;
}

/** The deadlines of a run, in milliseconds. */
export interface Deadlines {
  readonly connectMs: number;
  /** The longest time for an answer or a close. */
  readonly answerMs: number;
  /** After this time without a byte, the target counts as silent. */
  readonly quietMs: number;
}

/** The floor is the documented deadline (S8); a slow target gets ten times its latency. */
const ANSWER_MS = { floor: 5000, cap: 30_000 };
/** The answer deadline for a target that left a legal SUBMIT unanswered for the full deadline. */
const UNANSWERED_MS = 250;
const QUIET_MS = { floor: 100, cap: 2000 };
const PROBES = 3;
/** Least time for an answer next to an idle connection, before the target counts as not concurrent. */
const CONCURRENT_ANSWER_MS = 1000;

export interface ProbeOptions {
  readonly deadlines: Deadlines;
  readonly newTaskId: () => string;
  /** Of the SUBMIT. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The deadlines before the latency is known. */
export const INITIAL_DEADLINES: Deadlines = deadlinesFor(undefined);

/** Deadlines for a latency; the floors for an unknown one. */
export function deadlinesFor(latencyMs: number | undefined): Deadlines {
  const tenfold = 10 * (latencyMs ?? 0);
  return {
    connectMs: clamp(tenfold, ANSWER_MS),
    answerMs: clamp(tenfold, ANSWER_MS),
    quietMs: clamp(tenfold / 2, QUIET_MS),
  };
}

/** Sends one legal SUBMIT and stops at the first complete frame; with `lingers`, waits for what follows it. */
export async function probe(address: Address, options: ProbeOptions, lingers = false): Promise<Observation> {
  const { deadlines, newTaskId, addresses = DEFAULT_ADDRESSES, signal } = options;
  const id = newTaskId();
  const quietMs = lingers ? deadlines.quietMs : 0;
  return observe(
    await runSteps(address, [send(withAddresses(submit(), addresses))], {
      ...connectionOptions(deadlines, quietMs, () => id),
      signal,
    }),
  );
}

/** For steps that expect an answer; listens for `quietMs` more after it. */
export function connectionOptions(
  deadlines: Deadlines,
  quietMs: number,
  idOf: (slot: number) => string,
): ConnectionOptions {
  return {
    connectTimeoutMs: deadlines.connectMs,
    firstByteTimeoutMs: deadlines.answerMs,
    firstByteTimeoutIs: 'deadline',
    quietMs,
    deadlineMs: deadlines.answerMs,
    idOf,
  };
}

export type Preflight =
  | {
      readonly reached: true;
      readonly profile: Profile;
      readonly deadlines: Deadlines;
      /** Whether the target's address is a loopback address. */
      readonly isLoopback: boolean;
      /** Fastest of the measured answers, in milliseconds; 0 without an answer. The least noisy measure. */
      readonly fastestMs: number;
      /** Whether any byte came back. */
      readonly sendsBytes: boolean;
    }
  /** `code` is the system's error code, or 'ETIMEDOUT'. */
  | { readonly reached: false; readonly code: string };

/** Wait between two SUBMITs to a target that has not answered yet. */
const START_POLL_MS = 100;

/**
 * Sends up to three legal SUBMITs one after another. If the first one stays unanswered, or the target does not listen, it is
 * repeated for `startTimeoutMs` milliseconds, because the target may still be starting.
 */
export async function preflight(
  address: Address,
  options: ProbeOptions,
  startTimeoutMs = 0,
): Promise<Preflight> {
  const { signal } = options;
  const ids = new Set<string>();
  const newTaskId = (): string => {
    const id = options.newTaskId();
    ids.add(id);
    return id;
  };
  const startBy = performance.now() + startTimeoutMs;
  let first = await probe(address, { ...options, newTaskId }, true);
  while (first.frames.length === 0 && performance.now() < startBy && !signal?.aborted) {
    await delay(START_POLL_MS, signal);
    first = await probe(address, { ...options, newTaskId }, true);
  }
  if (first.ending.kind === 'connect-failed') return { reached: false, code: first.ending.code };
  const isLoopback = await isLoopbackHost(address.host);
  const answer = first.frames[0];
  if (answer === undefined) {
    const deadlines = { ...deadlinesFor(undefined), answerMs: UNANSWERED_MS };
    const profile: Profile = {
      answers: false,
      policy: 'unknown',
      keepsOpen: false,
      isConcurrent: true,
      echoesTaskId: true,
    };
    return { reached: true, profile, deadlines, isLoopback, fastestMs: 0, sendsBytes: first.rest.length > 0 };
  }
  const observations = [first];
  while (observations.length < PROBES) observations.push(await probe(address, { ...options, newTaskId }));
  const latencies = observations.map(({ answeredAfterMs }) => answeredAfterMs ?? options.deadlines.answerMs);
  const latencyMs = Math.ceil(Math.max(...latencies));
  const echoesTaskId = observations.some(({ frames: [frame] }) => {
    const { taskId } = viewAsResponse(frame?.payload ?? new Uint8Array());
    return 'value' in taskId && ids.has(taskId.value);
  });
  const isConcurrent = await answersConcurrently(address, options, latencyMs);
  const { status } = viewAsResponse(answer.payload);
  const code = 'value' in status ? status.value : undefined;
  return {
    reached: true,
    isLoopback,
    fastestMs: Math.min(...latencies),
    sendsBytes: true,
    profile: {
      answers: true,
      answerType: answer.type,
      policy: code === 200 ? 'accepts' : code === 400 ? 'rejects' : 'unknown',
      keepsOpen: first.ending.kind === 'quiet',
      isConcurrent,
      echoesTaskId,
      latencyMs,
    },
    deadlines: deadlinesFor(latencyMs),
  };
}

/** Whether a SUBMIT is answered while another connection is open and idle. */
async function answersConcurrently(
  address: Address,
  options: ProbeOptions,
  latencyMs: number,
): Promise<boolean> {
  const answerMs = Math.max(CONCURRENT_ANSWER_MS, deadlinesFor(latencyMs).quietMs);
  const { deadlines, signal } = options;
  const idle = await openBackground(
    address,
    { count: 1, steps: [] },
    { ...connectionOptions(deadlines, 0, () => ''), signal },
  );
  const { frames } = await probe(address, { ...options, deadlines: { ...deadlines, answerMs } });
  idle.release();
  return frames.length > 0;
}

function clamp(value: number, bounds: { readonly floor: number; readonly cap: number }): number {
  return Math.min(bounds.cap, Math.max(bounds.floor, value));
}
