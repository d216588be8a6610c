/** What the wire cannot show: the target's store and its process, seen from beside. */

import type { IdSlot } from '../scenario/bytes.ts';
import type { PreloadedTask } from '../scenario/scenario.ts';

/** Largest file whose bytes are kept. The longest legal task fits: a result text of 1 MiB, all of it escaped (R2). */
export const MAX_KEPT_FILE_BYTES = 8 * 1024 * 1024;

/** A file as it was seen, by its path relative to the folder that the store lies in, with `/` between names. */
export interface FileSnapshot {
  /** A link is seen and never followed; 'other' is a pipe, a socket or a device, and never opened. */
  readonly type: 'file' | 'link' | 'other';
  readonly sizeBytes: number;
  /** Tells whether the bytes are the same: a SHA-256 in hex. */
  readonly digest: string;
  /** The bytes themselves, if there are at most SEEN_BYTES; of a link, the path that it holds. */
  readonly bytes?: Uint8Array;
  /** Permission bits, such as 0o600. */
  readonly mode: number;
}

/** The files of the store, and what appeared beside it; `store` is the store's name in the folder that it lies in. */
export interface StoreSnapshot {
  readonly store: string;
  readonly files: ReadonlyMap<string, FileSnapshot>;
}

/** Each call throws an ObserverError where the store cannot be looked at, or written to. */
export interface StoreObserver {
  /** Everything, as it is some moment after the call. */
  snapshot(): Promise<StoreSnapshot>;
  /** Only the files at these paths, for a look that costs little; absolute ones lead anywhere on the machine. */
  stat(paths: readonly string[]): Promise<StoreSnapshot>;
  /** The store's name in the folder that it lies in. */
  readonly store: string;
  /** Puts a task into the store, with the id that the slot stands for. */
  preload(task: PreloadedTask, idOf: (slot: IdSlot) => string): Promise<void>;
}

/** The target's process and its descendants; undefined where the system does not tell, or the process is gone. */
export interface ProcessObserver {
  usage(): Promise<ProcessUsage | undefined>;
}

/** What a process and its descendants use at one moment, in total. */
export interface ProcessUsage {
  /** Resident memory; what several of the processes share counts once. */
  readonly memoryBytes: number;
  readonly descriptors: number;
  readonly threads: number;
}
