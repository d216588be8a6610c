/** One question to a library, and what its answer has to be, as data. Cases of vectors keep the ids of the vectors. */

import type { Level } from '../../scenario/requirement.ts';
import type { Field } from '../../vectors/build/messages.ts';
import type { Level as VectorLevel } from '../../vectors/build/vector.ts';
import type { Plain } from '../pipe/field.ts';
import type { Args, Op } from '../pipe/interface.ts';

/** What is judged by the answer to one request. */
export interface LibraryCase {
  /** Permanent; the section names what the library does: 'library-decode/submit-request-null'. */
  readonly id: string;
  /** Clause of docs/protocol.md. */
  readonly clause: string;
  readonly level: Level;
  /** The sentence that is judged. */
  readonly requirement: string;
  readonly op: Op;
  /** The message that it is about. Default: the operation knows only one. */
  readonly message?: string;
  /** Of a refusal: the id of a case in which a legal input is taken. */
  readonly control?: string;
  /**
   * Made when the request is sent, since some are large. `nowMs`: milliseconds since 1970 of the time that the library is to
   * take for the present.
   */
  readonly args: (nowMs: number) => Args;
  /** The input in words or as text, not escaped. */
  readonly input: string;
  readonly expect: Expectation;
  /** Whether only a library that takes `now` can be asked, since the outcome depends on less than a second. Default false. */
  readonly needsClock?: boolean;
}

/** A field that a message has, and its value. */
export interface ExpectedField extends Field {
  readonly value: Plain;
}

/** The timeouts of L1, by their names in an answer. */
export type Timeout = 'accept' | 'queue' | 'stalled';

/** What the answer has to be. */
export type Expectation =
  /** The message is read, with these fields. */
  | {
      readonly kind: 'message';
      readonly fields: () => readonly ExpectedField[];
      readonly payload: () => Buffer;
    }
  /** The message is refused. */
  | { readonly kind: 'malformed'; readonly fields: readonly Field[]; readonly payload: () => Buffer }
  /** A frame of this type, whose payload holds these fields. */
  | {
      readonly kind: 'frame';
      readonly type: number;
      readonly fields: () => readonly ExpectedField[];
      /** The canonical payload (M12). */
      readonly canonical: () => Buffer;
    }
  | {
      readonly kind: 'frames';
      readonly frames: readonly { readonly type: number; readonly payload: () => Buffer }[];
      readonly ending: 'clean' | 'truncated' | 'too-large' | 'unread';
    }
  /** A message that no frame can hold is refused. */
  | { readonly kind: 'no-frame' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'validity'; readonly valid: boolean; readonly bound?: BoundFacts }
  /** A task file with these fields. `canonical`: its exact text (M13). */
  | {
      readonly kind: 'task-text';
      readonly fields: () => readonly ExpectedField[];
      readonly canonical: string;
    }
  /** A new task with these fields, created at the present time: to the second, or with `isExact` to the millisecond. */
  | {
      readonly kind: 'new-task';
      readonly fields: Readonly<Record<string, string>>;
      readonly isExact?: boolean;
    }
  | { readonly kind: 'instant'; readonly text: string; readonly seconds: number; readonly nanosecond: number }
  | { readonly kind: 'no-time'; readonly text: string }
  | {
      readonly kind: 'expiry';
      readonly timeout: Timeout;
      readonly expired: boolean;
      /** How long the task has been in its state, in milliseconds; absent if the state has no timeout. */
      readonly ageMs?: number;
    }
  /** The task with this duration in `field`, or that number alone, in milliseconds. */
  | { readonly kind: 'duration'; readonly field?: string; readonly ms: number }
  | { readonly kind: 'polo'; readonly times: PoloTimes }
  | { readonly kind: 'ids'; readonly count: number }
  | {
      readonly kind: 'extension';
      readonly filename: string;
      readonly allowed: boolean;
      readonly forbidden: boolean;
    };

/** A field near its bound. */
export interface BoundFacts {
  readonly field: string;
  /** Inclusive. */
  readonly maxBytes: number;
  readonly bytes: number;
  /** Unicode code points. */
  readonly characters: number;
}

/** The times that a reward is computed from, in milliseconds. */
export interface PoloTimes {
  readonly idle: number;
  readonly staged: number;
  readonly cpu: number;
}

/** The level of a vector as scenarios name it. */
export function levelOf(level: VectorLevel): Level {
  return level === 'must' ? 'MUST' : level === 'should' ? 'SHOULD' : 'MAY';
}
