/** A broken server as data: its one fault in a sentence, the clause that it breaks, and the scenarios that must see it. */

import type { Replacement } from './pipeline.ts';

export interface Mutant {
  /** Kebab case, and permanent. */
  readonly name: string;
  /** Clause of docs/protocol.md. */
  readonly clause: string;
  readonly fault: string;
  /** Ids of scenarios that have to fail, each of those that match; `*` stands for anything. */
  readonly fails: readonly string[];
  readonly breaks: Replacement;
  /** True if several peers at a time would show more than one fault: each scenario then has the server for itself. */
  readonly alone?: boolean;
  /** True if it shows in the memory of its process alone, and so needs one of its own. */
  readonly ownProcess?: boolean;
}

/** What the protocol leaves open, and somebody does: no MUST and no SHOULD may fail. */
export interface ConformingVariant {
  readonly name: string;
  /** Clause that leaves it open. */
  readonly clause: string;
  readonly freedom: string;
  readonly does: Replacement;
  /** Ids of scenarios that come near it; `*` stands for anything. */
  readonly touches: readonly string[];
  /** True if its tasks are not in files, so that there is no store to look at. */
  readonly withoutStore?: boolean;
}
