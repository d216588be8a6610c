/** Mutants and conforming variants as data. */

import type { Gateway } from './gateway.ts';
import type { Replacement } from './pipeline.ts';

/** A server with one fault. */
export interface Mutant {
  /** Permanent, in kebab case, and unique among mutants and variants. */
  readonly name: string;
  /** The clause of docs/protocol.md that the fault violates. */
  readonly clause: string;
  /** One sentence whose subject is the server. */
  readonly fault: string;
  /** Ids of the scenarios that must fail. `*` matches any text, and every match must fail. */
  readonly fails: readonly string[];
  readonly breaks: Replacement;
  /** True if concurrent scenarios would disturb each other: each scenario then gets its own server. Default false. */
  readonly alone?: boolean;
  /** True if the fault shows only in the resources of the process: the server then runs in its own process. Default false. */
  readonly ownProcess?: boolean;
}

/** A server that uses a freedom of the protocol. No scenario of level MUST or SHOULD may fail on it. */
export interface ConformingVariant {
  /** Permanent, in kebab case, and unique among mutants and variants. */
  readonly name: string;
  /** The clause of docs/protocol.md that permits it. */
  readonly clause: string;
  /** One sentence whose subject is the server. */
  readonly freedom: string;
  readonly does: Replacement;
  /** Ids of the scenarios that test the freedom. `*` matches any text. */
  readonly touches: readonly string[];
  /** True if the server stores no files, so that scenarios cannot read its store. Default false. */
  readonly withoutStore?: boolean;
  /**
   * In which process the server runs: 'own' if it uses the CPU for long, 'one-a-connection' if it starts a process for each
   * connection. Default: the process of the kit.
   */
  readonly process?: 'own' | 'one-a-connection';
  /** Connections reach the server only through this gateway. Default: directly. */
  readonly gateway?: Gateway;
  /** The addresses with which the server is judged. Default: those of the kit. */
  readonly addresses?: { readonly from: string; readonly to: string };
  /** Ids of scenarios of level SHOULD that may fail. `*` matches any text. Default: none. */
  readonly warns?: readonly string[];
  /** Ids of scenarios that may be inconclusive. `*` matches any text. Default: none. */
  readonly leavesOpen?: readonly string[];
}

/** What is needed to start a mutant or a variant. */
export type Served = Pick<ConformingVariant, 'name' | 'does' | 'process' | 'gateway'>;
