/**
 * The first look at a target: can it be reached, does it answer a legal SUBMIT, how fast, and what it does where the
 * protocol leaves it free. Deadlines follow from what was measured; the same legal SUBMIT is later the liveness probe.
 */

import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { type Observation, observe, viewAsResponse } from '../judge/observe.ts';
import { submit } from '../scenario/bytes.ts';
import { send } from '../scenario/steps.ts';
import { type Address, type ConnectionOptions, openBackground, runSteps } from '../wire/transport.ts';

/** How the target treats a legal SUBMIT: facts, without an opinion. */
export interface Profile {
  /** Whether a frame came back at all. */
  readonly answers: boolean;
  /** What the answer's status says about the target's policy (S7). */
  readonly policy: 'accepts' | 'rejects' | 'unknown';
  /** Frame type of the answer (S1); absent when nothing was answered. */
  readonly answerType?: number;
  /** Whether the connection is kept after the answer (T2). */
  readonly keepsOpen: boolean;
  /** Whether it answers while another connection stands open and idle (T3); true where it does not answer at all. */
  readonly isConcurrent: boolean;
  /** Slowest of the measured answers, in milliseconds, rounded up; absent when nothing was answered. */
  readonly latencyMs?: number;
}

/** All waits of a run, in milliseconds. */
export interface Deadlines {
  readonly connectMs: number;
  /** How long an answer, or a close, may take. */
  readonly answerMs: number;
  /** How long nothing must come before it counts as silence. */
  readonly quietMs: number;
}

/** A target that answers within the documented deadline (S8) is never cut short; a slow one gets ten times its latency. */
const ANSWER_MS = { floor: 5000, cap: 30_000 };
/** Once a legal SUBMIT was left unanswered for the full deadline, nothing else is waited for that long. */
const UNANSWERED_MS = 250;
const QUIET_MS = { floor: 100, cap: 2000 };
const PROBES = 3;
/** How long, at least, an answer beside an idle connection is waited for before the target counts as not concurrent. */
const CONCURRENT_ANSWER_MS = 1000;

export interface ProbeOptions {
  readonly deadlines: Deadlines;
  readonly newTaskId: () => string;
  readonly signal?: AbortSignal | undefined;
}

/** The deadlines before anything is known. */
export const INITIAL_DEADLINES: Deadlines = deadlinesFor(undefined);

/** Deadlines for a latency; for an unknown one, the floors. */
export function deadlinesFor(latencyMs: number | undefined): Deadlines {
  const tenfold = 10 * (latencyMs ?? 0);
  return {
    connectMs: clamp(tenfold, ANSWER_MS),
    answerMs: clamp(tenfold, ANSWER_MS),
    quietMs: clamp(tenfold / 2, QUIET_MS),
  };
}

/** Sends one legal SUBMIT and stops looking as soon as a frame is complete, or `lingers` to see what follows it. */
export async function probe(address: Address, options: ProbeOptions, lingers = false): Promise<Observation> {
  const { deadlines, newTaskId, signal } = options;
  const id = newTaskId();
  const quietMs = lingers ? deadlines.quietMs : 0;
  return observe(
    await runSteps(address, [send(submit())], { ...connectionOptions(deadlines, quietMs, () => id), signal }),
  );
}

/** For a play that waits for an answer and, when it is there, for so many milliseconds more. */
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
      /** Whether the address that answered is this machine's own. */
      readonly isLoopback: boolean;
    }
  /** `code` is the system's error code, or 'ETIMEDOUT'. */
  | { readonly reached: false; readonly code: string };

/** Looks at the target: up to three legal SUBMITs one after another, one if the first stays unanswered. */
export async function preflight(address: Address, options: ProbeOptions): Promise<Preflight> {
  const first = await probe(address, options, true);
  if (first.ending.kind === 'connect-failed') return { reached: false, code: first.ending.code };
  const isLoopback = await isLoopbackHost(address.host);
  const answer = first.frames[0];
  if (answer === undefined) {
    const deadlines = { ...deadlinesFor(undefined), answerMs: UNANSWERED_MS };
    const profile: Profile = { answers: false, policy: 'unknown', keepsOpen: false, isConcurrent: true };
    return { reached: true, profile, deadlines, isLoopback };
  }
  const latencies = [first.answeredAfterMs ?? 0];
  while (latencies.length < PROBES) {
    latencies.push((await probe(address, options)).answeredAfterMs ?? options.deadlines.answerMs);
  }
  const latencyMs = Math.ceil(Math.max(...latencies));
  const isConcurrent = await answersConcurrently(address, options, latencyMs);
  const { status } = viewAsResponse(answer.payload);
  const code = 'value' in status ? status.value : undefined;
  return {
    reached: true,
    isLoopback,
    profile: {
      answers: true,
      answerType: answer.type,
      policy: code === 200 ? 'accepts' : code === 400 ? 'rejects' : 'unknown',
      keepsOpen: first.ending.kind === 'quiet',
      isConcurrent,
      latencyMs,
    },
    deadlines: deadlinesFor(latencyMs),
  };
}

/** Whether a SUBMIT is answered while another connection says nothing. */
async function answersConcurrently(
  address: Address,
  options: ProbeOptions,
  latencyMs: number,
): Promise<boolean> {
  const answerMs = Math.max(CONCURRENT_ANSWER_MS, deadlinesFor(latencyMs).quietMs);
  const { deadlines, signal } = options;
  const idle = await openBackground(address, 1, [], { ...connectionOptions(deadlines, 0, () => ''), signal });
  const { frames } = await probe(address, { ...options, deadlines: { ...deadlines, answerMs } });
  idle.release();
  return frames.length > 0;
}

function clamp(value: number, bounds: { readonly floor: number; readonly cap: number }): number {
  return Math.min(bounds.cap, Math.max(bounds.floor, value));
}

/** Whether the name stands for a loopback address. */
async function isLoopbackHost(host: string): Promise<boolean> {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8);
  loopback.addAddress('::1', 'ipv6');
  const { address, family } = await lookup(host);
  return loopback.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
