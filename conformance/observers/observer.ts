/** What the wire does not show: the target's store and its process. */

import type { IdSlot } from '../scenario/bytes.ts';
import type { PreloadedTask } from '../scenario/scenario.ts';

/** Largest file whose bytes are kept. The longest legal task fits: a result text of 1 MiB, all of it escaped (R2). */
export const MAX_KEPT_FILE_BYTES = 8 * 1024 * 1024;

/** One file at one moment. */
export interface FileSnapshot {
  /** A link is never followed. 'other' is a pipe, a socket or a device, and is never opened. */
  readonly type: 'file' | 'link' | 'other';
  readonly sizeBytes: number;
  /** SHA-256 of the bytes, in hex. */
  readonly digest: string;
  /** The bytes, if there are at most MAX_KEPT_FILE_BYTES; of a link, the path in it. */
  readonly bytes?: Uint8Array;
  /** Permission bits, such as 0o600. */
  readonly mode: number;
}

/** The files of the store, and the files with a task id in their path that appeared next to it. */
export interface StoreSnapshot {
  /** The store's name in its parent folder. */
  readonly store: string;
  /** By their paths relative to the parent folder, with `/` between names. */
  readonly files: ReadonlyMap<string, FileSnapshot>;
}

/** Each call throws an ObserverError if the store cannot be read, or written to. */
export interface StoreObserver {
  /** All files, at some moment after the call. */
  snapshot(): Promise<StoreSnapshot>;
  /** Only the files at these paths, which is cheap; absolute paths are permitted. */
  stat(paths: readonly string[]): Promise<StoreSnapshot>;
  /** The store's name in its parent folder. */
  readonly store: string;
  /** Writes a task to the store, with the id of the slot. */
  preload(task: PreloadedTask, idOf: (slot: IdSlot) => string): Promise<void>;
  /**
   * Removes the files that `preload` wrote, and the folders that it created, if they are empty; nothing else. Never throws. Returns the
   * paths of the files that could not be removed.
   */
  removePreloaded(): readonly string[];
  /**
   * Removes the files with a marked name from the folders of these paths. Removes no folder and no file of the store,
   * follows no link, and ignores what it cannot remove.
   */
  removeOutside(paths: readonly string[], isMarked: (name: string) => boolean): Promise<void>;
}

/** Observes the process of the target with its descendants. Comes from `observeProcess`. */
export interface ProcessObserver {
  /** Of the target's process and its descendants; undefined if the system gives no data, or the process has ended. */
  usage(): Promise<ProcessUsage | undefined>;
  /** The same with what the fuzzer needs. Absent: the observer cannot say. */
  look?(): Promise<ProcessLook | undefined>;
}

/** What a process and its descendants use at one moment, in total. */
export interface ProcessUsage {
  /** Resident memory; memory that several of the processes share counts once. */
  readonly memoryBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}

/** What a process and its descendants use, and have used since they began. */
export interface ProcessLook extends ProcessUsage {
  /** Memory that no file provides, swapped or not: heaps and stacks. Other processes that run the same program do not change it. */
  readonly anonymousBytes: number;
  /**
   * Most bytes of freed memory that AddressSanitizer keeps, so that a later use of them is found: until it keeps so much, a process
   * grows with each allocation. 0 without it.
   */
  readonly quarantineBytes: number;
  /** CPU time of all threads since the processes began, in milliseconds; measured in steps of 10. */
  readonly cpuMs: number;
  /**
   * The time for which its threads ran or waited for a CPU, in milliseconds: what the CPU time would be if no other program used the
   * machine. Threads that have ended do not count. The CPU time where the system does not say it.
   */
  readonly runnableMs: number;
}

/** How the process of the target ended, and what it said. Comes from `launch`. */
export interface ProcessEnd {
  /** Such as 'exit status 134' or 'signal SIGSEGV', or 'still running'. */
  readonly ended: string;
  /**
   * The lines of its output that say why: a panic, a traceback or a sanitizer's report, or else the last lines. Of the
   * process that runs or ran last. Escaped, oldest first, at most 101; a line has at most 1000 UTF-16 units before it is
   * escaped.
   */
  readonly lines: readonly string[];
}

/**
 * Begins to watch the output of the process of a target. The returned function gives the reports that have begun since, such as
 * panics, tracebacks and stack traces of a process that goes on: of each stream at most the last four reports on crashes and the
 * last four stack traces, oldest first. Comes from `launch`.
 */
export type WatchReports = () => () => readonly ProcessEnd[];

/** Signs that the process of a target is about to end, or has ended. Comes from `launch`. */
export interface LifeObserver {
  /** Whether the process that the command started has ended. Its descendants may still run. */
  hasEnded(): boolean;
  /**
   * Reports that began in its output since the command was first started: errors and warnings of sanitizers, and what the
   * runtime or a library wrote, such as panics, tracebacks and failed assertions. None of them needs to end the process.
   */
  reports(): Readonly<Record<'error' | 'warning' | 'runtime', number>>;
  /** Calls back when the process ends and when a report begins, until the returned function is called. */
  watch(onSign: () => void): () => void;
  /** Whether a core is being written, or only some threads of the process are left. False where the system gives no data. */
  isDying(): Promise<boolean>;
  /**
   * Whether the process or one of its descendants runs, waits for the CPU or for a disk. If not, it has done all that it was
   * asked to, apart from timers. False where the system gives no data.
   */
  isBusy(): Promise<boolean>;
}
