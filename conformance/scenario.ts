/**
 * A scenario is data: the sentence that it judges, the bytes to send, and every outcome that the protocol permits.
 * It flows catalogue → runner → transport → transcript → observe → oracle → report; nothing in it is code.
 */

import type { Bytes, IdSlot } from './bytes.ts';

/** How binding the sentence is (docs/protocol.md): MUST = documented or safety, SHOULD = plainly intended, MAY = free. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/** One thing done on the scenario's connection. */
export type Step =
  /** Writes the bytes; with `segmentBytes`, in pieces of that size, each handed to the kernel on its own. */
  | { readonly do: 'send'; readonly bytes: Bytes; readonly segmentBytes?: number }
  /** Waits, so that what was sent before arrives on its own. */
  | { readonly do: 'pause'; readonly ms: number }
  /** Shuts down the sending side (FIN) and goes on listening. */
  | { readonly do: 'fin' };

/** Something that the protocol permits to happen after the steps. */
export type Outcome =
  | AnswerOutcome
  /** No byte comes back and the target ends the connection, by FIN or RST (T5). */
  | { readonly kind: 'closes' }
  /** No byte comes back and the connection stays open. */
  | { readonly kind: 'silent' };

/** The target answers; each property that is present is a condition on the answer. */
export interface AnswerOutcome {
  readonly kind: 'answers';
  /** How many frames may come back. Default: exactly one. */
  readonly frames?: readonly number[];
  /** Which frame types are permitted. */
  readonly types?: readonly number[];
  /** The payload is a JSON object whose `status` is an integer, one of these. */
  readonly statuses?: readonly number[];
  /** The payload's `task_id` is a string and, in a play, equals this id. */
  readonly taskId?: IdSlot;
  /** The payload's `message` is a string; or one that is not empty. */
  readonly message?: 'string' | 'not-empty';
  /** The answer is complete within so many milliseconds of the last byte sent, inclusive. */
  readonly withinMs?: number;
}

export interface Scenario {
  /** Permanent kebab path, section first: 'frame/length-over-cap'. */
  readonly id: string;
  /** Clause of docs/protocol.md, such as 'F2'. */
  readonly clause: string;
  readonly level: Level;
  /** The sentence that is judged, in the kit's own words. */
  readonly requirement: string;
  readonly steps: readonly Step[];
  /** Every permitted outcome; with several, the report says which occurred. */
  readonly accept: readonly Outcome[];
  /**
   * Id of the same input without its one fault or peculiarity. Required wherever a refusal is accepted: a refusal
   * proves something only if the control, in the same run, was not refused in the same way.
   */
  readonly control?: string;
  /** 'accepting': only a target that accepts legal tasks can show this; skipped where policy rejects all (S7). */
  readonly needs?: 'accepting';
  /** What an implementer who fails this most likely did. */
  readonly likelyCause?: string;
}

/** The part of an id before its slash: the section of the protocol that it belongs to. */
export function sectionOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
