/** One attempt of a play: the kit's server and the client, side by side → observation. */

import { MiB } from '../../scenario/bytes.ts';
import type { ClientObservation, Start } from '../judge/observation.ts';
import type { Play, ServerStep } from '../scenario/client-scenario.ts';
import { playServer } from '../serve/server.ts';
import { Deadline } from './deadline.ts';
import type { ClientDriver } from './driver.ts';
import type { Lanes } from './lanes.ts';
import { messageJson } from './message-file.ts';

/** The client does not keep to the interface. The message is one line, with text of the client escaped. */
export class BreachError extends Error {
  override readonly name = 'BreachError';
}

/** What all attempts of a run share. */
export interface Environment {
  readonly driver: ClientDriver;
  readonly lanes: Lanes;
  /** The port of the kit's server. Default: a free one for each start. */
  readonly port?: number | undefined;
  /** What a client may take until it sends the first byte of a small message, in milliseconds, also while others start. */
  readonly startMs: number;
  readonly isSlow: boolean;
  readonly signal: AbortSignal;
  /** Called with one line for a person. */
  readonly onNote: (note: string) => void;
}

/** Milliseconds of CONFORM_TIMEOUT_MS. */
export const TIMEOUT_MS = 3000;
/** A client may wait for the connection, the answer and the close, each as long as its time limit. */
const WAITS = 3;
/** For its own work, in milliseconds. */
const MARGIN_MS = 2000;
/** For making a message ready, until its first byte is sent, in milliseconds for each MiB of its JSON. */
const READY_MS_PER_MIB = 1000;
/** How long bytes that a client has sent may take to arrive after its end, in milliseconds. */
const ARRIVE_MS = 5000;

/**
 * Starts the client as often as the play says, next to those of other plays or while nothing else runs. Rejects with a
 * BreachError, or with the reason of the signal.
 */
export async function attempt(
  play: Play,
  environment: Environment,
  isAlone: boolean,
): Promise<ClientObservation> {
  const { starts = 1, slowStarts = starts } = play;
  const count = environment.isSlow ? slowStarts : starts;
  const { lanes } = environment;
  const start = () => startOnce(play, environment);
  const startAll = (inLane: (work: typeof start) => ReturnType<typeof start>) =>
    Promise.allSettled(Array.from({ length: count }, () => inLane(start)));
  const results = isAlone
    ? await lanes.alone(() => startAll((work) => work()))
    : await startAll((work) => lanes.run(work));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const [first, ...others] = results.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  if (first === undefined) throw new Error('a play starts the client at least once');
  return [first, ...others];
}

/** Starts the client once. `firstByteMs` is the time until its first byte came; undefined if none came. */
export async function startOnce(
  play: Play,
  { driver, port, startMs, signal, onNote }: Environment,
): Promise<Start & { readonly firstByteMs: number | undefined }> {
  signal.throwIfAborted();
  const { server: behaviour, timeoutMs = TIMEOUT_MS } = play;
  const server = await playServer(behaviour, { port });
  let firstByteMs: number | undefined;
  let ended = false;
  const message = messageJson(play.message);
  const waitsMs = WAITS * timeoutMs + MARGIN_MS + serverMs(behaviour.steps);
  const deadline = new Deadline(startMs + (message.length / MiB) * READY_MS_PER_MIB + waitsMs);
  void server.firstByte.then(() => {
    firstByteMs = deadline.elapsedMs;
    // The time limit of a client is for what it awaits, and not for what it does before.
    deadline.move(Math.max(startMs, firstByteMs) + waitsMs);
  });
  try {
    signal.throwIfAborted();
    const result = await driver({
      ...{ host: '127.0.0.1', port: server.port, play, message, timeoutMs, deadline, signal },
    });
    const durationMs = deadline.elapsedMs;
    const { left = [] } = result;
    if (left.length > 0) onNote(`the client left processes, which were ended: ${left.join(', ')}`);
    if ('breach' in result) throw new BreachError(result.breach);
    ended = true;
    return { end: result.end, seen: await server.stop(ARRIVE_MS), durationMs, firstByteMs };
  } finally {
    deadline.release();
    if (!ended) await server.stop();
  }
}

/** How long the server pauses in its steps, in milliseconds. */
function serverMs(steps: readonly ServerStep[]): number {
  return steps.reduce((sum, step) => sum + (step.do === 'pause' ? step.ms : 0), 0);
}
