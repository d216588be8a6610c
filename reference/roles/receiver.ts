/**
 * The receiver's role: the tasks that others submitted here, from the SUBMIT to the delivered results.
 *
 * SUBMIT → policy → store → 200. Afterwards whoever does the work calls accept or decline, execute and complete. Each
 * of these is one step of task.ts under the task's lock, safe on the disk before the submitter is told, at the address
 * in the task's `from`. When the submitter cannot be told, the step stands all the same.
 */
import { encodeFrame } from '../codec/frame.ts';
import { marshalTaskResultMessage } from '../codec/message.ts';
import type { Handler } from '../net/handler.ts';
import type { SubmitRequest } from '../protocol/message-types.ts';
import { type Clock, formatTime, type Instant } from '../protocol/time.ts';
import { validateTaskStatusUpdate } from '../protocol/validation.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { type Logger, silentLogger } from '../support/logger.ts';
import {
  accept,
  cancel,
  complete,
  decline,
  execute,
  expire,
  isExpiredForAccept,
  isExpiredInQueue,
  newTaskFile,
  succeed,
} from '../task/task.ts';
import type { TaskFile } from '../task/task-file.ts';
import { type Delivery, type DialBack, Outbox } from './outbox.ts';
import { Queue } from './queue.ts';
import { outcomeOf, type Result, resultMessage } from './result.ts';

export interface ReceiverOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Asked before a task is stored; what it says is the answer, unless the task cannot be stored. Default: all are welcome. */
  readonly policy?: Handler;
  /** Default: submitters are not told. */
  readonly dialBack?: DialBack;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** A step that was taken, and what became of the message about it. */
export interface Step {
  readonly task: TaskFile;
  readonly delivery: Delivery;
}

/** Most bytes of UTF-8 in an address, inclusive. The protocol bounds none, and a task keeps two (S7). */
const MAX_ADDRESS_BYTES = 1024;

/**
 * Its steps throw a TransitionError when the life of the task does not permit them (L1), a ValidationError for a
 * justification or result over its bound, and a StoreError; the task is then as it was.
 */
export class Receiver {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #policy: Handler;
  readonly #logger: Logger;
  readonly #outbox: Outbox;
  readonly #queue: Queue;

  constructor({ store, clock, policy = () => true, dialBack, logger = silentLogger }: ReceiverOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#policy = policy;
    this.#logger = logger;
    this.#outbox = new Outbox(dialBack, logger);
    this.#queue = new Queue(store);
  }

  /** The server's handler for SUBMIT: accepts when the task is safe on the disk, with status NEW (S9). */
  readonly submit: Handler = async (request, peer) => {
    const { taskId, fromAddr: from, toAddr: to } = request;
    if (isOverlong(request))
      return { accept: false, message: `an address exceeds ${MAX_ADDRESS_BYTES} bytes` };
    try {
      const decision = await this.#policy(request, peer);
      if (!(typeof decision === 'boolean' ? decision : decision.accept)) return decision;
      const { taskDescription } = request;
      await this.#store.received.create(newTaskFile({ taskId, taskDescription, from, to }, this.#clock()));
      return decision;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (error.code === 'unsafe-id') return { accept: false, message: 'task id is not a safe file name' };
      if (error.code === 'task-exists') return { accept: false, message: 'task id is already in use' };
      this.#logger.warn({ peer, err: error }, 'task not stored');
      return { accept: false, message: 'task could not be stored' };
    }
  };

