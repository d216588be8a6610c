/**
 * One at a time for each key, whether the others are in this process or in another one on the same directory.
 *
 * Within the process calls queue up. Between processes each caller leaves a ticket, an empty file with a name of its
 * own, then lists the directory: it holds the lock when it sees no other ticket for the key. Of two callers the one whose
 * ticket came second must see the first's, so never do two hold it; both may see each other, and then the one whose name
 * sorts higher takes its ticket back and tries again. A crash leaves a ticket behind whose owner is dead, which everyone
 * ignores and may remove. (With one lock file of a fixed name, two processes that find it stale can each remove it, the
 * second one the fresh lock of the first.)
 *
 * Processes must see each other's pids: of one machine, and of one container.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { io } from './directory.ts';
import { isAbandoned, processLabel, processName } from './process-name.ts';
import { StoreError } from './store-error.ts';

const LONGEST_PAUSE_MS = 16;

export class Locks {
  readonly #path: string;
  readonly #maxWaitMs: number;
  /** The last call in line for each key that is in use. */
  readonly #lastCalls = new Map<string, Promise<unknown>>();

  /** `maxWaitMs`: for another process, at least, since only pauses are counted. */
  constructor(path: string, maxWaitMs = 10_000) {
    this.#path = path;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Makes the directory unless it is there, and removes the tickets of processes that died. */
  async open(): Promise<void> {
    await io(mkdir(this.#path, { recursive: true, mode: 0o700 }));
    for (const name of await io(readdir(this.#path))) {
      if (await isAbandoned(name)) await this.#remove(name);
    }
  }

  /**
   * Runs `work` while nothing else runs under the same key, and passes on its outcome. Not reentrant. Throws a StoreError
   * 'locked' or 'io' instead when the lock could not be had; `work` has not begun then.
   */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#lastCalls.get(key) ?? Promise.resolve()).then(() => this.#runAlone(key, work));
    const over = turn.catch(() => {});
    this.#lastCalls.set(key, over);
    try {
      return await turn;
    } finally {
      if (this.#lastCalls.get(key) === over) this.#lastCalls.delete(key);
    }
  }

  async #runAlone<T>(key: string, work: () => Promise<T>): Promise<T> {
    // A hash, for not every file system gives a name back as it was spelled.
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
    for (let waitedMs = 0, pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      ticket ??= await this.#createTicket(label);
      const rivals = await this.#rivals(label, ticket);
      if (rivals.length === 0) return ticket;
      const expired = waitedMs >= this.#maxWaitMs;
      if (expired || rivals.some((rival) => rival < String(ticket))) {
        await this.#remove(ticket);
        ticket = undefined;
      }
      if (expired) throw new StoreError('locked', `held by ${rivals[0]}`);
      await delay(pauseMs);
      waitedMs += pauseMs;
    }
  }

  async #createTicket(label: string): Promise<string> {
    const ticket = await processName(label);
    await io(writeFile(join(this.#path, ticket), '', { flag: 'wx', mode: 0o600 }));
    return ticket;
  }

  /** The other tickets for the same lock whose owners live. */
  async #rivals(label: string, ticket: string): Promise<string[]> {
    const rivals: string[] = [];
    for (const name of await io(readdir(this.#path))) {
      if (processLabel(name) !== label || name === ticket) continue;
      if (await isAbandoned(name)) await this.#remove(name);
      else rivals.push(name);
    }
    return rivals;
  }

  async #remove(name: string): Promise<void> {
    await io(rm(join(this.#path, name), { force: true }));
  }
}
