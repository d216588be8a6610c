/**
 * Finds the causes of what the batches of a campaign showed: the case that broke an invariant, the case that stopped the
 * target among many, or the history that did. What is not finished when the campaign ends is recorded as it was seen.
 */

import { type Case, caseSize } from '../case/case.ts';
import type { Generator, Recipe } from '../generate/generate.ts';
import type { Symptom } from '../oracle/invariants.ts';
import type { Confirmer } from '../triage/confirm.ts';
import { deathOf } from '../triage/deaths.ts';
import { isFatal, TargetLostError } from '../triage/fatal-symptom.ts';
import type { Finding, Origin } from '../triage/finding.ts';
import { inNewLife } from '../triage/history-search.ts';
import { idOfDeath } from '../triage/identity.ts';
import type { Evidence } from '../triage/smallest.ts';
import type { Triage, TriageResult } from '../triage/triage.ts';
import type { Notable } from './batch.ts';
import { ReceivedLog } from './received-log.ts';
import type { CampaignEvent, Progress } from './types.ts';

export interface InvestigatorOptions {
  readonly seed: number;
  readonly generator: Generator;
  readonly confirmer: Confirmer;
  readonly triage: Triage;
  /** Milliseconds until the end of the time; negative after it. */
  readonly leftMs: () => number;
  readonly progress: () => Progress;
}

interface Candidate extends Pick<Notable, 'recipe' | 'value' | 'mutations'> {}

/** After the end of the time, what the last batch showed is confirmed for so long, and then only recorded. */
const INVESTIGATION_MS = 1500;
/** Near the end of the time, the cases of known deaths are not searched. */
const SEARCH_MS = 5000;

export class Investigator {
  readonly #options: InvestigatorOptions;
  readonly #log = new ReceivedLog();
  /** What the last batch showed and is not investigated yet. The investigation of the first has begun. */
  #open: readonly Evidence[] = [];
  /** What was wrong with the target after the last batch, if its cause is not found yet. */
  #fatal: Symptom | undefined;
  /** Cases that stopped the target before. They would do so again in a search, whatever stopped it this time. */
  readonly #killers = new WeakSet<Recipe>();
  /** The cases of the last batch that may have stopped the target. */
  #candidates: readonly Recipe[] = [];

  constructor(options: InvestigatorOptions) {
    this.#options = options;
  }

  /** Notes the cases of a batch that were sent, what they showed, and which may have stopped the target if it stops. */
  begin(sent: readonly Recipe[], notable: readonly Notable[], candidates: readonly Recipe[]): void {
    this.#log.add(sent, this.#options.confirmer.restarts);
    this.#candidates = candidates;
    this.#open = notable.flatMap((one) => one.breaches.map((symptom) => this.#evidenceOf(one, symptom)));
  }

  /** Examines the target, and remembers what was wrong until its cause is found. */
  async probeAndRestart(): Promise<Symptom | undefined> {
    try {
      this.#fatal = await this.#options.confirmer.probeAndRestart();
    } catch (error) {
      if (error instanceof TargetLostError) this.#fatal = error.symptom;
      throw error;
    }
    return this.#fatal;
  }

  /** Investigates what the batch showed, one case after another, as long as `isWanted`. */
  async *investigateAll(isWanted: () => boolean): AsyncGenerator<CampaignEvent, void> {
    for (const evidence of this.#open) if (isWanted()) yield* this.#investigate(evidence);
    this.#open = [];
  }

  async *#investigate(evidence: Evidence): AsyncGenerator<CampaignEvent, void> {
    const { triage, generator, leftMs, progress } = this.#options;
    const { value, symptom, origin } = evidence;
    const close = (): void => {
      this.#open = this.#open.filter((open) => open !== evidence);
    };
    if (triage.recognise(value, symptom)) {
      close();
      return;
    }
    if (leftMs() < -INVESTIGATION_MS) {
      close();
      const finding = triage.recordUnfinished(evidence);
      if (finding !== undefined) yield { kind: 'finding', finding };
      return;
    }
    yield { kind: 'candidate', detail: symptom.detail, bytes: caseSize(value), progress: progress() };
    const isGenerated = origin.lane === 'base' && evidence.history === undefined;
    const tree = isGenerated ? generator.treeAt(origin.index, origin.draw) : undefined;
    let result: TriageResult;
    try {
      result = await triage.investigate({ ...evidence, tree });
    } catch (error) {
      this.#noteLoss(error, evidence);
      yield { kind: 'investigated', outcome: 'ended' };
      throw error;
    }
    close();
    if (result.kind === 'unconfirmed') {
      const finding = result.fatal && triage.recordUnpinned(result.fatal, value, evidence.mutations, 2);
      yield { kind: 'investigated', outcome: 'unconfirmed', finding };
      if (finding !== undefined) yield { kind: 'finding', finding };
      return;
    }
    if (result.kind === 'finding') {
      const { finding } = result;
      yield { kind: 'investigated', outcome: 'confirmed', finding };
      yield { kind: 'finding', finding };
    } else yield { kind: 'investigated', outcome: 'known', id: result.id };
    const { endedBy } = result;
    this.#noteLoss(endedBy, evidence);
    if (endedBy !== undefined) throw endedBy;
  }

