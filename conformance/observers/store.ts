/**
 * Reads the target's store as files: names → stamps → FileSnapshot. A file whose stamp is known is not read again.
 *
 * It covers the store and files that appear next to it: a task id of `../x` writes into the store, `../../x` next to it.
 * Next to the store, other programs write too: a log, temporary files, another store. So only files whose path contains a
 * task id show there, and none in a folder that existed when the store was opened, or that looks like another store.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  opendirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { realpath, stat, unlink } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { IdSlot } from '../scenario/bytes.ts';
import type { PreloadedTask } from '../scenario/scenario.ts';
import { isWithin } from '../util/is-within.ts';
import { printablePath } from '../util/printable.ts';
import { TASK_ID } from '../util/task-id.ts';
import {
  type FileSnapshot,
  MAX_KEPT_FILE_BYTES,
  type StoreObserver,
  type StoreSnapshot,
} from './observer.ts';
import { ObserverError } from './observer-error.ts';
import { PreloadedTasks } from './preloaded-tasks.ts';

/** Most files and folders in one snapshot. */
const MAX_ENTRIES = 20_000;
/** Most bytes read for one snapshot. Files that have not changed are not read again. */
const MAX_READ_BYTES = 256 * 1024 * 1024;
/** Most bytes that one snapshot keeps. */
const MAX_KEPT_BYTES = 48 * 1024 * 1024;
const TOO_MANY_BYTES = `over ${MAX_READ_BYTES} bytes`;
/** What is read of a file at a time. Reads are synchronous, so all of them can use it. */
const chunk = Buffer.alloc(256 * 1024);
/** A snapshot lets other work run after this time, in milliseconds. */
const SLICE_MS = 20;
/** Most files and folders next to the store that one snapshot looks at. */
const MAX_OUTSIDE_ENTRIES = 2000;
/** How many folders deep a snapshot looks next to the store. No path of a scenario leads deeper. */
const MAX_OUTSIDE_DEPTH = 3;
const HAS_TASK_ID = new RegExp(TASK_ID);
/** A folder of a store (section 7). */
const STORE_FOLDER = /\/(?:received|submitted|results)(?:\/|$)/;
/** Delay of a snapshot, so that concurrent calls share it. */
const SHARED_MS = 10;
/** A file that changes twice within one tick of the file system's clock, at most 10 ms, can keep its stamp. */
const TICK_MS = 50;
/** Does not follow a link that replaced the file, and does not block on a pipe. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** An error for each file that vanished would take most of the time. */
const MAY_VANISH = { throwIfNoEntry: false } as const;
/** Error codes for files that the target moved or removed meanwhile. */
const VANISHED: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'];

/**
 * Observes the store in a directory, which must contain `received/`. `now` dates preloaded tasks. Throws an ObserverError
 * 'no-store'. What else can be wrong with a store may be the work of the target, so the calls of the observer throw it.
 */
export async function observeStore(
  tasksDir: string,
  now: () => Date = () => new Date(),
): Promise<StoreObserver> {
  if (typeof tasksDir !== 'string')
    throw new ObserverError(
      'no-store',
      `the path of a store is a string, not a value of type ${typeof tasksDir}`,
    );
  const path = await realpath(tasksDir).catch((cause: unknown) => {
    throw new ObserverError('no-store', `the store ${printablePath(tasksDir)} does not exist`, { cause });
  });
  const received = await stat(join(path, 'received')).catch(() => undefined);
  if (!received?.isDirectory()) {
    throw new ObserverError(
      'no-store',
      `${printablePath(tasksDir)} is not a store: it has no folder received`,
    );
  }
  return new FolderObserver(path, now);
}

/** A file that was read, and what shows that it is the same. */
interface Known {
  readonly stamp: Stamp;
  readonly file: FileSnapshot;
}

type Stamp = Pick<Stats, 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>;

function hasStamp(stats: Stats, stamp: Stamp): boolean {
  return (
    stats.ino === stamp.ino &&
    stats.size === stamp.size &&
    stats.mtimeMs === stamp.mtimeMs &&
    stats.ctimeMs === stamp.ctimeMs
  );
}

/** The cost of one snapshot so far. */
interface ReadBudget {
  entries: number;
  readBytes: number;
  keptBytes: number;
}

