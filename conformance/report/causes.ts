/**
 * Findings grouped by cause: records of one run → groups, the one that explains most first. A group has one root, which a
 * report shows in full; the others have the same cause.
 */

import { LEVELS, sectionOf } from '../scenario/requirement.ts';
import { isOfFamily, isSameForAll, judgesOf, showsOnLegalInput, withoutInput } from './cause.ts';
import { effectiveVerdict, type Word } from './effective-verdict.ts';
import type { Cause, PlanRecord, ReportRecord, ScenarioRecord } from './record.ts';
import { settled } from './settled.ts';

/** Findings with one cause. */
export interface CauseGroup {
  /** Plain words; for records of earlier versions the texts of the mismatches, for other verdicts the reason. */
  readonly cause: string;
  /** The finding that shows the cause best. */
  readonly root: ScenarioRecord;
  /** Of the root. */
  readonly word: Word;
  /** False if the root counts against the target. */
  readonly conforms: boolean;
  /** The other findings with the cause, in the order of the plan. */
  readonly others: readonly ScenarioRecord[];
  /** Inconclusive scenarios that need one of this group, mostly as their control. In the order of the plan. */
  readonly dependents: readonly ScenarioRecord[];
}

/** The groups of one run: first a target that died, then failures, then what only warns. */
export function groupByCause(records: readonly ReportRecord[]): readonly CauseGroup[] {
  const plan = records.find((record) => record.record === 'plan');
  const run = new Run(
    plan,
    settled(records).filter((record) => record.record === 'scenario'),
  );
  return run.groups();
}

/** The root of the first group: the failure that a report shows first. Undefined if nothing failed. */
export function firstFailure(records: readonly ReportRecord[]): ScenarioRecord | undefined {
  return groupByCause(records).find(({ root }) => root.verdict === 'fail' && root.known === undefined)?.root;
}

/** The causes of the failures, as the end record lists them. */
export function causesIn(records: readonly ReportRecord[]): readonly Cause[] {
  return groupByCause(records)
    .filter(({ root }) => root.verdict === 'fail' && root.known === undefined)
    .map(({ cause, root, others }) => ({ cause, root: root.id, failures: 1 + others.length }));
}

class Run {
  readonly #strict: boolean;
  readonly #places: ReadonlyMap<string, number>;
  readonly #byId: ReadonlyMap<string, ScenarioRecord>;
  /** How many of the findings have the scenario as their control. */
  readonly #controlled = new Map<string, number>();
  /** How many scenarios about each clause were judged. */
  readonly #judged = new Map<string, number>();
  readonly #findings: readonly ScenarioRecord[];
  readonly #isFinding: ReadonlySet<ScenarioRecord>;

  constructor(plan: PlanRecord | undefined, scenarios: readonly ScenarioRecord[]) {
    this.#strict = plan?.strict ?? false;
    const ids = plan ? [...plan.planned, ...plan.controls] : scenarios.map(({ id }) => id);
    this.#places = new Map(ids.map((id, place) => [id, place]));
    this.#byId = new Map(scenarios.map((record) => [record.id, record]));
    this.#findings = scenarios.filter((record) => !['pass', 'skipped'].includes(record.verdict));
    for (const { clause, verdict } of scenarios)
      if (verdict !== 'skipped') this.#judged.set(clause, (this.#judged.get(clause) ?? 0) + 1);
    this.#isFinding = new Set(this.#findings);
    for (const { control } of this.#findings)
      if (control !== undefined) this.#controlled.set(control, (this.#controlled.get(control) ?? 0) + 1);
  }

  groups(): readonly CauseGroup[] {
    const members = new Map<string, ScenarioRecord[]>();
    const dependents = new Map<string, ScenarioRecord[]>();
    for (const record of this.#findings) {
      const source = this.#sourceOf(record);
      const target = source === record ? members : dependents;
      const key = this.#keyOf(source);
      target.set(key, [...(target.get(key) ?? []), record]);
    }
    return [...members]
      .map(([key, records]) => this.#group(records, dependents.get(key) ?? []))
      .sort((a, b) => this.#compareGroups(a, b));
  }

  /** Equal for findings with one cause. What the target does to an ordinary message, it does to those of every clause. */
  #keyOf(record: ScenarioRecord): string {
    const cause = causeIn(record);
    if (record.verdict !== 'fail') return `${record.verdict} ${cause}`;
    if (record.known) return `known ${cause}`;
    const isOrdinary = isSameForAll(cause, (id) => {
      const judge = this.#byId.get(id);
      return judge?.verdict === 'fail' && withoutInput(causeIn(judge)) === withoutInput(cause);
    });
    return `fail ${isOrdinary ? withoutInput(cause) : cause}`;
  }

  /** The finding for want of which the record is inconclusive, or that one's own; otherwise the record itself. */
  #sourceOf(record: ScenarioRecord): ScenarioRecord {
    const seen = new Set<ScenarioRecord>();
    let source = record;
    while (source.verdict === 'inconclusive' && !seen.has(source)) {
      seen.add(source);
      const needed = this.#byId.get(neededBy(source) ?? '');
      if (needed === undefined || needed === source || !this.#isFinding.has(needed)) break;
      source = needed;
    }
    return seen.has(source) && source !== record ? record : source;
  }

  #group(records: readonly ScenarioRecord[], dependents: readonly ScenarioRecord[]): CauseGroup {
    const [root, ...others] = records.toSorted((a, b) => this.#compareRoots(a, b)) as [ScenarioRecord];
    const byPlace = (a: ScenarioRecord, b: ScenarioRecord) => this.#placeOf(a) - this.#placeOf(b);
    return {
      cause: causeIn(root),
      root,
      ...effectiveVerdict(root, this.#strict),
      others: others.toSorted(byPlace),
      dependents: dependents.toSorted(byPlace),
    };
  }

  #placeOf({ id }: ScenarioRecord): number {
    return this.#places.get(id) ?? this.#places.size;
  }

  /** The better root first. */
  #compareRoots(a: ScenarioRecord, b: ScenarioRecord): number {
    const cause = causeIn(a);
    const judges = judgesOf(cause);
    const preferred = ({ id }: ScenarioRecord) =>
      (judges.indexOf(id) + judges.length + 1) % (judges.length + 1);
    return (
      this.#severityOf(a) - this.#severityOf(b) ||
      preferred(a) - preferred(b) ||
      Number(isOfFamily(cause, b.id)) - Number(isOfFamily(cause, a.id)) ||
      REMOTE.indexOf(sectionOf(a.id)) - REMOTE.indexOf(sectionOf(b.id)) ||
      this.#isControl(b) - this.#isControl(a) ||
      exoticism(a) - exoticism(b) ||
      this.#placeOf(a) - this.#placeOf(b)
    );
  }

  /** The number of controls between the scenario and an ordinary one. */
  #depthOf(record: ScenarioRecord): number {
    const seen = new Set<string>();
    for (
      let control = record.control;
      control !== undefined && !seen.has(control);
      control = this.#byId.get(control)?.control
    )
      seen.add(control);
    return seen.size;
  }

