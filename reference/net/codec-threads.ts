/**
 * Threads that read large payloads and write large answers. JSON of 16 MiB takes up to seconds, in which the thread of the
 * server would answer no other peer (T3). A small payload is read by the thread of the server, because passing it on
 * takes longer than reading it.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Frame } from '../codec/frame.ts';
import { ProtocolError } from '../protocol/errors.ts';
import type { SubmitResponse } from '../protocol/message-types.ts';
import type { Logger } from '../support/logger.ts';
import { type ErrorFields, type Outcome, outcomeOf, type Work } from './codec-work.ts';
import type { SessionMessage, Violation } from './messages.ts';

/** The largest payload in bytes, and answer in UTF-16 code units, that is not passed to a thread. Inclusive. */
export const SMALL_PAYLOAD = 32 * 1024;

/** The program is next to this file, both in the sources and in the build. */
const PROGRAM = new URL(`./codec-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Work that waits for a thread to start does not wait longer: a peer waits 5 s for its answer (S8). */
const START_MS = 2000;

/** A thread without work ends after this time, and so gives back its memory. */
const IDLE_MS = 10_000;

const LATE = 'a thread does not start in time';

/** A piece of work. */
export interface Job {
  /** Whether a thread has it. Before, it waits in the queue. */
  readonly isBegun: boolean;
  /** Its callback is not called then; work that waits is dropped. */
  cancel(): void;
}

/** The size of an answer, to compare with that of a payload: UTF-16 code units of its texts. */
export function answerSize({ taskId, message }: SubmitResponse): number {
  return taskId.length + message.length;
}

interface QueuedJob extends Job {
  readonly work: Work;
  readonly move: ArrayBuffer[];
  /** Its place in the order of the queue. */
  readonly due: number;
  readonly size: number;
  readonly settle: (outcome: Outcome | Error) => void;
  isBegun: boolean;
  isCancelled: boolean;
}

interface Thread {
  readonly worker: Worker;
  /** Of our own: modules that a program preloads in every thread may use the port that a thread has anyway. */
  readonly port: MessagePort;
  isReady: boolean;
  /** It is not ready, and the time to start has passed. */
  isLate: boolean;
  job: QueuedJob | undefined;
  /** Until it is ready, ends the wait for it. Then, ends the thread when it has no work. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * The options of Node.js for a thread. Undefined: those of this process, which a thread takes over as they are. `--input-type`
 * holds for the text of a program; a thread whose program is a file does not start with it.
 */
function threadOptions(): string[] | undefined {
  const options = process.execArgv;
  const at = options.findIndex((option) => /^--input-type(=|$)/.test(option));
  return at === -1 ? undefined : options.toSpliced(at, options[at] === '--input-type' ? 2 : 1);
}

/** The most threads: one processor stays free for the thread of the server. */
function defaultMost(): number {
  return Math.max(1, Math.min(4, availableParallelism() - 1));
}

/**
 * Threads start when there is work for them. Work waits while all are busy; a connection has at most one piece of work, so
 * the limit of connections bounds the queue. The order is that of arrival, but small work passes large work: each is due
 * after as many bytes of other work as it has itself. If no thread starts, as in a program that may start none, the thread of the
 * server does the work.
 */
export class CodecThreads {
  readonly #logger: Logger;
  readonly #most: number;
  readonly #startMs: number;
  readonly #program: URL;
  readonly #threads = new Set<Thread>();
  readonly #queue = new Set<QueuedJob>();
  /** The size of all work that was begun. */
  #begun = 0;
  #isLogged = false;
  #isWorkingHere = false;

  /**
   * `most`: the most threads, at least 1. Default: one less than the processors, from 1 to 4. `startMs`: work waits no longer for
   * a thread to start. `program`: that of a thread.
   */
  constructor(logger: Logger, { most = defaultMost(), startMs = START_MS, program = PROGRAM } = {}) {
    this.#logger = logger;
    this.#most = most;
    this.#startMs = startMs;
    this.#program = program;
  }

  /**
   * Reads a frame as `readMessage` does. An Error is that of a thread that failed. If `isSoleUse`, no other code uses the memory of the
   * payload, and it is moved instead of copied.
   */
  read(frame: Frame, isSoleUse: boolean, done: (read: SessionMessage | Violation | Error) => void): Job {
    const { buffer, byteLength } = frame.payload;
    const move = isSoleUse && buffer instanceof ArrayBuffer ? [buffer] : [];
    return this.#add({ kind: 'read', frame }, byteLength, move, (outcome) => {
      if (outcome instanceof Error) done(outcome);
      else if (outcome.kind === 'message') done(outcome.message);
      else if (outcome.kind === 'error') done({ kind: 'violation', error: protocolError(outcome.error) });
    });
  }

  /** The bytes of the frame of an answer. A ProtocolError 'frame-too-large' if it does not fit one (F9). */
  write(answer: SubmitResponse, done: (bytes: Uint8Array | Error) => void): Job {
    return this.#add({ kind: 'write', answer }, answerSize(answer), [], (outcome) => {
      if (outcome instanceof Error) done(outcome);
      else if (outcome.kind === 'bytes') done(outcome.bytes);
      else if (outcome.kind === 'error') done(protocolError(outcome.error));
    });
  }

  /** Ends the threads. Work that is not done is dropped. */
  async close(): Promise<void> {
    this.#queue.clear();
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
  }

  #add(work: Work, size: number, move: ArrayBuffer[], settle: QueuedJob['settle']): Job {
    const job: QueuedJob = {
      work,
      move,
      size,
      settle,
      due: this.#begun + size,
      isBegun: false,
      isCancelled: false,
      cancel: () => {
        job.isCancelled = true;
        this.#queue.delete(job);
      },
    };
    this.#queue.add(job);
    this.#next();
    return job;
  }

  /** Begins what a thread without work can begin. */
  #next(): void {
    while (this.#queue.size > 0) {
      const threads = [...this.#threads];
      const thread = threads.find(({ isReady, job }) => isReady && job === undefined);
      if (thread === undefined) {
        const starting = threads.filter(({ isReady }) => !isReady).length;
        if (threads.length < this.#most && starting < this.#queue.size) this.#start();
        // The other threads may be late, too: work does not wait for each of them.
        if (starting === threads.length && threads.some(({ isLate }) => isLate)) this.#workHere(LATE);
        return;
      }
      clearTimeout(thread.timer);
      thread.job = this.#takeFirst();
      thread.port.ref();
      // Its end closes the port, and is still to be noticed.
      thread.worker.ref();
      thread.port.postMessage(thread.job?.work, thread.job?.move);
    }
  }

  #takeFirst(): QueuedJob | undefined {
    let first: QueuedJob | undefined;
    for (const job of this.#queue) if (first === undefined || job.due < first.due) first = job;
    if (first === undefined) return undefined;
    this.#queue.delete(first);
    this.#begun += first.size;
    first.isBegun = true;
    return first;
  }

  #start(): void {
    const { port1: port, port2 } = new MessageChannel();
    let worker: Worker;
    try {
      const execArgv = threadOptions();
      worker = new Worker(this.#program, {
        workerData: port2,
        transferList: [port2],
        ...(execArgv && { execArgv }),
      });
    } catch (error) {
      port.close();
      port2.close();
      this.#workHere(error);
      return;
    }
    const thread: Thread = { worker, port, isReady: false, isLate: false, job: undefined, timer: undefined };
    thread.timer = setTimeout(() => {
      thread.isLate = true;
      this.#workHere(LATE);
    }, this.#startMs);
    this.#threads.add(thread);
    port.on('message', (outcome: Outcome | 'ready') => {
      if (outcome !== 'ready') this.#settle(thread, outcome);
      else {
        thread.isReady = true;
        thread.isLate = false;
        this.#isLogged = false;
        this.#rest(thread);
      }
      this.#next();
    });
    worker.on('error', (error) => this.#lose(thread, error));
    worker.on('exit', () => this.#lose(thread, new Error('a thread has ended')));
    // Work keeps the process running, a thread without work does not.
    worker.unref();
    port.unref();
  }

  /** A thread has ended by itself. */
  #lose(thread: Thread, error: Error): void {
    if (!this.#threads.has(thread)) return;
    void this.#end(thread);
    if (thread.isReady) {
      this.#settle(thread, error);
      this.#next();
    } else this.#workHere(error);
  }

  /** Does the work that waits, one piece a turn, from the next turn on until a thread is ready. */
  #workHere(reason: unknown): void {
    if (this.#queue.size === 0 || this.#isWorkingHere) return;
    if (!this.#isLogged)
      this.#logger.warn({ err: reason }, 'no thread for large payloads: they delay other peers');
    this.#isLogged = true;
    this.#isWorkingHere = true;
    const next = (): void => {
      const job = [...this.#threads].some(({ isReady }) => isReady) ? undefined : this.#takeFirst();
      if (job === undefined) {
        this.#isWorkingHere = false;
        return;
      }
      try {
        job.settle(outcomeOf(job.work));
      } catch (error) {
        job.settle(error instanceof Error ? error : new Error(String(error)));
      }
      setImmediate(next);
    };
    setImmediate(next);
  }

  #settle(thread: Thread, outcome: Outcome | Error): void {
    const { job } = thread;
    thread.job = undefined;
    this.#rest(thread);
    if (job !== undefined && !job.isCancelled) job.settle(outcome);
  }

  #rest(thread: Thread): void {
    clearTimeout(thread.timer);
    if (!this.#threads.has(thread)) return;
    thread.port.unref();
    thread.worker.unref();
    thread.timer = setTimeout(() => void this.#end(thread), IDLE_MS).unref();
  }

  async #end(thread: Thread): Promise<void> {
    clearTimeout(thread.timer);
    this.#threads.delete(thread);
    thread.port.close();
    await thread.worker.terminate();
  }
}

function protocolError({ code, clause, message }: ErrorFields): ProtocolError {
  return new ProtocolError(code, clause, message);
}