function newBudget(): ReadBudget {
  return { entries: 0, readBytes: 0, keptBytes: 0 };
}

class FolderObserver implements StoreObserver {
  readonly store: string;
  readonly #folder: string;
  readonly #now: () => Date;
  readonly #preloaded: PreloadedTasks;
  /** Names in the parent folder when the store was opened. */
  readonly #oldNames: ReadonlySet<string>;
  readonly #known = new Map<string, Known>();
  #next: Promise<StoreSnapshot> | undefined;

  constructor(path: string, now: () => Date) {
    this.store = basename(path);
    this.#folder = dirname(path);
    this.#now = now;
    this.#preloaded = new PreloadedTasks(path, now);
    this.#oldNames = new Set(this.#namesIn('.'));
  }

  /** Calls within 10 ms share one snapshot. */
  snapshot(): Promise<StoreSnapshot> {
    this.#next ??= setTimeout(SHARED_MS).then(() => {
      this.#next = undefined;
      return this.#readAll();
    });
    return this.#next;
  }

  async stat(paths: readonly string[]): Promise<StoreSnapshot> {
    const budget = newBudget();
    const files = new Map<string, FileSnapshot>();
    for (const path of paths) {
      const file = this.#snapshotOf(path, budget);
      if (file !== undefined && file !== 'folder') files.set(path, file);
    }
    return { store: this.store, files };
  }

  async removeOutside(paths: readonly string[], isMarked: (name: string) => boolean): Promise<void> {
    const store = join(this.#folder, this.store);
    for (const folder of new Set(paths.map((path) => dirname(resolve(this.#folder, path))))) {
      if (isWithin(folder, store)) continue;
      for (const name of this.#namesIn(folder).filter(isMarked)) {
        const file = join(folder, name);
        const isFile = this.#unlessVanished(file, () => lstatSync(file).isFile()) ?? false;
        if (isFile) await unlink(file).catch(() => {});
      }
    }
  }

  preload(task: PreloadedTask, idOf: (slot: IdSlot) => string): Promise<void> {
    return this.#preloaded.write(task, idOf);
  }

  removePreloaded(): readonly string[] {
    return this.#preloaded.remove();
  }

  /** Reads synchronously, slice by slice: for thousands of files, asynchronous reads take ten times as long. */
  async #readAll(): Promise<StoreSnapshot> {
    const budget = newBudget();
    const files = new Map<string, FileSnapshot>();
    const pending = [this.store, ...this.#appeared()];
    let sliceEndsAt = performance.now() + SLICE_MS;
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      if (performance.now() > sliceEndsAt) {
        await setImmediate();
        sliceEndsAt = performance.now() + SLICE_MS;
      }
      const file = this.#snapshotOf(path, budget);
      if (file === 'folder') for (const name of this.#namesOfFolder(path)) pending.push(`${path}/${name}`);
      else if (file !== undefined) files.set(path, file);
    }
    for (const path of this.#known.keys()) if (!files.has(path)) this.#known.delete(path);
    return { store: this.store, files };
  }

  /** Paths next to the store that contain a task id, and that were not there when the store was opened. */
  #appeared(): string[] {
    const found: string[] = [];
    const pending = this.#namesIn('.').filter((name) => !this.#oldNames.has(name));
    for (let entries = 0; pending.length > 0 && entries < MAX_OUTSIDE_ENTRIES; entries += 1) {
      const path = pending.shift() ?? '';
      if (STORE_FOLDER.test(path)) continue;
      if (this.#isFolder(path)) {
        if (path.split('/').length > MAX_OUTSIDE_DEPTH) continue;
        for (const name of this.#namesIn(path)) pending.push(`${path}/${name}`);
      } else if (HAS_TASK_ID.test(path)) found.push(path);
    }
    return found;
  }

  #isFolder(path: string): boolean {
    return this.#unlessVanished(path, () => lstatSync(this.#full(path)).isDirectory()) ?? false;
  }

  /** Undefined for a file that vanished meanwhile. */
  #snapshotOf(path: string, budget: ReadBudget): FileSnapshot | 'folder' | undefined {
    return this.#unlessVanished(path, () => {
      const stats = lstatSync(this.#full(path), MAY_VANISH);
      if (stats === undefined) return undefined;
      budget.entries += 1;
      if (budget.entries > MAX_ENTRIES) this.#refuse(`over ${MAX_ENTRIES} files`);
      const known = this.#known.get(path);
      if (stats.isDirectory()) return 'folder';
      const file = known && hasStamp(stats, known.stamp) ? known.file : this.#read(path, stats, budget);
      budget.keptBytes += file.bytes?.length ?? 0;
      if (budget.keptBytes > MAX_KEPT_BYTES)
        this.#refuse(`over ${MAX_KEPT_BYTES} bytes in files of up to ${MAX_KEPT_FILE_BYTES}`);
      if (file === known?.file) return file;
      const { ino, size, mtimeMs, ctimeMs } = stats;
      if (this.#now().getTime() - ctimeMs > TICK_MS)
        this.#known.set(path, { stamp: { ino, size, mtimeMs, ctimeMs }, file });
      else this.#known.delete(path);
      return file;
    });
  }

  #read(path: string, stats: Stats, budget: ReadBudget): FileSnapshot {
    const mode = stats.mode & 0o777;
    const full = this.#full(path);
    if (stats.isSymbolicLink())
      return smallSnapshot('link', readlinkSync(full, { encoding: 'buffer' }), mode);
    if (!stats.isFile()) return smallSnapshot('other', Buffer.alloc(0), mode);
    if (budget.readBytes + stats.size > MAX_READ_BYTES) this.#refuse(TOO_MANY_BYTES);
    const descriptor = openSync(full, READ_FLAGS);
    try {
      return this.#readFile(descriptor, mode, budget);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Reads a file of any size, which may grow meanwhile, in little memory. */
  #readFile(descriptor: number, mode: number, budget: ReadBudget): FileSnapshot {
    const hash = createHash('sha256');
    const kept: Buffer[] = [];
    let sizeBytes = 0;
    for (let length = readSync(descriptor, chunk); length > 0; length = readSync(descriptor, chunk)) {
      const part = chunk.subarray(0, length);
      hash.update(part);
      sizeBytes += length;
      budget.readBytes += length;
      if (budget.readBytes > MAX_READ_BYTES) this.#refuse(TOO_MANY_BYTES);
      if (sizeBytes <= MAX_KEPT_FILE_BYTES) kept.push(Buffer.from(part));
      else kept.length = 0;
    }
    const bytes = sizeBytes <= MAX_KEPT_FILE_BYTES ? { bytes: Buffer.concat(kept) } : {};
    return { type: 'file', sizeBytes, digest: hash.digest('hex'), ...bytes, mode };
  }

  /** As `#namesIn`, for a folder of any size. */
  #namesOfFolder(path: string): string[] {
    return (
      this.#unlessVanished(path, () => {
        const folder = opendirSync(this.#full(path), { bufferSize: 1024 });
        try {
          const names: string[] = [];
          for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
            names.push(entry.name);
            if (names.length > MAX_ENTRIES) this.#refuse(`over ${MAX_ENTRIES} files`);
          }
          return names;
        } finally {
          folder.closeSync();
        }
      }) ?? []
    );
  }

  #namesIn(path: string): string[] {
    return this.#unlessVanished(path, () => readdirSync(this.#full(path))) ?? [];
  }

  #full(path: string): string {
    return isAbsolute(path) ? path : `${this.#folder}/${path}`;
  }

  /** Undefined if the file vanished, or if it is next to the store and cannot be read. */
  #unlessVanished<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (cause) {
      if (cause instanceof ObserverError) throw cause;
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (VANISHED.includes(code) || path.split('/')[0] !== this.store) return undefined;
      const message = `${printablePath(join(this.#folder, path))} cannot be read (${String(code)})`;
      throw new ObserverError('store-unreadable', message, { cause });
    }
  }

  #refuse(why: string): never {
    const path = printablePath(join(this.#folder, this.store));
    throw new ObserverError('store-too-large', `the store ${path} is too large to be watched: ${why}`);
  }
}

/** Of what is no regular file. */
function smallSnapshot(type: FileSnapshot['type'], bytes: Uint8Array, mode: number): FileSnapshot {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { type, sizeBytes: bytes.length, digest, bytes, mode };
}
