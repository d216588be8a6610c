/**
 * A scenario is data: the sentence that it judges, the bytes to send, and every outcome that the protocol permits.
 * It flows catalogue → runner → transport → transcript → observe → oracle → report; nothing in it is code.
 */

import type { Bytes, IdSlot } from './bytes.ts';

/**
 * How binding a requirement is (docs/protocol.md), the strictest first: MUST = documented or safety, SHOULD = plainly
 * intended, MAY = free.
 */
export const LEVELS = ['MUST', 'SHOULD', 'MAY'] as const;

export type Level = (typeof LEVELS)[number];

/** One thing done on the scenario's connection. */
export type Step =
  /** Writes the bytes; with `segmentBytes`, in pieces of that size, each handed to the kernel on its own. */
  | { readonly do: 'send'; readonly bytes: Bytes; readonly segmentBytes?: number }
  /** Waits, so that what was sent before arrives on its own. */
  | { readonly do: 'pause'; readonly ms: number }
  /** Shuts down the sending side (FIN) and goes on listening. */
  | { readonly do: 'fin' }
  /** Resets the connection (RST), as a peer that crashed does; nothing is listened for any more. */
  | { readonly do: 'reset' };

/** Something that the protocol permits to happen after the steps. */
export type Outcome =
  | AnswerOutcome
  /** No byte comes back and the target ends the connection, by FIN or RST (T5). */
  | { readonly kind: 'closes' }
  /** No byte comes back and the connection stays open. */
  | { readonly kind: 'silent' }
  /** We reset the connection; nothing was to come back. That the target survives it shows in the liveness probe. */
  | { readonly kind: 'gone' };

/** The same steps on several connections, each with task ids of its own, each to come to an accepted outcome. */
export interface Copies {
  readonly count: number;
  /** Play all of them once before the process is looked at, so that pools and caches are full. Default false. */
  readonly warmUp?: boolean;
  /** All at once, or each when the one before is over. */
  readonly arrangement: 'at-once' | 'in-turn';
}

/** Connections that stand open, idle, while the scenario is played: a slow or stuck peer must delay nobody (T3). */
export interface BackgroundConnections {
  readonly count: number;
  /** Played on each of them first. */
  readonly steps: readonly Step[];
}

/** What a store holds, by the name of the folder. */
export type StoreSide = 'received' | 'submitted';

/** Of a task file, as JSON. */
export type FieldValue = string | number;

/** A fact about the target's store, looked at when the play is over. Bytes may hold slots. */
export type StoreCondition =
  /** No file of the store, nor of the folder that it lies in, was written, changed or removed. */
  | { readonly kind: 'unchanged' }
  /**
   * The task's file is valid and holds these fields, by their names on the wire, each with this value or one of these;
   * `present` ones hold anything but "", and `empty` ones "" or nothing.
   */
  | {
      readonly kind: 'task';
      readonly side: StoreSide;
      readonly taskId: IdSlot;
      readonly fields: Readonly<Record<string, FieldValue | readonly FieldValue[]>>;
      readonly present?: readonly string[];
      readonly empty?: readonly string[];
      /** The file is for its owner alone. */
      readonly isPrivate?: boolean;
    }
  /** `results/` has a file of this name with these bytes. */
  | { readonly kind: 'result-file'; readonly name: Bytes; readonly bytes: Bytes }
  /** Nothing was touched but what bears the task's name, and what lies in `folder`. Default: no such folder. */
  | {
      readonly kind: 'only-task';
      readonly side: StoreSide;
      readonly taskId: IdSlot;
      readonly folder?: 'received' | 'results';
    }
  /** Nothing is at this absolute path of the machine, far from the store. */
  | { readonly kind: 'absent'; readonly path: Bytes };

/** A task that is put into the target's store before the play, as if the target had submitted it. */
export interface PreloadedTask {
  readonly side: StoreSide;
  readonly taskId: IdSlot;
  readonly status: string;
}

/** The target answers; each property that is present is a condition on the answer. */
export interface AnswerOutcome {
  readonly kind: 'answers';
  /** How many frames may come back. Default: exactly one. */
  readonly frames?: readonly number[];
  /** Which frame types are permitted. */
  readonly types?: readonly number[];
  /** The payload is a JSON object with a `status` or a `message`, which tell an answer from an echo of the request. */
  readonly isResponse?: true;
  /** The payload is a JSON object whose `status` is an integer, one of these. */
  readonly statuses?: readonly number[];
  /** The payload's `task_id` is a string and, once decoded, equals the text of these bytes. */
  readonly taskId?: Bytes;
  /** The payload's `message` is a string; or one that is not empty. */
  readonly message?: 'string' | 'not-empty';
  /** The answer is complete within so many milliseconds of the last byte sent, inclusive. */
  readonly withinMs?: number;
}

/** By how much a process may grow, inclusive; without a bound where there is none. */
export interface GrowthBounds {
  readonly memoryBytes?: number;
  readonly descriptors?: number;
  readonly threads?: number;
}

/** One requirement and how to judge it, as data. */
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
  /** Default: one connection. */
  readonly copies?: Copies;
  readonly background?: BackgroundConnections;
  /** Put into the store before the play. Needs the store observer, as `store` does. */
  readonly preloaded?: readonly PreloadedTask[];
  /** What the store has to show afterwards, all of it. Skipped when the store cannot be seen. */
  readonly store?: readonly StoreCondition[];
  /**
   * When it has to show it: as soon as the answer is there, or so many milliseconds after the play. Default: at some
   * time within the deadline of an answer.
   */
  readonly storeAt?: 'answer' | { readonly afterMs: number };
  /** By how much the target's process may grow during the play. Skipped when it cannot be seen. */
  readonly maxGrowth?: GrowthBounds;
  /** True if the target must do nothing else meanwhile. */
  readonly alone?: boolean;
  /** True if it floods or exhausts: never played on a target that is not on loopback and not declared one's own. */
  readonly heavy?: boolean;
  /** True if it waits for one of the protocol's timeouts; only played when slow scenarios are asked for. */
  readonly slow?: boolean;
  /**
   * 'accepting': only a target that accepts legal tasks can show this; skipped where policy rejects all (S7). 'keeping':
   * only one that, moreover, keeps them in the store that we see.
   */
  readonly needs?: 'accepting' | 'keeping';
  /** What an implementer who fails this most likely did. */
  readonly likelyCause?: string;
}

/** Whether a pass of it shows a trace in the store that was not there before: the scenario stands on that alone. */
export function leavesTrace({ store = [], preloaded = [] }: Scenario): boolean {
  return store.some(
    (condition) =>
      condition.kind === 'result-file' ||
      (condition.kind === 'task' &&
        !preloaded.some(
          ({ side, taskId, status }) =>
            side === condition.side &&
            taskId.slot === condition.taskId.slot &&
            status === condition.fields['status'],
        )),
  );
}

/** The part of an id before its slash: the section of the protocol that it belongs to. */
export function sectionOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}
