/**
 * A directory whose files are complete or absent, even after a crash or a power failure: bytes → temporary file in
 * the same directory → fsync → one atomic link or rename → fsync of the directory. A write resolves after the last
 * step.
 *
 * In the reference, only the files of this folder use the file system. Errors are StoreErrors, 'io' unless a method
 * names another code. The file system must be local. Where it has no hard links, as exFAT, a file is created under a lock
 * of its name: processes of this implementation still cannot replace each other's files, any other process can.
 */
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  BatchWriter,
  CAN_OPEN_DIRECTORIES,
  checkDirectory,
  type Place,
  type Placed,
  TEMPORARY,
} from './batch-writer.ts';
import { errorCode, io, ioError, link, rename } from './io.ts';
import { isAbandoned, processLabel } from './process-name.ts';
import { StoreError } from './store-error.ts';

/** Does not follow a link and does not block on a pipe, because `read` refuses everything but a regular file. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The content of a file. The version changes whenever the file is replaced. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** Runs `work` while no other call runs for the same key; `Locks` does. */
interface Exclusion {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** How `link` fails on a file system without hard links. */
const NO_HARD_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

export class Directory {
  readonly path: string;
  readonly #folder: string;
  readonly #locks: Exclusion;
  readonly #writer: BatchWriter;
  #hasLinks = true;

  /** The directory `folder` of the store at `store`, whose locks are `locks`. */
  constructor(store: string, folder: string, locks: Exclusion) {
    this.path = join(store, folder);
    this.#folder = folder;
    this.#locks = locks;
    this.#writer = new BatchWriter(this.path);
  }

  /**
   * The key of the lock of a file: its place in the store. Processes that reach the store by different paths, such as a
   * relative one or a link, use the same.
   */
  lockKey(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Creates the directory (0700) if it is missing, and removes temporary files of processes that have ended. */
  async open(): Promise<void> {
    await makeDirectory(this.path);
    await checkDirectory(this.path);
    for (const name of await io(readdir(this.path))) {
      if (processLabel(name) === TEMPORARY && (await isAbandoned(name))) await this.#remove(name);
    }
  }

  /** The names of all files except temporary ones, in no order. */
  async names(): Promise<string[]> {
    await checkDirectory(this.path);
    return (await io(readdir(this.path))).filter((name) => processLabel(name) !== TEMPORARY);
  }

  /** Creates a file (0600). Resolves to false, with nothing changed, when the name exists. */
  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    const path = join(this.path, name);
    if (this.#hasLinks) {
      const placed = await this.#write(name, bytes, (temporary) => linkTo(path, temporary));
      if (placed !== 'nowhere') return placed !== 'exists';
      this.#hasLinks = false;
    }
    // The lock is taken around the write, not in it: no other file of the batch waits for it.
    const placed = await this.#locks.run(`create ${this.lockKey(name)}`, () =>
      this.#write(name, bytes, async (temporary) => {
        if ((await this.version(name)) !== undefined) return 'exists';
        await io(rename(temporary, path));
        return 'renamed';
      }),
    );
    return placed !== 'exists';
  }

  /** Writes a new file. If its name could not be flushed, it is removed. */
  async #write(name: string, bytes: Uint8Array, place: Place): Promise<Placed> {
    let hasName = false;
    try {
      return await this.#writer.write(bytes, async (temporary) => {
        const placed = await place(temporary);
        hasName = placed === 'linked' || placed === 'renamed';
        return placed;
      });
    } catch (error) {
      if (hasName) await this.#remove(name);
      throw error;
    }
  }

  /** Replaces a file, or creates it (0600). */
  async replace(name: string, bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes, async (temporary) => {
      await io(rename(temporary, join(this.path, name)));
      return 'renamed';
    });
  }

  /**
   * Reads a file; undefined when it does not exist. Throws 'unreadable' unless it is regular and has at most
   * `maxBytes`.
   */
  async read(name: string, maxBytes: number): Promise<Content | undefined> {
    await checkDirectory(this.path);
    try {
      return await withFile(join(this.path, name), READ_FLAGS, async (file) => {
        const stats = await file.stat({ bigint: true });
        if (!stats.isFile()) throw new StoreError('unreadable', 'not a regular file');
        if (stats.size > maxBytes)
          throw new StoreError(
            'unreadable',
            `the file has ${stats.size} bytes, at most ${maxBytes} are allowed`,
          );
        return { bytes: await file.readFile(), version: versionOf(stats) };
      });
    } catch (error) {
      if (error instanceof StoreError) throw error;
      if (errorCode(error) === 'ENOENT') return undefined;
      if (errorCode(error) === 'ELOOP')
        throw new StoreError('unreadable', 'the file is a link', { cause: error });
      throw ioError(error);
    }
  }

  /** The version of a file without reading it; undefined when the file does not exist. */
  async version(name: string): Promise<string | undefined> {
    try {
      return versionOf(await lstat(join(this.path, name), { bigint: true }));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw ioError(error);
    }
  }

  /** Resolves when every name that was created or removed before the call is on the disk. Throws a StoreError 'io'. */
  async sync(): Promise<void> {
    await this.#writer.sync();
  }

  /** Ignores a failure, because `open` removes the file at the next start. */
  async #remove(name: string): Promise<void> {
    await rm(join(this.path, name), { force: true }).catch(() => {});
  }
}

/** Gives a file a second name. A rename would replace an existing file; a link does not. */
async function linkTo(path: string, temporary: string): Promise<Placed> {
  try {
    await link(temporary, path);
    return 'linked';
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (code === 'EEXIST') return 'exists';
    if (NO_HARD_LINKS.includes(code)) return 'nowhere';
    throw ioError(error);
  }
}

/** A file and its replacement exist at the same time for a moment, so their inodes differ. */
function versionOf({ ino, mtimeNs }: BigIntStats): string {
  return `${ino}-${mtimeNs}`;
}

/**
 * Creates a directory (0700), and those on the way to it, unless they exist. Resolves when they are on the disk. Does not use the
 * recursive `mkdir` of Node.js, which never settles in a working directory that was removed.
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeDirectory(parent);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (errorCode(error) !== 'EEXIST' || !(await isDirectory(path))) throw ioError(error);
  }
  // Every name on the way is an entry of its parent: without this, a crash can lose the store as a whole.
  await io(flush(parent));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw ioError(error);
  }
}

async function flush(path: string): Promise<void> {
  if (!CAN_OPEN_DIRECTORIES) return;
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
