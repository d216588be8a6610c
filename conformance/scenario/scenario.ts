/**
 * A scenario is data, not code: the requirement that it judges, the bytes to send, and every outcome that the protocol
 * permits. It flows catalogue → runner → transport → transcript → oracle → known failures → record → reporter.
 */

import type { Bytes, IdSlot } from './bytes.ts';
import type { Sign } from './mismatch-kind.ts';
import type { Requirement } from './requirement.ts';

/** One action on the scenario's connection. */
export type Step =
  /** Writes the bytes; with `segmentBytes`, in segments of that size, each in its own write. */
  | { readonly do: 'send'; readonly bytes: Bytes; readonly segmentBytes?: number }
  /** Waits, so that the bytes sent before arrive on their own. */
  | { readonly do: 'pause'; readonly ms: number }
  /** Shuts down the sending side (FIN) and continues to listen. */
  | { readonly do: 'fin' }
  /** Resets the connection (RST), as the system of a crashed peer does, and stops listening. */
  | { readonly do: 'reset' };

/** One outcome of the steps that the protocol permits. */
export type Outcome =
  | AnswerOutcome
  /** No byte comes back and the target ends the connection, by FIN or RST (T5). */
  | { readonly kind: 'closes' }
  /** No byte comes back and the connection stays open. */
  | { readonly kind: 'silent' }
  /** No byte comes back before the kit resets the connection. The liveness probe shows that the target survives. */
  | { readonly kind: 'silent-until-reset' };

/** The same steps on several connections, each with other task ids. Each must end in an accepted outcome. */
export interface Copies {
  readonly count: number;
  /** Run all of them once before the process is measured, so that pools and caches are full. Default false. */
  readonly warmUp?: boolean;
  /** All at once, or each after the one before has ended. */
  readonly arrangement: 'at-once' | 'in-turn';
}

/** Connections that stay open and idle during the scenario: a slow or stuck peer must not delay other peers (T3). */
export interface BackgroundConnections {
  readonly count: number;
  /** Run on each of them first. */
  readonly steps: readonly Step[];
  /** How often all of them are opened and reset; the steps of the scenario run in each wave. Default 1. */
  readonly waves?: number;
  /** Run on `count` connections before the process is measured, so that what each connection costs anyway is known. */
  readonly warmUp?: readonly Step[];
}

/** The folder of a task file in the store. */
export type StoreSide = 'received' | 'submitted';

/** A value in a task file's JSON; bytes are the text of a string and may contain slots. */
export type FieldValue = string | number | Bytes;

/**
 * A condition on the target's store after the attempt. Bytes may contain slots.
 *
 * Only files that the scenario can have touched count: those with one of its task ids in their path, and those that hold
 * exactly its `data`, which has to contain a task id. A scenario that can cause a file with neither runs `alone`: then a new
 * file without any task id counts too, in a folder of the store.
 *
 * Indexes, logs and locks do not count (section 7): files outside `received/`, `submitted/` and `results/`, and dot-files and
 * `*.lock` there. But one that is a copy of the `data` does: what the message carries, such as a description, a text or a file.
 */
export type StoreCondition =
  /** No file of the store that counts, and none next to it, was written, changed or removed. */
  | { readonly kind: 'unchanged'; readonly data?: Bytes }
  /**
   * The task's file is valid and holds these fields, by their names on the wire, each with the value or one of the values.
   * Fields in `present` are not empty; fields in `empty` are "", null or missing.
   */
  | {
      readonly kind: 'task';
      readonly side: StoreSide;
      readonly taskId: IdSlot;
      readonly fields: Readonly<Record<string, FieldValue | readonly FieldValue[]>>;
      readonly present?: readonly string[];
      readonly empty?: readonly string[];
      /** Only the file's owner has permissions. Default: any permissions. */
      readonly isPrivate?: boolean;
    }
  /**
   * The task's file is a legal one (M13): every documented field has its JSON type, every time is in RFC 3339, and status is one of
   * the eight states. Only `created_at` and `status` are required. With `isDocumented`, result_type is text, file or empty; default:
   * any string.
   */
  | {
      readonly kind: 'valid-task';
      readonly side: StoreSide;
      readonly taskId: IdSlot;
      readonly isDocumented?: boolean;
    }
  /** Some file of the store contains these bytes. */
  | { readonly kind: 'kept'; readonly bytes: Bytes }
  /** `results/` contains a file of this name with these bytes. */
  | { readonly kind: 'result-file'; readonly name: Bytes; readonly bytes: Bytes }
  /**
   * Only files with the task's name, and files in `folder`, were touched. Default: no such folder, and what was touched holds no copy
   * of the `data`.
   */
  | {
      readonly kind: 'only-task';
      readonly side: StoreSide;
      readonly taskId: IdSlot;
      readonly folder?: 'received' | 'results';
      readonly data?: Bytes;
    }
  /**
   * No file appeared at this path: an absolute one of the machine, outside the store, where files with a task id are removed; or one
   * relative to the store.
   */
  | { readonly kind: 'absent'; readonly path: Bytes };

/** A task that the kit writes to the target's store before the attempt, as if the target had submitted it. */
export interface PreloadedTask {
  readonly side: StoreSide;
  readonly taskId: IdSlot;
  /** Text that follows the id of the slot in the task's id. Default: none. */
  readonly idSuffix?: string;
  readonly status: string;
  /** True if it is written over the task that the `earlier` steps create. Default: written before these steps. */
  readonly replaces?: boolean;
  /** It was created, accepted and the head of the queue this many milliseconds ago. Default: created now, never the head. */
  readonly stagedMsAgo?: number;
}

