/**
 * The role of the submitter: the tasks that were submitted from here, and the updates and results of their receivers.
 *
 * A task is on the disk before it is sent, so it is known after a crash, and when an update arrives before the
 * answer. STATUS_UPDATE and SEND_RESULTS → checks → one step of task.ts under the lock of the task → disk. A refused
 * message changes nothing, and the peer receives no answer in any case (U1, R1). A peer that knows the id of a task
 * is accepted as its receiver, because ids are random and the protocol has no other proof.
 */

import { type Client, dial } from '../net/client.ts';
import type { CallOptions } from '../net/exchange.ts';
import type { Handlers } from '../net/handler.ts';
import { type Address, formatAddress } from '../protocol/address.ts';
import { STATUS_ACCEPTED } from '../protocol/constants.ts';
import { ClientError, ProtocolError, TransitionError } from '../protocol/errors.ts';
import type { SubmitResponse, TaskResultMessage, TaskStatusUpdate } from '../protocol/message-types.ts';
import { generateTaskId } from '../protocol/task-id.ts';
import type { Clock, Instant } from '../protocol/time.ts';
import { validateSubmitRequest, validateTaskStatusUpdate } from '../protocol/validation.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import { isTaskStatus } from '../task/state-machine.ts';
import {
  applyStatusUpdate,
  cancel,
  decline,
  expireStalled,
  isAcceptedStalled,
  newTaskFile,
  succeed,
} from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';
import { fileOf, outcomeOf, resultOf, timesOf } from './result.ts';

/** Options of a Submitter. */
export interface SubmitterOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** A task to submit. */
export interface Submission {
  /** At most MAX_TASK_DESCRIPTION_BYTES bytes of UTF-8, inclusive (S5). */
  readonly taskDescription: string;
  /** The receiver. */
  readonly to: Address;
  /** The address of the submitter, as `host:port`. To any other text the receiver cannot send updates and results. */
  readonly fromAddr: string;
}

/** The outcome of a submission, with the task as it is stored. */
export type Submitted =
  /** The answer was 200. The task is NEW, or later if an update has already arrived. */
  | { readonly kind: 'accepted'; readonly task: TaskFile; readonly response: SubmitResponse }
  /** The answer was 400. The task is DECLINED with the message of the answer, unless an update has arrived before. */
  | { readonly kind: 'rejected'; readonly task: TaskFile; readonly response: SubmitResponse }
  /** There was no connection. The task was not sent and is CANCELLED. */
  | { readonly kind: 'unreachable'; readonly task: TaskFile; readonly error: ClientError }
  /**
   * There was no legal answer, so it is unknown whether the receiver has the task. It stays NEW until an update
   * arrives.
   */
  | { readonly kind: 'unanswered'; readonly task: TaskFile; readonly error: ClientError };

/** The most UTF-16 units of a message that become a justification: at most 3 072 bytes of UTF-8 (U4). */
const MAX_MESSAGE_LENGTH = 1024;

/** The submitter of tasks on a store. */
export class Submitter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ store, clock, logger = silentLogger }: SubmitterOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Stores a new task and sends it. `options` apply to the connection and to the call. Throws a ValidationError (S5),
   * a RangeError or a StoreError.
   */
  async submit({ taskDescription, to, fromAddr }: Submission, options: CallOptions = {}): Promise<Submitted> {
    const taskId = generateTaskId();
    const request = { taskId, taskDescription, fromAddr, toAddr: formatAddress(to) };
    validateSubmitRequest(request);
    const { submitted } = this.#store;
    const task = newTaskFile({ taskId, taskDescription, from: fromAddr, to: request.toAddr }, this.#clock());
    await submitted.create(task);

    let client: Client;
    try {
      client = await dial({ ...to, ...options });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { kind: 'unreachable', task: await this.#endIfNew(taskId, cancel, error.message), error };
    }
    try {
      const response = await client.submitTask(request, options);
      if (response.status === STATUS_ACCEPTED) {
        return { kind: 'accepted', task: await submitted.read(taskId), response };
      }
      return { kind: 'rejected', task: await this.#endIfNew(taskId, decline, response.message), response };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      return { kind: 'unanswered', task: await submitted.read(taskId), error };
    }
  }

  /**
   * The handler for STATUS_UPDATE (U2, U3). Throws a ValidationError (U4), a ProtocolError 'malformed-field' for an
   * unknown status, a TransitionError for a status that cannot follow (L1), and a StoreError.
   */
  readonly statusUpdate: NonNullable<Handlers['statusUpdate']> = async (update: TaskStatusUpdate) => {
    validateTaskStatusUpdate(update);
    if (!isTaskStatus(update.status)) throw new ProtocolError('malformed-field', 'U2', 'unknown status');
    const now = this.#clock();
    await this.#store.submitted.update(update.taskId, (task) => applyStatusUpdate(task, update, now));
  };

  /**
   * The handler for SEND_RESULTS (R6). The result is on the disk before the task is SUCCEEDED. A task accepts one
   * result, and the same one again after a crash between these two writes. Throws a ValidationError (R2, R4), a
   * TransitionError for a task in a final status, a StoreError 'result-exists' when the file of another task has the
   * name (R5), and other StoreErrors. After a TransitionError or 'result-exists' the task is unchanged, but the work is
   * done, so the result is kept as `Store.keepLateResult` says, and logged.
   */
  readonly results: NonNullable<Handlers['results']> = async (message: TaskResultMessage) => {
    const { taskId } = message;
    const result = resultOf(message);
    const [filename, bytes] = fileOf(result);
    await this.#store.submitted.update(taskId, async (task) => {
      try {
        const succeeded = succeed(task, outcomeOf(result));
        await this.#store.keepResult(taskId, filename, bytes);
        return { ...succeeded, ...timesOf(message) };
      } catch (error) {
        if (isRefusal(error)) {
          const file = await this.#store.keepLateResult(taskId, filename, bytes);
          if (file !== undefined)
            this.#logger.warn({ taskId, status: task.status, file }, 'late result kept');
        }
        throw error;
      }
    });
  };

  /**
   * Expires every task that has been ACCEPTED for more than ACCEPTED_STALL_TIMEOUT_MS at `now` (L1). Resolves to
   * these tasks. After `signal` has fired, it expires no more tasks. Throws a StoreError 'io'.
   */
  async expireStalled(now: Instant, signal?: AbortSignal): Promise<TaskFile[]> {
    return await this.#store.submitted.sweep(
      'ACCEPTED',
      (task) => isAcceptedStalled(task, now),
      expireStalled,
      signal,
    );
  }

  /** Ends a task that is still NEW. An update that arrived before takes precedence. */
  async #endIfNew(
    taskId: string,
    end: (task: TaskFile, justification: string, now: Instant) => TaskFile,
    reason: string,
  ): Promise<TaskFile> {
    const justification = reason.slice(0, MAX_MESSAGE_LENGTH);
    return await this.#store.submitted.update(taskId, (task) =>
      task.status === 'NEW' ? end(task, justification, this.#clock()) : task,
    );
  }
}

/** Whether a legal result is refused because of what the store holds already. */
function isRefusal(error: unknown): boolean {
  return error instanceof TransitionError || (error instanceof StoreError && error.code === 'result-exists');
}
