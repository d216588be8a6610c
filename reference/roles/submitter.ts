/**
 * The submitter's role: the tasks that were submitted from here, and what their receivers tell about them.
 *
 * A task is on the disk before it is sent, so that neither a crash nor an update that overtakes the answer finds it
 * missing. STATUS_UPDATE and SEND_RESULTS → checks → one step of task.ts under the task's lock → disk. What is refused
 * leaves nothing behind, and the peer hears of it as little as of success (U1, R1): whoever knows a task's id is taken
 * for its receiver, since ids are random and the protocol knows no other proof.
 */

import { type Client, dial } from '../net/client.ts';
import type { CallOptions } from '../net/exchange.ts';
import type { Handlers } from '../net/handler.ts';
import { type Address, formatAddress } from '../protocol/address.ts';
import { STATUS_ACCEPTED } from '../protocol/constants.ts';
import { ClientError, ProtocolError } from '../protocol/errors.ts';
import type { SubmitResponse, TaskResultMessage, TaskStatusUpdate } from '../protocol/message-types.ts';
import { generateTaskId } from '../protocol/task-id.ts';
import type { Clock, Instant } from '../protocol/time.ts';
import { validateSubmitRequest, validateTaskStatusUpdate } from '../protocol/validation.ts';
import type { Store } from '../store/store.ts';
import { isTaskStatus } from '../task/state-machine.ts';
import {
  applyStatusUpdate,
  cancel,
  decline,
  expire,
  isAcceptedStalled,
  newTaskFile,
  succeed,
} from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';
import { outcomeOf, resultOf, timesOf } from './result.ts';

export interface SubmitterOptions {
  readonly store: Store;
  readonly clock: Clock;
}

export interface Submission {
  readonly taskDescription: string;
  readonly to: Address;
  /** Where the receiver reaches us, as host:port; anything else keeps it from telling us anything. */
  readonly fromAddr: string;
}

/** What became of a submission, with the task as it is stored. */
export type Submitted =
  /** Answered 200: the task is NEW, or further if its receiver was quick. */
  | { readonly kind: 'accepted'; readonly task: TaskFile; readonly response: SubmitResponse }
  /** Answered 400: the task is DECLINED, with the receiver's message as the justification. */
  | { readonly kind: 'rejected'; readonly task: TaskFile; readonly response: SubmitResponse }
  /** No connection came about: the task was never sent and is CANCELLED. */
  | { readonly kind: 'unreachable'; readonly task: TaskFile; readonly error: ClientError }
  /** The receiver may have it or not: the task stays NEW, and follows what the receiver tells. */
  | { readonly kind: 'unanswered'; readonly task: TaskFile; readonly error: ClientError };

/** How much of a receiver's message becomes a justification, in UTF-16 units: at most 3 072 bytes of UTF-8 (U4). */
const MAX_MESSAGE_LENGTH = 1024;

export class Submitter {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: SubmitterOptions) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Stores a new task and sends it. Throws a ValidationError (S5) or a StoreError before anything is sent. */
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
   * The server's handler for STATUS_UPDATE (U2, U3). Throws a ValidationError (U4), a ProtocolError 'malformed-field' for a
   * status that there is not, a TransitionError for one that lies behind, and a StoreError.
   */
  readonly statusUpdate: NonNullable<Handlers['statusUpdate']> = async (update: TaskStatusUpdate) => {
    validateTaskStatusUpdate(update);
    if (!isTaskStatus(update.status)) throw new ProtocolError('malformed-field', 'U2', 'no such status');
    const now = this.#clock();
    await this.#store.submitted.update(update.taskId, (task) => applyStatusUpdate(task, update, now));
  };

  /**
   * The server's handler for SEND_RESULTS (R6): the result is on the disk before the task says so. A task takes one
   * result, and the same one again after a crash between the two. Throws a ValidationError (R2, R4), a TransitionError for
   * a task that is over, and a StoreError.
   */
  readonly results: NonNullable<Handlers['results']> = async (message: TaskResultMessage) => {
    const { taskId } = message;
    const result = resultOf(message);
    await this.#store.submitted.update(taskId, async (task) => {
      const succeeded = succeed(task, outcomeOf(result));
      if (result.kind === 'text')
        await this.#store.keepResult(taskId, 'result.txt', Buffer.from(result.text));
      else await this.#store.keepResult(taskId, result.filename, result.data);
      return { ...succeeded, ...timesOf(message) };
    });
  };

  /** Expires every task that has been ACCEPTED for too long at `now`, without a result or a further update (L1). */
  async expireStalled(now: Instant): Promise<TaskFile[]> {
    return await this.#store.submitted.sweep(
      'ACCEPTED',
      (task) => isAcceptedStalled(task, now),
      (task) => expire(task, 'No results came in time'),
    );
  }

  /** Ends a task that nobody has begun; what the receiver told meanwhile counts for more. */
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