  /** A case whose symptom was another one can stop the target when it is repeated. */
  #noteLoss(error: unknown, evidence: Evidence): void {
    if (error instanceof TargetLostError && !isFatal(evidence.symptom))
      this.#open = [...this.#open, { ...evidence, symptom: error.symptom }];
  }

  /** Findings from what was seen, but could not be investigated before the campaign ended. */
  unfinished(): Finding[] {
    const open = this.#open.map((evidence) => this.#options.triage.recordUnfinished(evidence));
    const fatal = this.#fatal && this.#recordCandidates(this.#fatal, 1);
    return [...open, fatal].filter((finding) => finding !== undefined);
  }

  /**
   * Searches what stopped the target: a case, group by group, the likeliest first, or a history. Returns the case that did;
   * undefined if it is not a single one, or a finding explains the end.
   */
  async *findCrash(
    groups: readonly (readonly Recipe[])[],
    fatal: Symptom,
  ): AsyncGenerator<CampaignEvent, Recipe | undefined> {
    // A target that stops or hangs owes every reaction.
    this.#open = this.#open.filter(({ symptom }) => symptom.invariant !== 'reacts');
    const cause = await this.#causeOfCrash(groups, fatal);
    this.#fatal = undefined;
    if (cause === 'known') return undefined;
    if (cause === undefined) {
      const finding = this.#recordCandidates(fatal, 2);
      if (finding !== undefined) yield { kind: 'finding', finding };
      return undefined;
    }
    const { evidence, recipe } = cause;
    this.#open = [evidence, ...this.#open];
    yield* this.#investigate(evidence);
    return recipe;
  }

  /**
   * 'known' if a finding explains the crash. Undefined if neither a case nor a history is known to be the cause. `recipe`: of the
   * case; absent for a history.
   */
  async #causeOfCrash(
    groups: readonly (readonly Recipe[])[],
    fatal: Symptom,
  ): Promise<{ readonly evidence: Evidence; readonly recipe?: Recipe } | 'known' | undefined> {
    const { generator, confirmer, triage, leftMs } = this.#options;
    // The search ends the target in other ways.
    const hasReport = idOfDeath(deathOf(fatal, confirmer.lastEnd)) !== undefined;
    const made = groups.map((recipes) =>
      recipes
        .filter((recipe) => !this.#killers.has(recipe))
        .map((recipe): Candidate => ({ recipe, ...generator.make(recipe) })),
    );
    for (const candidates of made) {
      const known = triage.recogniseAmong(
        candidates.map(({ value }) => value),
        fatal,
      );
      const isWanted = known === undefined || (triage.isWorthSearch(known) && leftMs() > SEARCH_MS);
      const crashing = isWanted
        ? await confirmer.findCrash(candidates, (value) => triage.addHarmless(value))
        : undefined;
      if (crashing !== undefined) {
        const { candidate, symptom } = crashing;
        this.#killers.add(candidate.recipe);
        return { evidence: this.#evidenceOf(candidate, symptom), recipe: candidate.recipe };
      }
      if (known !== undefined) return 'known';
    }
    // A target without descriptors or memory fails, whatever is sent. A report of another cause is that of another fault.
    const isExhausted = ({ invariant }: Finding): boolean => invariant === 'frees-resources';
    if (!hasReport && [...triage.findings.values()].some(isExhausted)) return 'known';
    if (triage.recogniseCount(fatal, this.#log.cases)) return 'known';
    const all = made.flat();
    const [first] = all;
    const values = all.map(({ value }) => value);
    const history = await triage.histories.find(fatal, values, this.#received());
    return history && first && { evidence: inNewLife(this.#evidenceOf(first, fatal), history) };
  }

  /** Records all candidates for a crash as one case, where no single one of them is known to be the cause. */
  #recordCandidates(symptom: Symptom, attempts: number): Finding | undefined {
    const { generator, triage } = this.#options;
    const cases = this.#candidates.map((recipe) => generator.make(recipe));
    const connections = cases.flatMap(({ value }) => value.connections);
    const mutations = [...new Set(cases.flatMap((one) => one.mutations))];
    return triage.recordUnpinned(symptom, { arrangement: 'at-once', connections }, mutations, attempts);
  }

  #received(): Case[] {
    return this.#log.recipes.map((recipe) => this.#options.generator.make(recipe).value);
  }

  #evidenceOf({ recipe, value, mutations }: Candidate, symptom: Symptom): Evidence {
    const { seed } = this.#options;
    const origin: Origin = recipe.lane === 'base' ? { ...recipe, seed } : { lane: recipe.lane };
    return { value, symptom, mutations, origin, received: () => this.#received() };
  }
}
