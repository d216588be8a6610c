/**
 * The role of the receiver: the tasks that others submitted here, from the SUBMIT to the delivered results.
 *
 * SUBMIT → policy → task.ts (a NEW task) → TaskFolder (on the disk) → answer 200. Later the program that does the
 * work calls `accept` or `decline`, `execute` and `complete`. Each of these makes one step of task.ts under the lock
 * of the task, stores it, and then notifies the submitter at the address `from` of the task. What fails after the step is
 * stored does not undo it.
 */
import { encodeFrame } from '../codec/frame.ts';
import { marshalTaskResultMessage } from '../codec/message.ts';
import type { Handler } from '../net/handler.ts';
import type { CloseOptions } from '../net/server.ts';
import type { SubmitRequest } from '../protocol/message-types.ts';
import { type Clock, formatTime, type Instant } from '../protocol/time.ts';
import { validateTaskStatusUpdate } from '../protocol/validation.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { assertLimit } from '../support/limits.ts';
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

/** Options of a Receiver. */
export interface ReceiverOptions {
  readonly store: Store;
  readonly clock: Clock;
  /**
   * Decides before a task is stored. Its decision is the answer unless the task cannot be stored (S7). Default:
   * accept.
   */
  readonly policy?: Handler;
  /** Connects to submitters; it may refuse addresses. Default: submitters receive no messages. */
  readonly dialBack?: DialBack;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** A step of a task, and the outcome of the message to its submitter. */
export interface Step {
  /** The task after the step. */
  readonly task: TaskFile;
  readonly delivery: Delivery;
}

/** The most bytes of UTF-8 in an address, inclusive. The protocol has no bound, and a task file holds two (S7). */
const MAX_ADDRESS_BYTES = 1024;

/**
 * The receiver of tasks on a store. Every step throws a TransitionError when the life cycle does not permit it (L1),
 * a ValidationError for a justification over MAX_JUSTIFICATION_BYTES (U4), and a StoreError. The task is then unchanged, with two
 * exceptions: after a StoreError 'io' the step may be stored, and after an error of `complete` the task may be COMPLETED and its result
 * delivered. Read the task again then.
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

  /** The handler for SUBMIT. It accepts after the task is on the disk with status NEW (S9). */
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
      this.#logger.warn({ peer, err: error }, 'task could not be stored');
      return { accept: false, message: 'task could not be stored' };
    }
  };

  /** NEW → ACCEPTED: the task joins the end of the queue (L2). */
  async accept(taskId: string, justification = 'Task accepted'): Promise<Step> {
    const now = this.#clock();
    // Tasks that other processes accepted before get their places first.
    await this.#queue.head(now);
    const accepted = await this.#change(taskId, justification, (task) => ({
      ...accept(task, justification, now),
      acceptedAt: formatTime(this.#queue.place(taskId, now)),
    }));
    await this.#stageNext(now);
    return await this.#notify(accepted);
  }

  /** NEW → DECLINED. */
  async decline(taskId: string, justification = 'Task declined'): Promise<Step> {
    const now = this.#clock();
    return await this.#notify(
      await this.#change(taskId, justification, (task) => decline(task, justification, now)),
    );
  }

  /** The task to execute next, the head of the queue (L2); undefined when no task waits. */
  async head(): Promise<TaskFile | undefined> {
    return await this.#queue.head(this.#clock());
  }

  /**
   * ACCEPTED → EXECUTING; the next task becomes the head. Throws a StoreError 'not-head' unless the task is the head
   * (L2).
   */
  async execute(taskId: string, justification = 'Task execution started'): Promise<Step> {
    const now = this.#clock();
    await this.#queue.head(now);
    const executing = await this.#change(taskId, justification, (task) => {
      if (task.status === 'ACCEPTED' && task.stagedAt === undefined) {
        throw new StoreError('not-head', 'the task is not the head of the queue');
      }
      return execute(task, justification, now);
    });
    await this.#stageNext(now);
    return await this.#notify(executing);
  }

  /**
   * EXECUTING → COMPLETED, sends the result to the submitter, and then → SUCCEEDED. If the result could not be sent,
   * the task stays COMPLETED; call again with the result to repeat it, because the store of the receiver does not
   * keep it. Also throws a ValidationError (R2, R4) or a StoreError 'unsafe-filename' (R5) for an illegal result, and
   * a ProtocolError 'frame-too-large' for one that does not fit a frame (R3).
   */
  async complete(taskId: string, result: Result, justification = 'Task completed'): Promise<Step> {
    const now = this.#clock();
    const completed = await this.#change(taskId, justification, (task) => {
      const done = task.status === 'COMPLETED' ? task : complete(task, justification, now);
      encodeFrame(marshalTaskResultMessage(resultMessage(done, result)));
      return done;
    });
    const message = resultMessage(completed, result);
    const delivery = await this.#outbox.send(
      completed.from,
      (client) => client.sendResults(message),
      'results',
    );
    if (delivery.kind !== 'delivered') return { task: completed, delivery };
    const task = await this.#store.received.update(taskId, (task) =>
      succeed(task, outcomeOf(result), 'receiver'),
    );
    return { task, delivery };
  }

  /**
   * Cancels every task that has been NEW for more than ACCEPT_TIMEOUT_MS at `now` (L1). Resolves to these tasks;
   * messages to their submitters are still being sent then. After `signal` has fired, it cancels no more tasks. Throws a
   * StoreError 'io'.
   */
  async cancelOverdue(now: Instant, signal?: AbortSignal): Promise<TaskFile[]> {
    const cancelled = await this.#store.received.sweep(
      'NEW',
      (task) => isExpiredForAccept(task, now),
      (task) => cancel(task, 'Task was not accepted in time', now),
      signal,
    );
    for (const task of cancelled) void this.#notify(task);
    return cancelled;
  }

  /**
   * Expires the head of the queue if it has been the head for more than QUEUE_HEAD_TIMEOUT_MS at `now` (L1). The next
   * task becomes the head. Resolves to the expired task, or to undefined; a message to its submitter is still being
   * sent then. Rejects with the reason of `signal` when that fires before the tasks are read. Throws a StoreError.
   */
  async expireHead(now: Instant, signal?: AbortSignal): Promise<TaskFile | undefined> {
    const head = await this.#queue.head(now, signal);
    if (head === undefined) return undefined;
    const expired = await this.#store.received.changeIfDue(
      head.taskId,
      (task) => isExpiredInQueue(task, now),
      (task) => expire(task, 'Task was not executed in time'),
    );
    if (expired === undefined) return undefined;
    await this.#stageNext(now);
    void this.#notify(expired);
    return expired;
  }

  /** Resolves when no message to a submitter is being sent or waits. */
  async idle(): Promise<void> {
    await this.#outbox.idle();
  }

  /**
   * Waits for the messages to submitters. Those that still wait for a connection after `graceMs`, a whole number from 0
   * to 2^31 − 1, are not sent. Resolves when no message is being sent.
   */
  async close({ graceMs = 5000 }: CloseOptions = {}): Promise<void> {
    assertLimit('graceMs', graceMs, 0);
    const timer = setTimeout(() => this.#outbox.dropWaiting(), graceMs);
    await this.#outbox.idle();
    clearTimeout(timer);
  }

  async #change(
    taskId: string,
    justification: string,
    change: (task: TaskFile) => TaskFile,
  ): Promise<TaskFile> {
    // Checked before the task changes, because a submitter may refuse an update over the bound (U4).
    validateTaskStatusUpdate({ taskId, status: '', justification });
    return await this.#store.received.update(taskId, change);
  }

  /**
   * Makes the next task the head, after a step that is stored. A failure is logged: it does not undo the step, and the next
   * use of the queue makes up for it.
   */
  async #stageNext(now: Instant): Promise<void> {
    try {
      await this.#queue.head(now);
    } catch (err) {
      this.#logger.warn({ err }, 'the next task could not become the head of the queue');
    }
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
