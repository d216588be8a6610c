/**
 * Plays the steps of a scenario on one real connection and records what happened. It has no opinions: when enough
 * has been seen is told by the caller, what it means is for observe.ts and oracle.ts.
 */

import { performance } from 'node:perf_hooks';
import { segments, size } from '../scenario/bytes.ts';
import type { Step } from '../scenario/scenario.ts';
import { type Address, RecordedConnection } from './connection.ts';
import { measureFrames } from './frames.ts';
import type { Transcript } from './transcript.ts';

export type { Address };

export interface ConnectionOptions {
  /** How long a connection may take to come about. */
  readonly connectTimeoutMs: number;
  /** How long to wait for the first byte back, or for the close, before giving up. */
  readonly firstByteTimeoutMs: number;
  /** 'quiet' if silence is among what is expected, 'deadline' if something ought to come: names the event. */
  readonly firstByteTimeoutIs: 'quiet' | 'deadline';
  /** How long to stay after a complete answer, to see whether more comes. */
  readonly quietMs: number;
  /** Longest time for the whole of the sending, and for the whole of the listening. */
  readonly deadlineMs: number;
  /** The id that stands for a slot in this play. */
  readonly idOf: (slot: number) => string;
  readonly signal?: AbortSignal | undefined;
}

/** So many segments are sent a while apart, so that a target meets each on its own; the rest may arrive together. */
const SEGMENTS_APART = 16;
/** Complete frames that come back before it counts as a flood. */
const KEPT_FRAMES = 100;

/** Plays the steps and listens until the target closes or the patience ends. Never throws for what the target does. */
export async function runSteps(
  address: Address,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<Transcript> {
  const { transcript, release } = await runStepsAndHold(address, steps, options);
  release();
  return transcript;
}

/** A connection, or several, that somebody has to let go of. */
export interface Held {
  readonly release: () => void;
}

/**
 * As `play`, but the connection stays as it is until `leave`: a target that is still open may not have read everything
 * yet, and what it has not read it would lose.
 */
export async function runStepsAndHold(
  address: Address,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<Held & { readonly transcript: Transcript }> {
  const wire = new RecordedConnection(address, options.signal);
  await performAll(wire, steps, options);
  await listen(wire, options);
  return { transcript: wire.entries, release: () => wire.release() };
}

/** Connections that stand open with their steps played. */
export async function openBackground(
  address: Address,
  count: number,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<Held> {
  const wires = Array.from({ length: count }, () => new RecordedConnection(address, options.signal));
  await Promise.all(wires.map((wire) => performAll(wire, steps, options)));
  return {
    release: () => {
      for (const wire of wires) wire.release();
    },
  };
}

/** Connects and takes one step after another, as long as the target lets it. */
async function performAll(
  wire: RecordedConnection,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<void> {
  if (!(await wire.until(() => wire.isConnected, options.connectTimeoutMs))) {
    wire.record({ kind: 'connect-failed', code: 'ETIMEDOUT' });
    return;
  }
  const sendBy = performance.now() + options.deadlineMs;
  for (const step of steps) {
    if (wire.isOver) return;
    await perform(wire, step, sendBy, options.idOf);
  }
}

async function perform(
  wire: RecordedConnection,
  step: Step,
  sendBy: number,
  idOf: (slot: number) => string,
): Promise<void> {
  switch (step.do) {
    case 'send':
      await wire.send(segments(step.bytes, idOf, step.segmentBytes ?? Number.MAX_SAFE_INTEGER), {
        asked: size(step.bytes),
        sendBy,
        apart: step.segmentBytes === undefined ? 0 : SEGMENTS_APART,
      });
      break;
    case 'pause':
      await wire.until(() => false, step.ms);
      break;
    case 'fin':
      wire.sendFin();
      break;
    case 'reset':
      wire.sendReset();
      break;
  }
}

async function listen(wire: RecordedConnection, options: ConnectionOptions): Promise<void> {
  const listenUntil = performance.now() + options.deadlineMs;
  let boundary = 0;
  let frames = 0;
  while (!wire.isOver) {
    const seen = wire.receivedBytes;
    const extent = measureFrames(wire.received(), boundary);
    boundary = extent.end;
    frames += extent.count;
    if (frames > KEPT_FRAMES) return wire.record({ kind: 'flood', keptBytes: seen });
    const leftMs = Math.max(0, listenUntil - performance.now());
    let wait: { kind: 'quiet' | 'deadline'; ms: number } = { kind: 'deadline', ms: leftMs };
    if (seen === 0) wait = { kind: options.firstByteTimeoutIs, ms: options.firstByteTimeoutMs };
    else if (boundary === seen && leftMs > options.quietMs) wait = { kind: 'quiet', ms: options.quietMs };
    if (await wire.until(() => wire.receivedBytes > seen, wait.ms)) continue;
    wire.record(seen > 0 && wait.kind === 'deadline' ? { kind: 'deadline', ms: options.deadlineMs } : wait);
  }
}
