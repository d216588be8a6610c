/**
 * What a broken server stands on: a store in a folder of its own, and a clock. The folder is all that it can reach: a
 * path that leads out of it ends at its top, so that a server that takes paths from its peers harms nobody else.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fromUnixMs, type Instant, millisecondsBetween, parseTime, Store } from '../../../reference/index.ts';

/** The store's name in its folder. */
export const STORE = 'store';

export interface Environment {
  readonly store: Store;
  /** Whether the tasks of SUBMITs are kept: to do so safely takes a disk its time, and not every trial looks at them. */
  readonly storesTasks: boolean;
  readonly now: () => Instant;
  /** How many times as fast as real time the timeouts of tasks and peers run. */
  readonly timeScale: number;
  /** The present for a task of which something has been true since then: as far behind it as the scale has it. */
  readonly nowFor: (since: string) => Instant;
  /** Writes a file, with its folders. `path` is relative to the store; `..` and `/` end at the folder that it lies in. */
  readonly writeFile: (path: string, bytes: Uint8Array | string) => Promise<void>;
  /** Ends the server as an exception that nobody catches would. */
  readonly crash: () => void;
}

export interface EnvironmentOptions {
  /** It has to be there; the store in it need not. */
  readonly folder: string;
  /** Default 1. */
  readonly timeScale?: number;
  /** Default true. */
  readonly storesTasks?: boolean;
}

export async function openEnvironment(
  { folder, timeScale = 1, storesTasks = true }: EnvironmentOptions,
  crash: () => void,
  today: () => Date = () => new Date(),
): Promise<Environment> {
  const store = await Store.open(join(folder, STORE));
  const now = (): Instant => fromUnixMs(today().getTime());
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
    writeFile: async (path, bytes) => {
      const full = join(folder, posix.resolve(`/${STORE}`, path));
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, bytes);
    },
    crash,
  };
}
