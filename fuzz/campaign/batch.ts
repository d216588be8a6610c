/**
 * Throws a list of cases at the target, many at a time, and sums up what came back. The rest of a shift is left when no
 * connection comes about any more: what was in flight then is suspect.
 */

import { availableParallelism } from 'node:os';
import type { Case } from '../case/case.ts';
import { addDigests, digestOf } from '../case/digest.ts';
import type { Waits } from '../execute/exchange.ts';
import { Line, soleFrame } from '../execute/persistent-connection.ts';
import { type Played, readPlayed } from '../execute/reply.ts';
import { traitsOf } from '../generate/features.ts';
import type { Generated, Generator } from '../generate/generate.ts';
import { caseOf, type Lot } from '../generate/recipe.ts';
import type { EvaluatedCase, Evaluation, Evaluator } from '../oracle/evaluator.ts';
import type { Symptom } from '../oracle/invariants.ts';
import { countSignature, increase, newTally, type Tally } from './stats.ts';

/** A case that broke something, or showed something new. */
export interface Notable {
  readonly lot: Lot;
  readonly value: Case;
  readonly mutations: readonly string[];
  /** Those that were new. */
  readonly signatures: readonly string[];
  readonly breaches: readonly Symptom[];
}

/** Plain data, so that it can come from a worker. */
export interface ShiftReport {
  readonly tally: Tally;
  readonly notable: readonly Notable[];
  /**
   * Where it ended early: places in the list of those that were in flight when a connection was refused for the first
   * time, and of those that have yet to be thrown.
   */
  readonly stopped?: { readonly inFlight: readonly number[]; readonly left: readonly number[] };
}

/** Sets of traits: a case that has all of one is not thrown, it would bring the target down for a known reason. */
export type HeldBack = readonly (readonly string[])[];

/** A case that is ready to be thrown. */
interface Made extends Generated {
  /** Of one of the base lane. */
  readonly digest?: bigint;
}

interface Thrown extends EvaluatedCase {
  /** What was thrown in the end: the case, or more than that. */
  readonly shown: Case;
  /** Whether it was on a connection with others. */
  readonly isShared: boolean;
}

export interface ShiftOptions {
  readonly evaluator: Evaluator;
  readonly generator: Generator;
  readonly jobs: number;
  readonly waits: Waits;
  readonly heldBack: HeldBack;
  /** Signatures that are not news. New ones are added. */
  readonly known: Set<string>;
  readonly signal?: AbortSignal | undefined;
}

/** Connections in flight by default: enough to hide the target's latency, few enough to pin a culprit. */
export const DEFAULT_JOBS = 16 * Math.min(4, availableParallelism());

/** Cases that are made at a time: each takes a third of what it takes between two conversations, with the caches cold. */
const MADE_AHEAD = 64;

/** Frames that are under way on a connection that is kept. */
const JOBS_PER_LINE = 8;

export function throwAll(lots: readonly Lot[], options: ShiftOptions): Promise<ShiftReport> {
  return new Shift(lots, options).run();
}

class Shift {
  readonly #lots: readonly Lot[];
  readonly #options: ShiftOptions;
  readonly #tally = newTally();
  readonly #notable: Notable[] = [];
  readonly #inFlight = new Set<number>();
  /** Cases that never got there, because the target was gone. */
  readonly #refused: number[] = [];
  #suspects: readonly number[] | undefined;
  /** Cases that were made ahead, from a place in the list on. */
  #ready: { readonly from: number; readonly cases: readonly Made[] } = { from: 0, cases: [] };
  #baseDigest = 0n;
  #next = 0;

  constructor(lots: readonly Lot[], options: ShiftOptions) {
    this.#lots = lots;
    this.#options = options;
  }