  /** Grows with the size of the group, and with its share of the judged scenarios about the root's clause. */
  #weightOf({ root, others }: CauseGroup): number {
    const members = [root, ...others];
    const ofClause = members.filter(({ clause }) => clause === root.clause).length;
    return members.length * Math.sqrt(ofClause / (this.#judged.get(root.clause) ?? ofClause));
  }

  #isControl({ id }: ScenarioRecord): number {
    return this.#controlled.has(id) ? 1 : 0;
  }

  #compareGroups(a: CauseGroup, b: CauseGroup): number {
    return (
      this.#severityOf(a.root) - this.#severityOf(b.root) ||
      remoteness(a) - remoteness(b) ||
      Math.floor(Math.log2(this.#weightOf(b))) - Math.floor(Math.log2(this.#weightOf(a))) ||
      this.#depthOf(a.root) - this.#depthOf(b.root) ||
      this.#weightOf(b) - this.#weightOf(a) ||
      b.dependents.length - a.dependents.length ||
      exoticism(a.root) - exoticism(b.root) ||
      this.#placeOf(a.root) - this.#placeOf(b.root)
    );
  }

  /** The lower, the more it counts against the target. */
  #severityOf(record: ScenarioRecord): number {
    const { word, conforms } = effectiveVerdict(record, this.#strict);
    if (word === 'known') return 100;
    if (record.targetDied) return 0;
    const order: readonly Word[] = ['FAIL', 'flaky', 'error', 'inconclusive', 'warning', 'note'];
    const level = LEVELS.indexOf(record.level) + (record.onlyAsControl ? LEVELS.length : 0);
    return 1 + (conforms ? 50 : 0) + 2 * LEVELS.length * order.indexOf(word) + level;
  }
}

/** The id of the scenario that an inconclusive one needs: the one that its reason names, otherwise its control. */
function neededBy(
  record: ScenarioRecord & { readonly verdict: 'inconclusive' | 'error' },
): string | undefined {
  const [, named] = /\b(?:its control|which) ([a-z0-9-]+\/[a-z0-9-]+)/.exec(record.reason) ?? [];
  return named ?? record.control;
}

/** Sections from which a peer that only submits is furthest: the lower, the sooner it meets what they judge. */
const REMOTE = ['store', 'status', 'results', 'timeouts'];

/** The lower, the sooner an ordinary peer meets the cause. */
function remoteness({ cause, root }: CauseGroup): number {
  if (REMOTE.includes(sectionOf(root.id))) return 3;
  if (judgesOf(cause).includes(root.id)) return 0;
  return showsOnLegalInput(cause) ? 1 : 2;
}

function causeIn(record: ScenarioRecord): string {
  switch (record.verdict) {
    case 'pass':
      return '';
    case 'fail':
      return record.known?.reason ?? record.cause ?? record.mismatches.join('; ');
    default:
      return record.reason;
  }
}

/** Bytes of an ordinary input, as powers of two: from a header alone to a message with a long description. */
const ORDINARY_SIZE = { least: 3, most: 9 } as const;

/**
 * How far the input is from an ordinary message: a scenario that needs a control has a peculiar one, and so has one that is
 * much shorter or longer, or comes in many segments.
 */
function exoticism({ control, transcript }: ScenarioRecord): number {
  let bytes = 0;
  let segments = 0;
  for (const entry of transcript) {
    if (entry.kind !== 'sent') continue;
    bytes += entry.total;
    segments += entry.segments;
  }
  const size = Math.log2(bytes + 1);
  const distance = Math.max(0, ORDINARY_SIZE.least - size, size - ORDINARY_SIZE.most);
  return (control === undefined ? 0 : 1000) + Math.floor(distance) + Math.floor(Math.log2(segments + 1));
}
