/** How many clients run at a time. */

/** A bounded number of lanes; those who wait get them in the order in which they asked. */
export class Lanes {
  readonly #count: number;
  #free: number;
  readonly #waiting: { readonly lanes: number; readonly go: () => void }[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Runs the work in a lane of its own. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#with(1, work);
  }

  /** Runs the work while nothing else runs. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#with(this.#count, work);
  }

  async #with<T>(lanes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((go) => {
      this.#waiting.push({ lanes, go });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#free += lanes;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && first.lanes <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= first.lanes;
      first.go();
    }
  }
}
