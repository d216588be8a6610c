/**
 * Finds out which cases reach new edges of an instrumented target. A batch is looked at as a whole, and only if it reached an
 * edge that never ran are its cases executed again, one at a time. How often an edge ran counts only then: of a batch, it says
 * how many cases there were.
 */

import { printable } from '../../conformance/util/printable.ts';
import type { Case } from '../case/case.ts';
import { CoverageError, EdgeCounters, edgeOf } from '../coverage/edge-counters.ts';
import { EDGES } from './corpus.ts';

/** Edges that a signature names. */
const NAMED = 8;

/** A case that reaches new edges. */
export interface Credited {
  readonly value: Case;
  /** Names some of the edges. */
  readonly signature: string;
}

export class CoverageGuide {
  readonly #counters: EdgeCounters;
  /** Edges that only several cases together have reached. */
  readonly #together = new Set<number>();

  /**
   * Opens the file of a target that has answered. What ran so far is not new. Throws a CoverageError, and the system's error for
   * a file that cannot be opened.
   */
  constructor(path: string) {
    this.#counters = EdgeCounters.open(path);
    this.#counters.remember(this.#counters.takeNew());
    if (this.edges > 0) return;
    this.close();
    throw new CoverageError(
      `the target counts no edges in ${printable(path)}: is it built with fuzz/coverage/conform-coverage.c, and started with CONFORM_COVERAGE set to this file?`,
    );
  }

  /** Edges that ran so far. */
  get edges(): number {
    return this.#counters.edges + this.#together.size;
  }

  /** Before a batch. */
  begin(): void {
    this.#counters.reset();
  }

  /** After the batch. `execute` sends one case; an edge that no case reaches alone is not looked for again. */
  async *credit(
    cases: readonly Case[],
    execute: (value: Case) => Promise<void>,
  ): AsyncGenerator<Credited, void> {
    const missing = new Set(this.#counters.takeNewEdges().filter((edge) => !this.#together.has(edge)));
    for (const value of cases) {
      if (missing.size === 0) return;
      this.#counters.reset();
      await execute(value);
      const found = this.#counters.takeNew();
      this.#counters.remember(found);
      for (const edge of found.map(edgeOf)) {
        missing.delete(edge);
        this.#together.delete(edge);
      }
      if (found.length > 0) yield { value, signature: `${EDGES}${found.slice(0, NAMED).join(' ')}` };
    }
    for (const edge of missing) this.#together.add(edge);
  }

  close(): void {
    this.#counters.close();
  }
}
