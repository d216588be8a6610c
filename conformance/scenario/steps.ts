/** Constructors for the steps and outcomes of a scenario. */

import type { Bytes } from './bytes.ts';
import type { AnswerOutcome, Outcome, Step } from './scenario.ts';

/** Sends the bytes in one write. */
export function send(bytes: Bytes): Step {
  return { do: 'send', bytes };
}

/** Sends the bytes in segments of `segmentBytes`, each in its own write. */
export function sendInSegments(bytes: Bytes, segmentBytes: number): Step {
  return { do: 'send', bytes, segmentBytes };
}

/** Waits `ms` milliseconds. */
export function pause(ms: number): Step {
  return { do: 'pause', ms };
}

/** Shuts down the sending side (half-close). */
export function fin(): Step {
  return { do: 'fin' };
}

/** Resets the connection, as the system of a crashed peer does. */
export function reset(): Step {
  return { do: 'reset' };
}

/** The target answers, under the given conditions. Default: with any SubmitResponse. */
export function answers(conditions: Omit<AnswerOutcome, 'kind'> = { isResponse: true }): Outcome {
  return { kind: 'answers', ...conditions };
}

/** The target answers the first of the requests with these ids, and none or some of the others (T2). */
export function answersSome(taskIds: readonly Bytes[]): Outcome {
  return answers({ frames: taskIds.map((_, at) => at + 1), taskIds });
}

/** The target answers with status 400. */
export function rejects(): Outcome {
  return answers({ statuses: [400] });
}

/** The target ends the connection without a byte. */
export function closes(): Outcome {
  return { kind: 'closes' };
}

/** The target sends no byte and keeps the connection open. */
export function silent(): Outcome {
  return { kind: 'silent' };
}

/** The target sends no byte before the kit resets the connection. */
export function silentUntilReset(): Outcome {
  return { kind: 'silent-until-reset' };
}

/** The target accepts the first task of the attempt, with its id (S2, S3). */
export function accepts(): Outcome {
  return answers({ statuses: [200], taskId: { slot: 1 } });
}

/** The permitted outcomes of a SUBMIT that must not be accepted (S6): close, answer 400, or send nothing. */
export const NOT_ACCEPTED: readonly Outcome[] = [closes(), rejects(), silent()];

/** The permitted outcomes of a frame that must not be answered (F7, U1, R1). */
export const NOT_ANSWERED: readonly Outcome[] = [closes(), silent()];

/** Any outcome: the protocol leaves the treatment of the input free. The target has to survive, and an answer to be legal. */
export const ANYTHING: readonly Outcome[] = [answers(), closes(), silent()];
