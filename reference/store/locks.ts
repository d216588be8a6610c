/**
 * Mutual exclusion for each key, between the calls of this process and of other processes on the same directory.
 *
 * Within a process, calls for a key wait for each other. Between processes, each caller creates a ticket, an empty
 * file with a unique name, and then lists the directory. It holds the lock when it sees no other ticket for the key.
 * Of two callers, the one that created its ticket second sees the ticket of the first, so two callers never hold the
 * lock. If both see each other, the one whose name sorts higher removes its ticket and tries again. After a crash the
 * owner of a ticket has ended; all others ignore such a ticket and may remove it. (One lock file with a fixed name
 * would not do: two processes that find it stale can both remove it, and the second may remove the new lock of the
 * first.)
 *
 * All processes must see each other's pids, so they run on one machine and in one container.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDirectory } from './directory.ts';
import { io } from './io.ts';
import { isAbandoned, processLabel, processName } from './process-name.ts';
import { StoreError } from './store-error.ts';

const LONGEST_PAUSE_MS = 16;

export class Locks {
  readonly #path: string;
  readonly #maxWaitMs: number;
  /** By key, the end of the last call that was made for it. */
  readonly #lastCalls = new Map<string, Promise<unknown>>();
  /** The tickets that have ended, and that could not be removed. */
  readonly #ended = new Set<string>();

  /**
   * `maxWaitMs`: milliseconds to wait for another process. Only the pauses between attempts count, so a call may wait
   * longer.
   */
  constructor(path: string, maxWaitMs = 10_000) {
    this.#path = path;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Creates the directory (0700) if it is missing, and removes the tickets of processes that have ended. */
  async open(): Promise<void> {
    await makeDirectory(this.#path);
    if (!(await io(lstat(this.#path))).isDirectory())
      throw new StoreError('io', 'the folder of the locks is a link, or not a directory');
    for (const name of await io(readdir(this.#path))) {
      if (await isAbandoned(name)) await this.#remove(name);
    }
  }

  /**
   * Runs `work` while no other call runs for the same key, and settles as `work` does. Not reentrant. Throws a
   * StoreError 'locked' or 'io' when it cannot acquire the lock; it has not called `work` then.
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#lastCalls.get(key) ?? Promise.resolve()).then(() => this.#runAlone(key, work));
    const end = turn.catch(() => {});
    this.#lastCalls.set(key, end);
    try {
      return await turn;
    } finally {
      if (this.#lastCalls.get(key) === end) this.#lastCalls.delete(key);
    }
  }

  async #runAlone<T>(key: string, work: () => Promise<T>): Promise<T> {
    for (const ticket of this.#ended) await this.#remove(ticket);
    // A hash, because some file systems return a name in another spelling.
    const label = createHash('sha256').update(key).digest('hex').slice(0, 32);
    const ticket = await this.#acquire(label);
    try {
      return await work();
    } finally {
      await this.#remove(ticket);
    }
  }

  async #acquire(label: string): Promise<string> {
    let ticket: string | undefined;
    try {
      for (let waitedMs = 0, pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        if (ticket === undefined) {
          ticket = await processName(label);
          await io(writeFile(join(this.#path, ticket), '', { flag: 'wx', mode: 0o600 }));
        }
        const own = ticket;
        const rivals = await this.#rivals(label, own);
        if (rivals.length === 0) return own;
        if (waitedMs >= this.#maxWaitMs) throw new StoreError('locked', `the lock is held by ${rivals[0]}`);
        if (rivals.some((rival) => rival < own)) {
          await this.#remove(own);
          ticket = undefined;
        }
        await delay(pauseMs);
        waitedMs += pauseMs;
      }
    } catch (error) {
      if (ticket !== undefined) await this.#remove(ticket);
      throw error;
    }
  }

  /** The tickets of other callers for the same lock that have not ended. */
  async #rivals(label: string, ticket: string): Promise<string[]> {
    const rivals: string[] = [];
    for (const name of await io(readdir(this.#path))) {
      if (processLabel(name) !== label || name === ticket) continue;
      if (this.#ended.has(name) || (await isAbandoned(name))) await this.#remove(name);
      else rivals.push(name);
    }
    return rivals;
  }

  /** Removes a ticket that has ended. Never rejects: if the file system fails, the next call tries again. */
  async #remove(ticket: string): Promise<void> {
    try {
      await rm(join(this.#path, ticket), { force: true });
      this.#ended.delete(ticket);
    } catch {
      this.#ended.add(ticket);
    }
  }
}
