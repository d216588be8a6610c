/** Folders that are made, and those that exist only during a run. */

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { atExit } from './at-exit.ts';
import { printable } from './printable.ts';

/**
 * Creates a folder, and its parents, with this mode. Default: as the umask permits. Returns whether it created the folder. Throws
 * the system's error. The recursive `mkdir` of Node.js never ends where the system creates no folder and says ENOENT: in /proc, in
 * a working directory that was removed, and in a folder that is mounted on demand.
 */
export function makeFolder(path: string, mode = 0o777): boolean {
  if (isFolder(path)) return false;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    // Another process may have created it meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(path)) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

export interface TemporaryFolder {
  readonly path: string;
  /** Whether its files are in memory. */
  readonly isInMemory: boolean;
  /** Removes it with all that it contains. Rejects with the system's error. If it is not called, the exit of this process removes it. */
  readonly remove: () => Promise<void>;
}

/** No place for temporary files can be written to. The message is one line. */
export class TemporaryFolderError extends Error {
  override readonly name = 'TemporaryFolderError';
}

/** File systems in memory: tmpfs and ramfs. */
const IN_MEMORY: readonly number[] = [0x0102_1994, 0x8584_58f6];
/** A broken server may store more than it is sent, and must not be accused because its disk is full. */
const LEAST_FREE_BYTES = 256 * 1024 * 1024;

/**
 * A new, empty folder that only this user can read. In memory if a file system in memory has at least 256 MiB free,
 * because a store that waits for a disk after each file takes several times as long. `places` are tried in turn. Default:
 * the system's folder for temporary files, then `/dev/shm`; if neither is in memory, the first that can be written to.
 * Throws a TemporaryFolderError if none can.
 */
export async function temporaryFolder(
  places: readonly string[] = [tmpdir(), '/dev/shm'],
): Promise<TemporaryFolder> {
  for (const place of places) {
    const system = await statfs(place).catch(() => undefined);
    if (!system || !IN_MEMORY.includes(system.type) || system.bavail * system.bsize < LEAST_FREE_BYTES)
      continue;
    const path = await mkdtemp(join(place, 'conform-')).catch(() => undefined);
    if (path !== undefined) return owned(path, true);
  }
  const faults: string[] = [];
  for (const place of places) {
    try {
      return owned(await mkdtemp(join(place, 'conform-')), false);
    } catch (error) {
      faults.push(`${printable(place)} (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  throw new TemporaryFolderError(
    `no folder for temporary files can be made in ${faults.join(' or ')}; TMPDIR names another place`,
  );
}

/** A process that is about to end may still write into a folder while it is removed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10 } as const;

/** Removes a folder with all that it contains, if it is there. Rejects with the system's error. */
export function removeFolder(path: string): Promise<void> {
  return rm(path, REMOVAL);
}

function owned(path: string, isInMemory: boolean): TemporaryFolder {
  const forget = atExit(() => rmSync(path, REMOVAL));
  const remove = async (): Promise<void> => {
    await removeFolder(path);
    forget();
  };
  return { path, isInMemory, remove };
}