  /** NEW → ACCEPTED: the task joins the queue, at its end (L2). */
  async accept(taskId: string, justification = 'Task accepted'): Promise<Step> {
    const now = this.#clock();
    // Whoever waits already, perhaps since before this process, has its place first.
    await this.#queue.head(now);
    const accepted = await this.#change(taskId, justification, (task) => ({
      ...accept(task, justification, now),
      acceptedAt: formatTime(this.#queue.place(now)),
    }));
    await this.#queue.head(now);
    return await this.#notify(accepted);
  }

  /** NEW → DECLINED. */
  async decline(taskId: string, justification = 'Task declined'): Promise<Step> {
    const now = this.#clock();
    return await this.#notify(
      await this.#change(taskId, justification, (task) => decline(task, justification, now)),
    );
  }

  /** The task to execute next; undefined when none waits. */
  async head(): Promise<TaskFile | undefined> {
    return await this.#queue.head(this.#clock());
  }

  /** ACCEPTED → EXECUTING, and the next in line becomes the head. Throws a StoreError 'not-head' for any but the head (L2). */
  async execute(taskId: string, justification = 'Task execution started'): Promise<Step> {
    const now = this.#clock();
    await this.#queue.head(now);
    const executing = await this.#change(taskId, justification, (task) => {
      if (task.status === 'ACCEPTED' && task.stagedAt === undefined) {
        throw new StoreError('not-head', 'other tasks are to be executed first');
      }
      return execute(task, justification, now);
    });
    await this.#queue.head(now);
    return await this.#notify(executing);
  }

  /**
   * EXECUTING → COMPLETED, then the results go to the submitter, and once they are handed over → SUCCEEDED. A task whose
   * results were not handed over stays COMPLETED; call again to deliver them. Results are not kept here meanwhile.
   * Also throws a ProtocolError 'frame-too-large' for results that fit no frame (R3).
   */
  async complete(taskId: string, result: Result, justification = 'Task completed'): Promise<Step> {
    const now = this.#clock();
    const completed = await this.#change(taskId, justification, (task) => {
      const done = task.status === 'COMPLETED' ? task : complete(task, justification, now);
      encodeFrame(marshalTaskResultMessage(resultMessage(done, result)));
      return done;
    });
    const message = resultMessage(completed, result);
    const delivery = await this.#outbox.send(completed.from, (client) => client.sendResults(message));
    if (delivery.kind !== 'delivered') return { task: completed, delivery };
    const task = await this.#store.received.update(taskId, (task) =>
      succeed(task, outcomeOf(result), 'receiver'),
    );
    return { task, delivery };
  }

  /** Cancels every task that has been NEW for too long at `now` (L1). Submitters are told in the background. */
  async cancelOverdue(now: Instant): Promise<TaskFile[]> {
    const cancelled = await this.#store.received.sweep(
      'NEW',
      (task) => isExpiredForAccept(task, now),
      (task) => cancel(task, 'Task was not accepted in time', now),
    );
    for (const task of cancelled) void this.#notify(task);
    return cancelled;
  }

  /**
   * Expires the head of the queue when it has been that for too long at `now` (L1), and resolves to it. The next in line
   * becomes the head. The submitter is told in the background.
   */
  async expireHead(now: Instant): Promise<TaskFile | undefined> {
    const head = await this.#queue.head(now);
    if (head === undefined) return undefined;
    const expired = await this.#store.received.changeIfDue(
      head.taskId,
      (task) => isExpiredInQueue(task, now),
      (task) => expire(task, 'Task was not executed in time'),
    );
    if (expired === undefined) return undefined;
    await this.#queue.head(now);
    void this.#notify(expired);
    return expired;
  }

  /** Resolves when no message to a submitter is on its way. */
  async idle(): Promise<void> {
    await this.#outbox.idle();
  }

  async #change(
    taskId: string,
    justification: string,
    change: (task: TaskFile) => TaskFile,
  ): Promise<TaskFile> {
    // Before anything changes: a submitter may refuse an update over the bound (U4).
    validateTaskStatusUpdate({ taskId, status: '', justification });
    return await this.#store.received.update(taskId, change);
  }

  async #notify(task: TaskFile): Promise<Step> {
    const { taskId, status, statusJustification: justification } = task;
    const update = { taskId, status, justification };
    const delivery = await this.#outbox.send(task.from, (client) => client.sendStatusUpdate(update));
    return { task, delivery };
  }
}

function isOverlong({ fromAddr, toAddr }: SubmitRequest): boolean {
  return [fromAddr, toAddr].some((address) => Buffer.byteLength(address) > MAX_ADDRESS_BYTES);
}
