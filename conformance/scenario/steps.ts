/** Short names for the steps and outcomes of a scenario, so that a catalogue reads like a list of sentences. */

import type { Bytes } from './bytes.ts';
import type { AnswerOutcome, Outcome, Step } from './scenario.ts';

/** Sends the bytes in one write. */
export function send(bytes: Bytes): Step {
  return { do: 'send', bytes };
}

/** Sends the bytes in pieces of `segmentBytes`, each on its own. */
export function sendInSegments(bytes: Bytes, segmentBytes: number): Step {
  return { do: 'send', bytes, segmentBytes };
}

/** Lets so many milliseconds pass. */
export function pause(ms: number): Step {
  return { do: 'pause', ms };
}

/** Half-closes: nothing more will be sent. */
export function fin(): Step {
  return { do: 'fin' };
}

/** Resets the connection, as a peer that crashed does. */
export function reset(): Step {
  return { do: 'reset' };
}

/** The target answers, under the given conditions. */
export function answers(conditions: Omit<AnswerOutcome, 'kind'> = {}): Outcome {
  return { kind: 'answers', ...conditions };
}

/** The target answers with status 400. */
export function rejects(): Outcome {
  return answers({ statuses: [400] });
}

/** The target ends the connection without a byte. */
export function closes(): Outcome {
  return { kind: 'closes' };
}

/** The target says nothing and keeps the connection. */
export function silent(): Outcome {
  return { kind: 'silent' };
}

/** We have reset the connection, and nothing came back before. */
export function silentUntilReset(): Outcome {
  return { kind: 'gone' };
}

/** The target accepts the first task of the play, with its id (S2, S3). */
export function accepts(): Outcome {
  return answers({ statuses: [200], taskId: { slot: 1 } });
}

/** All that may become of a SUBMIT that must not be accepted (S6): to close, to answer 400, to say nothing. */
export const NOT_ACCEPTED: readonly Outcome[] = [closes(), rejects(), silent()];

/** All that may become of a frame that gets no answer (F7, U1, R1). */
export const NOT_ANSWERED: readonly Outcome[] = [closes(), silent()];

/** All that a target that survives may do: what it makes of the input is its own affair. */
export const ANYTHING: readonly Outcome[] = [answers(), closes(), silent()];
