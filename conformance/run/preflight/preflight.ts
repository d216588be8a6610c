/**
 * The preflight of a target: whether it can be reached, whether and how fast it answers a legal SUBMIT, and what it does
 * where the protocol permits several behaviours. Deadlines follow from the measured latency. The same legal SUBMIT is the
 * liveness probe.
 */

import { performance } from 'node:perf_hooks';
import { type Observation, observe } from '../../judge/observe.ts';
import { type Addresses, DEFAULT_ADDRESSES, withAddresses } from '../../scenario/bytes.ts';
import { submit } from '../../scenario/messages.ts';
import { send } from '../../scenario/steps.ts';
import { type ResolvedHost, resolveHost } from '../../util/loopback.ts';
import { responseOf } from '../../wire/frames.ts';
import { type Address, type ConnectionOptions, openBackground, runSteps } from '../../wire/transport.ts';
import type { BeforeConnections } from '../timing/connection-rate.ts';
import { DeadlineEstimate, type Deadlines } from '../timing/deadlines.ts';
import { delay } from '../timing/poll.ts';

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

/** The answer deadline for a target that left a legal SUBMIT unanswered for the full deadline. */
const UNANSWERED_MS = 250;
const PROBES = 3;
/** Numbers of idle connections next to which the target must answer. The largest is tried first: most targets answer. */
export const MANY_IDLE = 15;
const FEW_IDLE = [1, 3, 7];
/** Time to open idle connections, and for an answer next to them: at least, and by latency. */
const CONCURRENT_ANSWER_MS = 1000;
const CONCURRENT_ANSWER_FACTOR = 3;
/** From this latency on, the answer next to an idle connection is one of the probes, to save time. */
const SLOW_ANSWER_MS = 250;

export interface ProbeOptions {
  readonly deadlines: Deadlines;
  readonly newTaskId: () => string;
  /** Of the SUBMIT. Default: DEFAULT_ADDRESSES. */
  readonly addresses?: Addresses | undefined;
  readonly signal?: AbortSignal | undefined;
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
      /** The deadlines, which follow the latencies of the run from now on. */
      readonly estimate: DeadlineEstimate;
      /** The target's address as a number. All later connections go there. */
      readonly address: Address;
      /** Whether every address of the target's host is a loopback address. */
      readonly isLoopback: boolean;
      /** Fastest of the measured answers, in milliseconds; 0 without an answer. The least noisy measure. */
      readonly fastestMs: number;
      /** How many connections were open and idle while the target answered; `MANY_IDLE` if it may be more. */
      readonly idle: number;
      /** Whether any byte came back. */
      readonly sendsBytes: boolean;
    }
  /** `code` is the system's error code, or 'ETIMEDOUT'. */
  | { readonly reached: false; readonly code: string };

/** Wait between two SUBMITs to a target that has not answered yet. */
const START_POLL_MS = 100;

export interface PreflightOptions extends Omit<ProbeOptions, 'deadlines'> {
  /** How long the target may take until it answers a first SUBMIT, in milliseconds. Default 0: one SUBMIT is sent. */
  readonly startTimeoutMs?: number | undefined;
  /** The shortest answer deadline, in milliseconds. Default: that of S8. */
  readonly answerWithinMs?: number | undefined;
  /** What a lookup of the target's host found. Default: the host is looked up. */
  readonly resolved?: ResolvedHost | undefined;
  /** Awaited before connections are opened. Default: nothing is awaited. */
  readonly beforeConnections?: BeforeConnections | undefined;
}

/**
 * Sends up to three legal SUBMITs one after another. If the first one stays unanswered, or the target does not listen, it is
 * repeated for `startTimeoutMs` milliseconds, because the target may still be starting.
 */
