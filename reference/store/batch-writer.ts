/**
 * Writes files to one directory in batches (group commit). All files that arrive while those of a batch are written make the
 * next one. In a batch, each file goes to a temporary file, to the disk, and then gets its name; one fsync of the directory ends the
 * batch, while the files of the next one are already being written. So a thousand concurrent files need few fsyncs of the
 * directory, and a single file waits for nothing but its own.
 */
import { constants } from 'node:fs';
import { join } from 'node:path';
import { close, fsync, io, ioError, lstat, open, SYNCED_WRITES, unlink, write } from './io.ts';
import { processName } from './process-name.ts';
import { StoreError } from './store-error.ts';

/** The label of temporary files, for `processLabel`. */
export const TEMPORARY = '.tmp';

/** Windows cannot open a directory as a file, to flush it. Its file system records names in a journal. */
export const CAN_OPEN_DIRECTORIES = process.platform !== 'win32';

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

/** The most files in a batch, inclusive. All of them are open at a time. */
const MAX_BATCH = 64;

/**
 * What became of a temporary file: it has a second name, it has another name, the name was taken, or the file system has no
 * second names.
 */
export type Placed = 'linked' | 'renamed' | 'exists' | 'nowhere';

/** Gives the temporary file at a path its name. It must not wait long: the other files of its batch wait for it. */
export type Place = (temporary: string) => Promise<Placed>;

interface Entry {
  /** Undefined: only the directory is to be on the disk. */
  readonly file: { readonly bytes: Uint8Array; readonly place: Place } | undefined;
  readonly resolve: (placed: Placed) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchWriter {
  readonly #path: string;
  #waiting: Entry[] = [];
  #isRunning = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Writes the bytes to a new file (0600) and gives it a name by `place`. Resolves when file and name are on the disk.
   * Throws a StoreError 'io', also after `place` has succeeded, when the name may not be on the disk.
   */
  async write(bytes: Uint8Array, place: Place): Promise<Placed> {
    return await this.#add({ bytes, place });
  }

  /** Resolves when every name that was given or removed before the call is on the disk. Throws a StoreError 'io'. */
  async sync(): Promise<void> {
    await this.#add(undefined);
  }

  #add(file: Entry['file']): Promise<Placed> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ file, resolve, reject });
      if (!this.#isRunning) void this.#writeBatches();
    });
  }

  async #writeBatches(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#writeBatch(this.#waiting.splice(0, MAX_BATCH));
    this.#isRunning = false;
  }

  /** Resolves when the files of the batch have their names. Never rejects. */
  async #writeBatch(batch: readonly Entry[]): Promise<void> {
    const leftOver: Promise<unknown>[] = [];
    try {
      const directory = await openDirectory(this.#path);
      const placed = await Promise.all(batch.map((entry) => this.#writeOne(entry, leftOver)));
      void settle(placed, directory, leftOver);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Never rejects. `leftOver` receives what need not end before the fsync of the directory begins. */
  async #writeOne(entry: Entry, leftOver: Promise<unknown>[]): Promise<Written> {
    if (entry.file === undefined) return { entry, placed: 'nowhere' };
    const { bytes, place } = entry.file;
    let path: string | undefined;
    let placed: Placed = 'nowhere';
    try {
      path = join(this.#path, await processName(TEMPORARY));
      const file = await io(open(path, NEW_FILE | SYNCED_WRITES, 0o600));
      try {
        await io(writeAll(file, bytes));
        if (SYNCED_WRITES === 0) await io(fsync(file));
      } finally {
        leftOver.push(close(file).catch(ignore));
      }
      placed = await place(path);
      return { entry, placed };
    } catch (fault) {
      return { entry, placed, fault };
    } finally {
      // A failure is ignored, because the next start removes temporary files.
      if (path !== undefined && placed !== 'renamed') leftOver.push(unlink(path).catch(ignore));
    }
  }
}

const ignore = (): void => {};

/** What became of one entry of a batch. */
interface Written {
  readonly entry: Entry;
  readonly placed: Placed;
  readonly fault?: unknown;
}

/** Settles the entries of a batch when the directory is on the disk. A fault of one file fails that file alone. */
async function settle(
  batch: readonly Written[],
  directory: number | undefined,
  leftOver: Promise<unknown>[],
): Promise<void> {
  let syncFault: unknown;
  try {
    if (directory !== undefined) await io(fsync(directory));
  } catch (fault) {
    syncFault = fault;
  }
  // A task does not wait for it: each call that it waits for costs a way through the threads of Node.js.
  if (directory !== undefined) void close(directory).catch(ignore);
  await Promise.all(leftOver);
  for (const { entry, placed, fault = syncFault } of batch) {
    if (fault === undefined) entry.resolve(placed);
    else entry.reject(fault);
  }
}

async function writeAll(file: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await write(file, bytes, at, bytes.length - at, null)).bytesWritten;
}

/**
 * Opens the directory for fsync. Throws a StoreError 'io' unless the path is a directory: a link in its place would lead out
 * of the store, also when it was put there while the store was in use. Node.js cannot open a file relative to a directory,
 * so the check comes before each batch. Undefined where directories cannot be opened.
 */
async function openDirectory(path: string): Promise<number | undefined> {
  if (!CAN_OPEN_DIRECTORIES) {
    await checkDirectory(path);
    return undefined;
  }
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    await checkDirectory(path);
    throw ioError(error);
  }
}

/** Throws a StoreError 'io' unless the path is a directory and not a link. */
export async function checkDirectory(path: string): Promise<void> {
  if (!(await io(lstat(path))).isDirectory())
    throw new StoreError('io', 'a folder of the store is a link, or not a directory');
}
