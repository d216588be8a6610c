/**
 * Runs the steps of a scenario on one real connection and records what happens. The caller sets the timeouts; the oracle
 * judges the transcript.
 */

import { performance } from 'node:perf_hooks';
import { segments, size } from '../scenario/bytes.ts';
import type { BackgroundConnections, Step } from '../scenario/scenario.ts';
import { type Address, RecordedConnection } from './connection.ts';
import type { Transcript } from './transcript.ts';

export type { Address };

export interface ConnectionOptions {
  /** The longest time until the connection is established. */
  readonly connectTimeoutMs: number;
  /** The longest time until the first byte comes back or the target closes. */
  readonly firstByteTimeoutMs: number;
  /** The event recorded then: 'quiet' if silence is an accepted outcome, otherwise 'deadline'. */
  readonly firstByteTimeoutIs: 'quiet' | 'deadline';
  /** How long to listen after a complete answer. */
  readonly quietMs: number;
  /** The longest time in which the target takes no byte while steps are sent, and then for listening, in milliseconds. */
  readonly deadlineMs: number;
  /** The task id for each slot. */
  readonly idOf: (slot: number) => string;
  /**
   * Called when the first byte did not come in time and silence is an accepted outcome; the silence lasts until it resolves.
   * An answer to another connection shows that the target had time to answer this one.
   */
  readonly barrier?: (() => Promise<unknown>) | undefined;
  /** Called with the system's code where this machine could not open a connection at once. Default: nothing is done. */
  readonly onOwnLimit?: ((code: string) => void) | undefined;
  /** Lets others send while this connection only waits. Default: no other connection sends. */
  readonly turn?: Turn | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** When a connection sends, among others that send one after another. */
export interface Turn {
  /** After the last step, others send when no byte came for this time, in milliseconds, or after a complete answer. */
  readonly settleMs: number;
  /** Called when the connection only waits. */
  readonly release: () => void;
  /** Resolves when it may send again. */
  readonly regain: () => Promise<void>;
}

/** A pause of a scenario from which on others send meanwhile, in milliseconds. */
const LONG_PAUSE_MS = 100;
/** The first segments are sent with pauses, so that each arrives on its own; the others can arrive together. */
const SEGMENTS_APART = 16;
/** All steps are sent within this many deadlines: 16 MiB over a link of 2.3 Mbit/s in the default minute. */
const SENDING_FACTOR = 12;
/** Most complete frames that are kept. A target that sends more floods. */
const KEPT_FRAMES = 100;

/** Runs the steps, listens until the target closes or a timeout passes, and releases the connection. Never throws. */
export async function runSteps(
  address: Address,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<Transcript> {
  const { transcript, release } = await runStepsAndHold(address, steps, options);
  release();
  return transcript;
}

/** Open connections that the caller has to release. */
export interface Held {
  readonly release: () => void;
}

/**
 * As `runSteps`, but the connection stays open until `release`. A release resets it, and a target then loses the bytes that
 * it has not read yet.
 */
export async function runStepsAndHold(
  address: Address,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<Held & { readonly transcript: Transcript }> {
  const connection = new RecordedConnection(address, options.signal);
  await performAll(connection, steps, options);
  const { turn } = options;
  const settled = turn && setTimeout(turn.release, turn.settleMs);
  await listen(connection, options);
  clearTimeout(settled);
  return { transcript: connection.entries, release: () => connection.release() };
}

/** Background connections. `failed` of them were not established. */
export interface Background extends Held {
  readonly failed: number;
  /** Ends the connections by FIN, and by reset those that the target has not ended within `withinMs` milliseconds. */
  readonly end: (withinMs: number) => Promise<void>;
}

/** Opens `count` connections and runs the steps on each; all of them stay open until `release`. */
export async function openBackground(
  address: Address,
  { count, steps }: BackgroundConnections,
  options: ConnectionOptions,
): Promise<Background> {
  const connections = Array.from({ length: count }, () => new RecordedConnection(address, options.signal));
  await Promise.all(connections.map((connection) => performAll(connection, steps, options)));
  const isFailed = ({ entries }: RecordedConnection): boolean =>
    entries.some(({ kind }) => kind === 'connect-failed');
  const release = (): void => {
    for (const connection of connections) connection.release();
  };
  return {
    failed: connections.filter(isFailed).length,
    release,
    end: async (withinMs) => {
      const isOver = async (connection: RecordedConnection): Promise<void> => {
        if (!connection.isOver) connection.sendFin();
        await connection.until(() => false, withinMs);
      };
      await Promise.all(connections.map(isOver));
      release();
    },
  };
}

/** Connects and performs the steps in order, until the recording ends. */
async function performAll(
  connection: RecordedConnection,
  steps: readonly Step[],
  options: ConnectionOptions,
): Promise<void> {
  const isConnected = await connection.until(() => connection.isConnected, options.connectTimeoutMs);
  if (connection.ownLimit !== undefined) options.onOwnLimit?.(connection.ownLimit);
  if (!isConnected) {
    connection.record({ kind: 'connect-failed', code: connection.ownLimit ?? 'ETIMEDOUT' });
    return;
  }
  const sendBy = performance.now() + SENDING_FACTOR * options.deadlineMs;
  for (const step of steps) {
    if (connection.isOver) return;
    await perform(connection, step, sendBy, options);
  }
}

async function perform(
  connection: RecordedConnection,
  step: Step,
  sendBy: number,
  { idOf, turn, deadlineMs }: ConnectionOptions,
): Promise<void> {
  switch (step.do) {
    case 'send':
      await connection.send(segments(step.bytes, idOf, step.segmentBytes ?? Number.MAX_SAFE_INTEGER), {
        asked: size(step.bytes),
        sendBy,
        stallMs: deadlineMs,
        apart: step.segmentBytes === undefined ? 0 : SEGMENTS_APART,
      });
      break;
    case 'pause':
      if (step.ms >= LONG_PAUSE_MS) turn?.release();
      await connection.pause(step.ms);
      await turn?.regain();
      break;
    case 'fin':
      connection.sendFin();
      break;
    case 'reset':
      connection.sendReset();
      break;
  }
}

/**
 * After the deadline, bytes that have arrived are still read, for this long in milliseconds. Without a bound, a target that
 * sends without a pause would keep the connection open until the flood limit.
 */
const LATE_READ_MS = 500;

async function listen(connection: RecordedConnection, options: ConnectionOptions): Promise<void> {
  const listenUntil = performance.now() + options.deadlineMs;
  const { received } = connection;
  while (!connection.isOver) {
    const seen = received.length;
    if (received.frames > KEPT_FRAMES) return connection.record({ kind: 'flood', keptBytes: seen });
    const leftMs = Math.max(0, listenUntil - performance.now());
    let wait: { kind: 'quiet' | 'deadline'; ms: number } = { kind: 'deadline', ms: leftMs };
    if (seen === 0) wait = { kind: options.firstByteTimeoutIs, ms: options.firstByteTimeoutMs };
    else if (received.endsWithFrame && leftMs > options.quietMs) {
      wait = { kind: 'quiet', ms: options.quietMs };
      if (options.quietMs > 0) options.turn?.release();
    }
    const isMore = (): boolean => received.length > seen;
    let hasMore = await connection.until(isMore, wait.ms);
    if (!hasMore && !connection.isOver && seen === 0 && wait.kind === 'quiet' && options.barrier) {
      await options.barrier();
      hasMore = await connection.until(isMore, 0);
    }
    if (hasMore && (seen === 0 || performance.now() < listenUntil + LATE_READ_MS)) continue;
    connection.record(
      seen > 0 && wait.kind === 'deadline' ? { kind: 'deadline', ms: options.deadlineMs } : wait,
    );
  }
}