/** The target answers; each property that is present is a condition on the first answer, apart from `frames` and `taskIds`. */
export interface AnswerOutcome {
  readonly kind: 'answers';
  /** The permitted numbers of frames, each of them after the first one a legal SubmitResponse (S1). Default: exactly one. */
  readonly frames?: readonly number[];
  /** The permitted frame types. Default: any. */
  readonly types?: readonly number[];
  /** The payload is a JSON object with a `status` or a `message`, which an echo of the request does not have. */
  readonly isResponse?: true;
  /** The payload is a JSON object whose `status` is an integer, one of these. */
  readonly statuses?: readonly number[];
  /** The payload's `task_id` is a string that, decoded, equals the text of these bytes; of a list, the text of one entry. */
  readonly taskId?: Bytes | readonly Bytes[];
  /**
   * The ids of all requests of the connection, the same one for two requests included. Each answer has the id of another request, in
   * any order, and one of them that of the first request.
   */
  readonly taskIds?: readonly Bytes[];
  /** The payload's `message` is a string, or a string that is not empty. */
  readonly message?: 'string' | 'not-empty';
  /** The answer is complete at most this many milliseconds after the last byte sent. */
  readonly withinMs?: number;
}

/** When the conditions on the store must hold. Milliseconds count from the end of the steps. */
export type StoreTime =
  /** As soon as the answer is there. */
  | 'answer'
  | { readonly afterMs: number }
  /** At some time in this window. */
  | { readonly fromMs: number; readonly untilMs: number };

/**
 * The most by which a process may grow, inclusive; a missing property permits any growth. With background connections, the
 * highest usage while they are open counts; without, the lowest after the attempt, because garbage is collected late.
 */
export interface GrowthBounds {
  readonly memoryBytes?: number;
  readonly descriptors?: number;
  readonly threads?: number;
}

/** A likely defect, in terms of code, and the mismatches that it explains. */
export interface LikelyCause {
  readonly when: readonly Sign[];
  /** One sentence. */
  readonly cause: string;
}

/** One requirement and how a server is judged by it, as data. */
export interface Scenario extends Requirement {
  readonly steps: readonly Step[];
  /** Every permitted outcome. If there are several, the report says which one occurred. */
  readonly accept: readonly Outcome[];
  /**
   * Id of the scenario with the same input minus its one fault. Required if a refusal is accepted: a refusal proves
   * something only if the control, in the same run, was not refused in the same way.
   */
  readonly control?: string;
  /**
   * A legal SUBMIT that any policy treats like this one, in another spelling or a little smaller. If the target rejects it
   * too, this one was rejected by policy (S7). Default, for frames over 4 KiB: a SUBMIT padded with white space to the same size.
   */
  readonly policyControl?: Bytes;
  /** Default: one connection. */
  readonly copies?: Copies;
  readonly background?: BackgroundConnections;
  /** Other messages about the same tasks. Each is sent on its own connection, at the same time as the steps. */
  readonly simultaneous?: readonly (readonly Step[])[];
  /** How often the attempt is played, each time with new tasks. The first round that does not pass decides. Default 1. */
  readonly rounds?: number;
  /** Written to the store before the attempt. Skipped without a store observer. */
  readonly preloaded?: readonly PreloadedTask[];
  /**
   * Run first, on a connection of their own: they make the conditions on the store hold, and `steps` must leave them so. If
   * the conditions do not hold then, the scenario is skipped.
   */
  readonly earlier?: readonly Step[];
  /** Conditions on the store afterwards; all must hold. Skipped without a store observer. */
  readonly store?: readonly StoreCondition[];
  /** Default: at some time within the answer deadline. */
  readonly storeAt?: StoreTime;
  /**
   * Run on a new connection if the conditions do not hold at that time; they then get the answer deadline. An
   * implementation may apply a timeout only when it uses the task (L4).
   */
  readonly access?: readonly Step[];
  /** If the conditions do not hold and these do, nothing is shown, and the scenario is skipped with the reason. */
  readonly undecided?: { readonly store: readonly StoreCondition[]; readonly reason: string };
  /**
   * True if the target is killed (SIGKILL) as soon as the answer is there, and started again before the store is read.
   * Skipped if the kit cannot do that.
   */
  readonly kill?: boolean;
  /** True if the conditions need to hold only after an answer of 200. */
  readonly storeIfAccepted?: boolean;
  /** By how much the target's process may grow during the attempt. Skipped without a process observer. */
  readonly maxGrowth?: GrowthBounds;
  /** True if no other scenario may run meanwhile. */
  readonly alone?: boolean;
  /** True if it floods the target. Runs only on a loopback address, or if the user declares the target their own. */
  readonly heavy?: boolean;
  /** True if it waits for one of the protocol's timeouts. Runs only if slow scenarios are enabled. */
  readonly slow?: boolean;
  /**
   * 'accepting': skipped for a target that rejects all tasks by policy (S7). 'keeping': skipped also for a target that does
   * not store accepted tasks in the observed store.
   */
  readonly needs?: 'accepting' | 'keeping';
  /** The likely defects in an implementation that fails, each for the mismatches that it explains. Default: none is known. */
  readonly likely?: readonly LikelyCause[];
}

/** Whether a pass shows a trace in the store that was not there before. Such a pass needs no control. */
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
