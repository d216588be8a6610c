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