export async function preflight(target: Address, options: PreflightOptions): Promise<Preflight> {
  const { signal, startTimeoutMs = 0, answerWithinMs } = options;
  const estimate = new DeadlineEstimate(answerWithinMs);
  const ids = new Set<string>();
  const newTaskId = (): string => {
    const id = options.newTaskId();
    ids.add(id);
    return id;
  };
  const probeOptions = () => ({ ...options, newTaskId, deadlines: estimate.now });
  let resolved = options.resolved ?? (await resolveHost(target.host));
  const wait = async (connections: number) => options.beforeConnections?.(connections, signal);
  await wait(resolved.addresses.length);
  const startBy = performance.now() + startTimeoutMs;
  let reached = await reach(target, resolved, probeOptions());
  while (!isAnswered(reached) && performance.now() < startBy && !signal?.aborted) {
    await delay(START_POLL_MS, signal);
    if (resolved.addresses.length === 0) resolved = await resolveHost(target.host);
    await wait(resolved.addresses.length);
    reached = await reach(target, resolved, probeOptions());
  }
  if ('code' in reached) return { reached: false, code: reached.code };
  const { address, first } = reached;
  const { isLoopback } = resolved;
  const answer = first.frames[0];
  if (answer === undefined) {
    const profile: Profile = {
      answers: false,
      policy: 'unknown',
      keepsOpen: false,
      isConcurrent: true,
      echoesTaskId: true,
    };
    const sendsBytes = first.restBytes > 0;
    const unanswered = new DeadlineEstimate(UNANSWERED_MS);
    const idle = MANY_IDLE;
    const common = { address, isLoopback, profile, idle, sendsBytes };
    return { reached: true, ...common, estimate: unanswered, fastestMs: 0 };
  }
  await wait(PROBES - 1 + MANY_IDLE + 1);
  const observations = [first];
  const latencyOf = ({ answeredAfterMs = estimate.now.answerMs }: Observation): number => answeredAfterMs;
  const isSlow = latencyOf(first) >= SLOW_ANSWER_MS;
  while (!isSlow && observations.length < PROBES) observations.push(await probe(address, probeOptions()));
  for (const observation of observations) estimate.observe(latencyOf(observation));
  const { idle, answered } = await probeNextToIdle(address, probeOptions, estimate.latencyMs);
  const isConcurrent = answered !== undefined;
  if (isSlow) {
    const another = answered ?? (await probe(address, probeOptions()));
    estimate.observe(latencyOf(another));
    observations.push(another);
  }
  const latencies = observations.map(latencyOf);
  const echoesTaskId = observations.some(({ frames: [frame] }) => {
    const taskId = frame && responseOf(frame).taskId;
    return taskId && 'value' in taskId && ids.has(taskId.value);
  });
  const { status } = responseOf(answer);
  const code = 'value' in status ? status.value : undefined;
  return {
    reached: true,
    address,
    isLoopback,
    fastestMs: Math.min(...latencies),
    idle,
    sendsBytes: true,
    profile: {
      answers: true,
      answerType: answer.type,
      policy: code === 200 ? 'accepts' : code === 400 ? 'rejects' : 'unknown',
      keepsOpen: first.ending.kind === 'quiet',
      isConcurrent,
      echoesTaskId,
      latencyMs: Math.ceil(Math.max(...latencies)),
    },
    estimate,
  };
}

/** The first SUBMIT, and the address that took the connection; or the error code of the last address that did not. */
type Reached = { readonly address: Address; readonly first: Observation } | { readonly code: string };

/** Tries the addresses of the host one after another. */
async function reach(
  { port }: Address,
  { addresses, code = 'ENOTFOUND' }: ResolvedHost,
  options: ProbeOptions,
): Promise<Reached> {
  let reached: Reached = { code };
  for (const host of addresses) {
    const first = await probe({ host, port }, options, true);
    if (first.ending.kind !== 'connect-failed') return { address: { host, port }, first };
    reached = { code: first.ending.code };
  }
  return reached;
}

function isAnswered(reached: Reached): boolean {
  return 'first' in reached && reached.first.frames.length > 0;
}

/** Finds out next to how many idle connections a SUBMIT is answered, and how. */
async function probeNextToIdle(
  address: Address,
  options: () => ProbeOptions,
  latencyMs: number,
): Promise<{ readonly idle: number; readonly answered?: Observation }> {
  const many = await probeNextTo(MANY_IDLE, address, options(), latencyMs);
  if (many) return { idle: MANY_IDLE, answered: many };
  let most: { readonly idle: number; readonly answered?: Observation } = { idle: 0 };
  for (const idle of FEW_IDLE) {
    const answered = await probeNextTo(idle, address, options(), latencyMs);
    if (answered === undefined) break;
    most = { idle, answered };
  }
  return most;
}

/** Sends a SUBMIT while `count` connections are open and idle. Undefined if it is not answered in time. */
async function probeNextTo(
  count: number,
  address: Address,
  options: ProbeOptions,
  latencyMs: number,
): Promise<Observation | undefined> {
  const answerMs = Math.max(CONCURRENT_ANSWER_MS, CONCURRENT_ANSWER_FACTOR * latencyMs);
  const { deadlines, signal } = options;
  const connection = connectionOptions({ ...deadlines, connectMs: answerMs }, 0, () => '');
  const idle = await openBackground(address, { count, steps: [] }, { ...connection, signal });
  const observation = await probe(address, { ...options, deadlines: { ...deadlines, answerMs } });
  // A reset would be one more thing that the target must bear before anything is judged.
  await idle.end(deadlines.quietMs);
  const isAnswered = idle.failed === 0 && observation.frames.length > 0;
  // A target that serves few connections needs time to notice that these have ended.
  if (!isAnswered || count < MANY_IDLE) await delay(deadlines.quietMs, signal);
  return isAnswered ? observation : undefined;
}
