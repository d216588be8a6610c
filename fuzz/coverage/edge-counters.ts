/**
 * Edge counters of an instrumented target, in a file that it shares with the kit: one byte for each edge. An edge is new if it
 * ran, or ran more often than before by an order of magnitude, as in AFL: once, twice, three times, 4, 8, 16, 32, 128 times or
 * more. The runtimes for targets are in this folder.
 */

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { printable } from '../../conformance/util/printable.ts';

/** Bytes of the file, a power of two. */
const LEAST_COUNTERS = 256;
const MOST_COUNTERS = 16 * 1024 * 1024;

/** The bit of each count. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, count) => classOf(count));

function classOf(count: number): number {
  if (count < 4) return count === 0 ? 0 : 1 << (count - 1);
  const limits = [8, 16, 32, 128];
  const at = limits.findIndex((limit) => count < limit);
  return 1 << (3 + (at < 0 ? limits.length : at));
}

/** The edge of a number that `takeNew` gives. */
export function edgeOf(found: number): number {
  return Math.floor(found / 256);
}

/** The file holds no edge counters, or the target counts nothing in it. */
export class CoverageError extends Error {
  override readonly name = 'CoverageError';
}

export class EdgeCounters {
  readonly #file: number;
  readonly #counters: Uint8Array;
  readonly #words: Uint32Array;
  readonly #zeros: Uint8Array;
  /** For each edge, the classes of its counts so far. */
  readonly #seen: Uint8Array;
  #edges = 0;

  private constructor(file: number, counters: number) {
    this.#file = file;
    this.#counters = new Uint8Array(counters);
    this.#words = new Uint32Array(this.#counters.buffer);
    this.#zeros = new Uint8Array(counters);
    this.#seen = new Uint8Array(counters);
  }

  /** Opens the file that the target has made. Throws a CoverageError for a file of another length, and the system's error. */
  static open(path: string): EdgeCounters {
    const file = openSync(path, 'r+');
    const { size } = fstatSync(file);
    if (size >= LEAST_COUNTERS && size <= MOST_COUNTERS && (size & (size - 1)) === 0)
      return new EdgeCounters(file, size);
    closeSync(file);
    throw new CoverageError(`${printable(path)} has ${size} bytes, which are no edge counters`);
  }

  /** Edges that ran so far. */
  get edges(): number {
    return this.#edges;
  }

  /** Sets all counters to zero. For a time when the target is idle. */
  reset(): void {
    writeSync(this.#file, this.#zeros, 0, this.#zeros.length, 0);
  }

  /** What is new since `reset`, as numbers that stand for an edge and a class. It stays new until `remember`. */
  takeNew(): readonly number[] {
    const found: number[] = [];
    for (const edge of this.#ran()) {
      const is = CLASSES[this.#counters[edge] ?? 0] ?? 0;
      if (((this.#seen[edge] ?? 0) & is) === 0) found.push(edge * 256 + is);
    }
    return found;
  }

  /** The edges that ran since `reset`, and never before in what was remembered, however often they ran. */
  takeNewEdges(): readonly number[] {
    return this.#ran().filter((edge) => this.#seen[edge] === 0);
  }

  #ran(): readonly number[] {
    readSync(this.#file, this.#counters, 0, this.#counters.length, 0);
    const ran: number[] = [];
    for (let edge = 0; edge < this.#counters.length; edge += 1) {
      // Most counters are zero, so four are looked at together.
      if (edge % 4 === 0 && this.#words[edge / 4] === 0) edge += 3;
      else if (this.#counters[edge] !== 0) ran.push(edge);
    }
    return ran;
  }

  /** What `takeNew` found is not new any more. */
  remember(found: Iterable<number>): void {
    for (const one of found) {
      const edge = edgeOf(one);
      if (this.#seen[edge] === 0) this.#edges += 1;
      this.#seen[edge] = (this.#seen[edge] ?? 0) | (one % 256);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
