/**
 * The target's store as files, seen from beside: names → stamps → SeenFile, and a file whose stamp is known is not read
 * again.
 *
 * How far it looks: into the store, and at what appears beside it. A task id of `../x` lands in the store, `../../x`
 * beside it, and whoever got there would get further up as well. What stood beside the store from the beginning, such as
 * the target's log or another store, is nobody's trace; nor is anything in a folder that everybody writes to, as /tmp
 * is. A store in a folder of its own shows the most.
 */

import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  statSync,
} from 'node:fs';
import { mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { IdSlot } from '../scenario/bytes.ts';
import type { PreloadedTask } from '../scenario/scenario.ts';
import { printable } from '../util/printable.ts';
import {
  type FileSnapshot,
  MAX_KEPT_FILE_BYTES,
  type StoreObserver,
  type StoreSnapshot,
} from './observer.ts';
import { ObserverError } from './observer-error.ts';

/** Files and folders that are looked at; a store with more is no store of a test. */
const MAX_ENTRIES = 20_000;
/** Bytes that are read for one look. */
const MAX_READ_BYTES = 256 * 1024 * 1024;
/** How long a look is put off for others to share it. */
const SHARED_MS = 10;
/** What changes twice within a tick of the file system's clock, 10 ms at most, may keep its stamp. */
const TICK_MS = 50;
/** A link that takes a file's place is not followed, and a pipe does not block. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What a look meets where others move files meanwhile. */
const VANISHED: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EINVAL'];

/**
 * Observes the store in a directory, which has to have a received/ in it. `now` dates planted tasks. Throws an
 * ObserverError 'no-store', or what every look may throw: 'store-unreadable', 'store-too-large'.
 */
export async function observeStore(
  tasksDir: string,
  now: () => Date = () => new Date(),
): Promise<StoreObserver> {
  const path = await realpath(tasksDir).catch((cause: unknown) => {
    throw new ObserverError('no-store', `there is no store ${printable(tasksDir)}`, { cause });
  });
  const received = await stat(join(path, 'received')).catch(() => undefined);
  if (!received?.isDirectory()) {
    throw new ObserverError('no-store', `${printable(tasksDir)} is no store: it has no folder received`);
  }
  const observer = new FolderObserver(path, now);
  await observer.snapshot();
  return observer;
}

/** What one look has cost so far. */
interface ReadBudget {
  entries: number;
  readBytes: number;
}

class FolderObserver implements StoreObserver {
  readonly store: string;
  readonly #folder: string;
  readonly #now: () => Date;
  /** Names beside the store that are not looked at; undefined if none there is. */
  readonly #ignoredNames: ReadonlySet<string> | undefined;
  #known = new Map<string, { readonly stamp: string; readonly file: FileSnapshot }>();
  #next: Promise<StoreSnapshot> | undefined;

  constructor(path: string, now: () => Date) {
    this.store = basename(path);
    this.#folder = dirname(path);
    this.#now = now;
    const isEverybodys = (statSync(this.#folder).mode & 0o002) !== 0;
    this.#ignoredNames = isEverybodys ? undefined : new Set(this.#namesIn('.'));
  }

  /** Calls that come close together share one look. */
  snapshot(): Promise<StoreSnapshot> {
    this.#next ??= setTimeout(SHARED_MS).then(() => {
      this.#next = undefined;
      return this.#readAll();
    });
    return this.#next;
  }

  async stat(paths: readonly string[]): Promise<StoreSnapshot> {
    const effort: ReadBudget = { entries: 0, readBytes: 0 };
    const files = new Map<string, FileSnapshot>();
    for (const path of paths) {
      const seen = this.#snapshotOf(path, effort);
      if (seen !== undefined && seen !== 'folder') files.set(path, seen);
    }
    return { store: this.store, files };
  }

  /** Throws an ObserverError 'store-unwritable'. */
  async preload({ side, taskId, status }: PreloadedTask, idOf: (slot: IdSlot) => string): Promise<void> {
    const id = idOf(taskId);
    const folder = join(this.#folder, this.store, side);
    const temporary = join(this.#folder, this.store, `.${randomBytes(8).toString('hex')}`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(temporary, taskFile(id, status, this.#now()), { flag: 'wx', mode: 0o600 });
      await rename(temporary, join(folder, `${id}.json`));
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw new ObserverError('store-unwritable', `no task can be put into ${printable(folder)}`, { cause });
    }
  }

  /** Looks at each file synchronously: a tenth of the time that a round through the thread pool takes, for thousands. */
  #readAll(): StoreSnapshot {
    const effort: ReadBudget = { entries: 0, readBytes: 0 };
    const files = new Map<string, FileSnapshot>();
    const pending = [this.store, ...this.#appeared()];
    for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
      const seen = this.#snapshotOf(path, effort);
      if (seen === 'folder') for (const name of this.#namesIn(path)) pending.push(`${path}/${name}`);
      else if (seen !== undefined) files.set(path, seen);
    }
    this.#known = new Map([...this.#known].filter(([path]) => files.has(path)));
    return { store: this.store, files };
  }

  /** What stands beside the store and did not when it was opened. */
  #appeared(): string[] {
    const strangers = this.#ignoredNames;
    return strangers === undefined ? [] : this.#namesIn('.').filter((name) => !strangers.has(name));
  }

  /** Undefined for what vanished meanwhile. */
  #snapshotOf(path: string, effort: ReadBudget): FileSnapshot | 'folder' | undefined {
    return this.#unlessVanished(path, () => {
      const stats = lstatSync(resolve(this.#folder, path));
      effort.entries += 1;
      if (effort.entries > MAX_ENTRIES) this.#refuse(`over ${MAX_ENTRIES} files`);
      if (stats.isDirectory()) return 'folder';
      const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.file;
      const file = this.#read(path, stats, effort);
      if (this.#now().getTime() - stats.ctimeMs > TICK_MS) this.#known.set(path, { stamp, file });
      else this.#known.delete(path);
      return file;
    });
  }

  #read(path: string, stats: Stats, effort: ReadBudget): FileSnapshot {
    const mode = stats.mode & 0o777;
    const full = resolve(this.#folder, path);
    if (stats.isSymbolicLink()) return fileSnapshot('link', readlinkSync(full, { encoding: 'buffer' }), mode);
    if (!stats.isFile()) return fileSnapshot('other', Buffer.alloc(0), mode);
    effort.readBytes += stats.size;
    if (effort.readBytes > MAX_READ_BYTES) this.#refuse(`over ${MAX_READ_BYTES} bytes`);
    const descriptor = openSync(full, READ_FLAGS);
    try {
      return fileSnapshot('file', readFileSync(descriptor), mode);
    } finally {
      closeSync(descriptor);
    }
  }

  #namesIn(path: string): string[] {
    return this.#unlessVanished(path, () => readdirSync(join(this.#folder, path))) ?? [];
  }

  /** What cannot be read counts only inside the store: beside it, nobody said that it can. */
  #unlessVanished<T>(path: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (cause) {
      if (cause instanceof ObserverError) throw cause;
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (VANISHED.includes(code) || path.split('/')[0] !== this.store) return undefined;
      const message = `${printable(join(this.#folder, path))} cannot be read`;
      throw new ObserverError('store-unreadable', message, { cause });
    }
  }

  #refuse(why: string): never {
    const path = printable(join(this.#folder, this.store));
    throw new ObserverError('store-too-large', `the store ${path} is too large to be watched: ${why}`);
  }
}

function fileSnapshot(type: FileSnapshot['type'], bytes: Uint8Array, mode: number): FileSnapshot {
  return {
    type,
    sizeBytes: bytes.length,
    digest: createHash('sha256').update(bytes).digest('hex'),
    ...(bytes.length <= MAX_KEPT_FILE_BYTES && { bytes }),
    mode,
  };
}

/** A task as the target itself would have written it (M13). */
function taskFile(id: string, status: string, now: Date): string {
  // No zeros at the end of the fraction: the target may write the time as it reads it, and then nothing has changed.
  const at = now.toISOString().replace(/\.?0+Z$/, 'Z');
  const task = {
    task_id: id,
    task_description: 'planted by the kit',
    created_at: at,
    status,
    status_justification: 'A new task was created',
    from: '0:0000.0000.0001',
    to: '0:0000.0000.0002',
    ...(status !== 'NEW' && { accepted_at: at }),
  };
  return JSON.stringify(task, null, 2);
}
