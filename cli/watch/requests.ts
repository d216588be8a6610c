/** What a person asks for while the kit watches: by a key, or by changing a file. Requests wait until they are taken. */

/** `again` judges the same scenarios as the last time. */
export type Key = 'failed' | 'all' | 'again' | 'quit';

/** What was asked for since the last judging. */
export interface Requests {
  /** In the order in which they were pressed. */
  readonly keys: readonly Key[];
  /** Paths; empty if no file changed. */
  readonly changed: readonly string[];
}

export class RequestQueue {
  #keys: Key[] = [];
  #changed: string[] = [];
  #isChanging = false;
  readonly #listeners = new Set<() => void>();

  press(key: Key): void {
    this.#keys.push(key);
    this.#tell();
  }

  /** A burst of changes has begun: what runs is out of date, and what it leads to is not there yet. */
  beginChange(): void {
    this.#isChanging = true;
    this.#tell();
  }

  endChange(changed: readonly string[]): void {
    this.#isChanging = false;
    this.#changed.push(...changed);
    this.#tell();
  }

  /** Whether something was asked for, or is about to be. */
  get isPending(): boolean {
    return this.#isChanging || this.#keys.length > 0 || this.#changed.length > 0;
  }

  /** Calls `listener` as soon as something is pending. Returns the function that takes it back. */
  whenPending(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.isPending) listener();
    return () => this.#listeners.delete(listener);
  }

  /** Waits for a request, and takes all that there are. A burst of changes ends first. Rejects with the reason of the signal. */
  async take(signal: AbortSignal): Promise<Requests> {
    signal.throwIfAborted();
    const isReady = (): boolean => this.isPending && (!this.#isChanging || this.#keys.includes('quit'));
    if (!isReady())
      await new Promise<void>((resolve, reject) => {
        const end = (settle: () => void): void => {
          this.#listeners.delete(check);
          signal.removeEventListener('abort', abort);
          settle();
        };
        const check = (): void => {
          if (isReady()) end(resolve);
        };
        const abort = (): void => end(() => reject(signal.reason));
        this.#listeners.add(check);
        signal.addEventListener('abort', abort);
      });
    const taken = { keys: this.#keys, changed: this.#changed };
    this.#keys = [];
    this.#changed = [];
    return taken;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