  async run(): Promise<ShiftReport> {
    const { jobs } = this.#options;
    const lines = this.#lines();
    await Promise.all(Array.from({ length: jobs }, (_, nth) => this.#work(lines[nth % lines.length])));
    for (const line of lines) line.close();
    this.#tally.digest = addDigests('0', this.#baseDigest.toString(16));
    const report = { tally: this.#tally, notable: this.#notable };
    if (this.#suspects === undefined && this.#next === this.#lots.length) return report;
    const inFlight = (this.#suspects ?? []).filter((place) => !this.#refused.includes(place));
    const left = [...this.#refused, ...this.#lots.keys()].filter(
      (place, at) => at < this.#refused.length || place >= this.#next,
    );
    return { ...report, stopped: { inFlight, left } };
  }

  /** Connections that are kept, where the target keeps them; each is used by several workers. */
  #lines(): readonly Line[] {
    const { jobs, evaluator, waits } = this.#options;
    const { address, against, baseline } = evaluator.options;
    if (!baseline.servesSeveral || against !== undefined) return [];
    return Array.from({ length: Math.ceil(jobs / JOBS_PER_LINE) }, () => new Line(address, waits));
  }

  async #work(line: Line | undefined): Promise<void> {
    const { signal } = this.#options;
    for (;;) {
      const place = this.#next;
      const lot = this.#lots[place];
      if (lot === undefined || this.#suspects !== undefined || signal?.aborted) break;
      this.#next += 1;
      await this.#throw(lot, place, line);
    }
  }

  async #throw(lot: Lot, place: number, line: Line | undefined): Promise<void> {
    const { value, mutations, digest } = this.#made(lot, place);
    if (this.#isHeldBack(value)) {
      this.#tally.heldBack += 1;
      this.#countBase(digest);
      return;
    }
    this.#inFlight.add(place);
    const { played, shown, isShared, ...judged } = await this.#see(value, line);
    if (judged.isRefused) this.#suspects ??= [...this.#inFlight];
    this.#inFlight.delete(place);
    // With several connections, an earlier one may have been the end of the target.
    if (judged.isRefused && value.connections.length === 1) {
      this.#refused.push(place);
      return;
    }
    this.#countBase(digest);
    this.#count(mutations, judged, value, played);
    if (isShared) this.#tally.shared += 1;
    else this.#tally.connections += played.length;
    this.#note(shown === value ? lot : { lane: 'given', value: shown }, shown, mutations, judged);
  }

  /** The case at this place; to be asked for one place after the other. */
  #made(lot: Lot, place: number): Made {
    const ready = this.#ready.cases[place - this.#ready.from];
    if (ready !== undefined) return ready;
    const first = this.#make(lot);
    const others = this.#lots.slice(place + 1, place + MADE_AHEAD).map((other) => this.#make(other));
    this.#ready = { from: place, cases: [first, ...others] };
    return first;
  }

  #make(lot: Lot): Made {
    const generated = caseOf(lot, this.#options.generator);
    if (lot.lane !== 'base') return generated;
    return { ...generated, digest: BigInt(`0x${digestOf(generated.value)}`) };
  }

  /** On the connection that this worker keeps where that will do, else on connections of its own. */
  async #see(value: Case, line: Line | undefined): Promise<Thrown> {
    const { evaluator, waits } = this.#options;
    const sent = line && soleFrame(value);
    if (line === undefined || sent === undefined)
      return { ...(await evaluator.run(value, waits)), shown: value, isShared: false };
    const reply = await line.exchange(sent);
    const played = [readPlayed(sent, reply)];
    const judged = evaluator.evaluate(played);
    if (judged.breaches.length === 0 && !judged.isRefused)
      return { played, ...judged, shown: value, isShared: true };
    // What is wrong shows alone, or with all that was said before. Else a late answer was taken for another's.
    const alone = await evaluator.run(value, waits);
    if (alone.breaches.length > 0 || alone.isRefused) return { ...alone, shown: value, isShared: false };
    const whole: Case = { arrangement: 'at-once', connections: [reply.history()] };
    return { ...(await evaluator.run(whole, waits)), shown: whole, isShared: false };
  }

  #isHeldBack(value: Case): boolean {
    const { heldBack } = this.#options;
    if (heldBack.length === 0) return false;
    const traits = traitsOf(value);
    return heldBack.some((all) => all.every((trait) => traits.has(trait)));
  }

  #note(lot: Lot, value: Case, mutations: readonly string[], judged: Evaluation): void {
    const { known } = this.#options;
    const signatures = judged.signatures.filter((signature) => !known.has(signature));
    if (judged.breaches.length === 0 && (signatures.length === 0 || judged.isRefused)) return;
    for (const signature of signatures) known.add(signature);
    this.#notable.push({ lot, value, mutations, signatures, breaches: judged.breaches });
  }

  #countBase(digest: bigint | undefined): void {
    if (digest === undefined) return;
    this.#tally.baseCases += 1;
    this.#baseDigest += digest;
  }

  #count(mutations: readonly string[], judged: Evaluation, value: Case, played: readonly Played[]): void {
    const tally = this.#tally;
    tally.cases += 1;
    for (const { sent } of played) tally.bytes += sent.bytes.length;
    for (const actions of value.connections)
      tally.frames += actions.filter(({ do: what }) => what === 'frame').length;
    for (const name of mutations) increase(tally.mutations, name);
    for (const signature of judged.signatures) countSignature(tally, signature);
  }
}
