/**
 * The environment of a mutant: a store in its own folder, and a clock. Every path is resolved inside the folder, so that a
 * mutant that uses paths from its peers cannot write anywhere else.
 */

import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fromUnixMs, type Instant, millisecondsBetween, parseTime, Store } from '../../../reference/index.ts';
import { makeFolder } from '../../util/folders.ts';

/** The name of the store in the folder. */
export const STORE = 'store';

export interface Environment {
  readonly store: Store;
  /** Whether the tasks of SUBMITs are stored. A durable write is slow, and not every scenario reads the store. */
  readonly storesTasks: boolean;
  readonly now: () => Instant;
  /** How many times as fast as real time the timeouts of tasks and connections run. */
  readonly timeScale: number;
  /** The time of `since`, in the format of a task file, plus the real time elapsed since then times `timeScale`. */
  readonly nowFor: (since: string) => Instant;
  /**
   * Writes a file and creates its parent folders: flag 'w', the default, replaces a file, 'wx' rejects if it exists, and 'a'
   * adds to its end. `path` is relative to the store. An absolute path starts at the folder that contains the store, and `..`
   * never leads above that folder.
   */
  readonly writeFile: (path: string, bytes: Uint8Array | string, flag?: 'w' | 'wx' | 'a') => Promise<void>;
  /** Removes a file. The path is that of `writeFile`. */
  readonly removeFile: (path: string) => Promise<void>;
  /** Calls `work` again and again while the server runs, `ms` milliseconds after the last call has ended. */
  readonly repeat: (ms: number, work: () => Promise<void>) => void;
  /** Stops the server, as an uncaught exception would. */
  readonly crash: () => void;
}

/** What the server provides to its environment. */
export type Control = Pick<Environment, 'repeat' | 'crash'>;

export interface EnvironmentOptions {
  /** The folder that contains the store. It must exist; the store is created if it does not. */
  readonly folder: string;
  /** Default 1. */
  readonly timeScale?: number;
  /** Default true. */
  readonly storesTasks?: boolean;
}

export async function openEnvironment(
  { folder, timeScale = 1, storesTasks = true }: EnvironmentOptions,
  { repeat, crash }: Control,
  today: () => Date = () => new Date(),
): Promise<Environment> {
  const store = await Store.open(join(folder, STORE));
  const now = (): Instant => fromUnixMs(today().getTime());
  const inFolder = (path: string): string => join(folder, posix.resolve(`/${STORE}`, path));
  return {
    store,
    storesTasks,
    now,
    timeScale,
    nowFor: (since) => {
      const begin = parseTime(since);
      return fromUnixMs(
        millisecondsBetween(fromUnixMs(0), begin) + timeScale * millisecondsBetween(begin, now()),
      );
    },
    writeFile: async (path, bytes, flag = 'w') => {
      const full = inFolder(path);
      makeFolder(dirname(full));
      await writeFile(full, bytes, { flag });
    },
    removeFile: async (path) => await rm(inFolder(path)),
    repeat,
    crash,
  };
}
