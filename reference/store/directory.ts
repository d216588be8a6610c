/**
 * A directory whose files are whole or absent, whatever happens to the process or the power: bytes → temporary file in
 * the same directory → fsync → one atomic step to the name → fsync of the directory. Only then does a write resolve.
 *
 * This and locks.ts are the only files that touch the file system. What it throws is a StoreError, 'io' unless said
 * otherwise. It needs a local file system with hard links, as ext4, XFS, Btrfs, ZFS, APFS and NTFS are.
 */
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, processLabel, processName } from './process-name.ts';
import { StoreError } from './store-error.ts';

const TEMPORARY = '.tmp';

/** A link is not followed, and a pipe does not block: whatever is no plain file is to be refused. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What a file holds. Another version means that it was replaced. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly version: string;
}

export class Directory {
  readonly path: string;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the directory (0700) unless it is there, and removes what processes that died left half done in it. */
  async open(): Promise<void> {
    await io(mkdir(this.path, { recursive: true, mode: 0o700 }));
    for (const name of await io(readdir(this.path))) {
      if (processLabel(name) === TEMPORARY && (await isAbandoned(name))) await this.#remove(name);
    }
  }

  /** The names of all files but temporary ones, in no order. */
  async names(): Promise<string[]> {
    return (await io(readdir(this.path))).filter((name) => processLabel(name) !== TEMPORARY);
  }

  /** Creates a file (0600). False, and nothing has changed, when the name is taken. */
  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    const temporary = await this.#writeTemporary(bytes);
    try {
      // A rename would replace what is there; a link never does.
      await link(join(this.path, temporary), join(this.path, name));
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw ioError(error);
    } finally {
      await this.#remove(temporary);
    }
    try {
      await this.sync();
    } catch (error) {
      await this.#remove(name);
      throw error;
    }
    return true;
  }

  /** Replaces a file, or creates it (0600). */
  async replace(name: string, bytes: Uint8Array): Promise<void> {
    const temporary = await this.#writeTemporary(bytes);
    try {
      await rename(join(this.path, temporary), join(this.path, name));
    } catch (error) {
      await this.#remove(temporary);
      throw ioError(error);
    }
    await this.sync();
  }

  /** Undefined when there is none. Throws 'unreadable' for what is no plain file, or longer than `maxBytes`. */
  async read(name: string, maxBytes: number): Promise<Content | undefined> {
    try {
      return await withFile(join(this.path, name), READ_FLAGS, async (file) => {
        const stats = await file.stat({ bigint: true });
        if (!stats.isFile()) throw new StoreError('unreadable', 'not a plain file');
        if (stats.size > maxBytes) throw new StoreError('unreadable', `${stats.size} bytes long`);
        return { bytes: await file.readFile(), version: versionOf(stats) };
      });
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (errorCode(error) === 'ENOENT') return undefined;
      if (errorCode(error) === 'ELOOP') throw new StoreError('unreadable', 'a link', { cause: error });
      throw ioError(error);
    }
  }

  /** The version of a file, at a fraction of what reading it costs; undefined when there is none. */
  async version(name: string): Promise<string | undefined> {
    try {
      return versionOf(await lstat(join(this.path, name), { bigint: true }));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw ioError(error);
    }
  }

  /**
   * Resolves when every name that was given or taken before the call is on the disk. A flush under way may have begun
   * too early for it, so it takes part in the next one, with all others that ask meanwhile: a thousand writes at once
   * cost a few flushes.
   */
  sync(): Promise<void> {
    this.#queued ??= this.#flushNext();
    return this.#queued;
  }

  async #flushNext(): Promise<void> {
    await this.#running?.catch(() => {});
    this.#running = this.#queued;
    this.#queued = undefined;
    await io(flush(this.path));
  }

  async #writeTemporary(bytes: Uint8Array): Promise<string> {
    const name = await processName(TEMPORARY);
    try {
      await writeFile(join(this.path, name), bytes, { flag: 'wx', mode: 0o600, flush: true });
    } catch (error) {
      await this.#remove(name);
      throw ioError(error);
    }
    return name;
  }

  /** A file that cannot be removed now is one more for the next start to remove. */
  async #remove(name: string): Promise<void> {
    await rm(join(this.path, name), { force: true }).catch(() => {});
  }
}

/** A file and its replacement exist side by side for a moment, so their inodes differ. */
function versionOf({ ino, mtimeNs }: BigIntStats): string {
  return `${ino}-${mtimeNs}`;
}

async function flush(path: string): Promise<void> {
  // Windows opens no directories, and its file system keeps names in a journal of its own.
  if (process.platform === 'win32') return;
  await withFile(path, constants.O_RDONLY, (directory) => directory.sync());
}

async function withFile<T>(path: string, flags: number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** Awaits a call to the file system; its failure becomes a StoreError 'io'. */
export async function io<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw ioError(error);
  }
}

function ioError(cause: unknown): StoreError {
  // The system's message holds the path; whoever may see it finds it in the cause.
  return new StoreError('io', `the file system refused: ${errorCode(cause) ?? 'unknown error'}`, { cause });
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
