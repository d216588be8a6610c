/**
 * The outcomes of many runs, compact: records of a whole run in, a few numbers out. Everything else of the run is dropped, so
 * that thousands of targets need little memory. Targets with the same outcome in every scenario share one column.
 */

import { createHash } from 'node:crypto';
import { causesIn } from '../../report/causes.ts';
import { effectiveVerdict, type Word } from '../../report/effective-verdict.ts';
import { EXIT, type RunStatus } from '../../report/exit-status.ts';
import type { PlanRecord, ReportRecord } from '../../report/record.ts';
import { settled } from '../../report/settled.ts';
import { summariseRecords } from '../../report/summary.ts';
import type { Requirement } from '../../scenario/requirement.ts';
import { titleOf } from '../common/report.ts';

/** What is kept of the run against one target. */
export interface TargetOutcome extends RunStatus {
  readonly name: string;
  readonly address: string;
  /** The options that name the target on a command line. */
  readonly replay: string;
  /** As in the plan record. */
  readonly program: string | undefined;
  /** One sentence: why its exit status; for a target that was not reached, without its address. */
  readonly reason: string;
  /** Of the scenarios that count against the target: FAIL and flaky. */
  readonly failed: number;
  /** The causes of its failures, by their places in `OutcomeTable.causes`. */
  readonly causes: readonly OwnCause[];
  /** Its place in `OutcomeTable.columns`. */
  readonly column: number;
}

/** A cause in the run against one target. */
export interface OwnCause {
  readonly cause: number;
  /** The id of the failure that shows it best. */
  readonly root: string;
  readonly failures: number;
}

/** What a target did in one scenario: the effective verdict, and the behaviour. */
export interface Kind {
  /** Or `–`: the scenario was not judged. */
  readonly word: Word | '–';
  readonly behaviour: string;
}

/** In UTF-16 units: what is kept of a behaviour. */
const BEHAVIOUR_LENGTH = 160;
/** Different outcomes that are kept. A target whose every answer differs must not fill the memory. */
const MAX_KINDS = 4000;
/** In the place of a behaviour, when there are too many different ones. */
const SOME_BEHAVIOUR = 'one of many behaviours';

/** Texts by their places, each once. */
class Interned<T> {
  readonly values: T[] = [];
  readonly #places = new Map<string, number>();

  has(key: string): boolean {
    return this.#places.has(key);
  }

  placeOf(key: string, make: () => T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.values.length);
    return this.values.push(make()) - 1;
  }
}

/** The outcomes of targets, in the order in which they were added. */
export class OutcomeTable {
  readonly #targets: TargetOutcome[] = [];
  readonly #scenarios = new Interned<Requirement>();
  readonly #kinds = new Interned<Kind>();
  readonly #columns = new Interned<Uint16Array>();
  readonly #causes = new Interned<string>();

  constructor() {
    // The first kind: a scenario that was not judged.
    this.#kindOf('–', '');
  }

  get targets(): readonly TargetOutcome[] {
    return this.#targets;
  }

  /** In the order of the plans. */
  get scenarios(): readonly Requirement[] {
    return this.#scenarios.values;
  }

  get kinds(): readonly Kind[] {
    return this.#kinds.values;
  }

  /** Of each column, the places in `kinds` of the outcomes of `scenarios`. A column may be shorter; the rest is 0. */
  get columns(): readonly Uint16Array[] {
    return this.#columns.values;
  }

  get causes(): readonly string[] {
    return this.#causes.values;
  }

  /** Adds the run that these records are, from its plan to its end. Ignores records without a plan. */
  add(records: readonly ReportRecord[]): void {
    const plan = records.find((record) => record.record === 'plan');
    if (plan === undefined) return;
    const end = records.find((record) => record.record === 'end');
    const { exitStatus, reason, words } = summariseRecords(records);
    const countOf = (word: Word): number => words.MUST[word] + words.SHOULD[word] + words.MAY[word];
    this.#targets.push({
      name: titleOf(plan),
      address: plan.target.address,
      replay: plan.replay,
      program: plan.program,
      command: plan.command,
      exitStatus,
      reason: end?.because === 'unreachable' ? `no connection (${end.code})` : reason,
      failed: countOf('FAIL') + countOf('flaky'),
      causes: (end?.causes ?? causesIn(records)).map(({ cause, root, failures }) => ({
        ...{ cause: this.#causes.placeOf(cause, () => cause), root, failures },
      })),
      column: this.#columnOf(plan, records),
    });
  }

  #columnOf(plan: PlanRecord, records: readonly ReportRecord[]): number {
    const judged = settled(records)
      .filter((record) => record.record === 'scenario')
      .filter(({ onlyAsControl }) => !onlyAsControl);
    const byId = new Map(judged.map((record) => [record.id, record]));
    const cells: number[] = [];
    for (const id of new Set([...plan.planned, ...byId.keys()])) {
      const record = byId.get(id);
      if (record === undefined) continue;
      const { clause, level, requirement } = record;
      const place = this.#scenarios.placeOf(id, () => ({ id, clause, level, requirement }));
      cells[place] = this.#kindOf(effectiveVerdict(record, plan.strict).word, record.behaviour);
    }
    const column = Uint16Array.from(cells, (kind) => kind ?? 0);
    const key = createHash('sha256').update(column).digest('base64');
    return this.#columns.placeOf(key, () => column);
  }

  #kindOf(word: Kind['word'], text: string): number {
    const all = withoutNumbers(text).slice(0, BEHAVIOUR_LENGTH);
    const key = `${word} ${all}`;
    if (this.#kinds.has(key) || this.#kinds.values.length < MAX_KINDS)
      return this.#kinds.placeOf(key, () => ({ word, behaviour: all }));
    return this.#kinds.placeOf(`${word} ${SOME_BEHAVIOUR}`, () => ({ word, behaviour: SOME_BEHAVIOUR }));
  }
}

/** Without the numbers in quoted text, such as a time in the message of an answer: they differ from run to run. */
function withoutNumbers(behaviour: string): string {
  return behaviour.replace(/"(?:[^"\\]|\\.)*"/g, (text) => text.replace(/\d+/g, '0'));
}

/** Whether the target conforms, does not, or could not be judged. */
export function standingOf({ exitStatus }: Pick<TargetOutcome, 'exitStatus'>): Standing {
  if (exitStatus === EXIT.success) return 'conforms';
  return exitStatus === EXIT.failed ? 'does not conform' : 'not judged';
}

export const STANDINGS = ['does not conform', 'not judged', 'conforms'] as const;
export type Standing = (typeof STANDINGS)[number];

/** The worst target first: those that fail most, then those that could not be judged; by name where they are alike. */
export function worstFirst(targets: readonly TargetOutcome[]): readonly TargetOutcome[] {
  return targets.toSorted(
    (a, b) =>
      STANDINGS.indexOf(standingOf(a)) - STANDINGS.indexOf(standingOf(b)) ||
      b.failed - a.failed ||
      compare(a.name, b.name),
  );
}

/** By code unit, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A cause over all targets. */
export interface SharedCause {
  readonly cause: string;
  /** Those that have it, the worst first. At least one. */
  readonly targets: readonly [TargetOutcome, ...TargetOutcome[]];
  /** The failures of all of them. */
  readonly failures: number;
  /** The id of the failure that shows it best in the first target. */
  readonly root: string;
}

/** The causes of failures, the one that most targets have first. */
export function sharedCauses({ targets, causes }: OutcomeTable): readonly SharedCause[] {
  const found = new Map<
    number,
    { targets: [TargetOutcome, ...TargetOutcome[]]; failures: number; root: string }
  >();
  for (const target of worstFirst(targets))
    for (const { cause, root, failures } of target.causes) {
      const one = found.get(cause);
      if (one === undefined) found.set(cause, { targets: [target], failures, root });
      else {
        one.targets.push(target);
        one.failures += failures;
      }
    }
  return [...found]
    .map(([place, shared]) => ({ cause: causes[place] ?? '', ...shared }))
    .sort(
      (a, b) => b.targets.length - a.targets.length || b.failures - a.failures || compare(a.cause, b.cause),
    );
}

/** Why targets could not be judged, the reason of most first. */
export function sharedReasons(
  targets: readonly TargetOutcome[],
): readonly { readonly reason: string; readonly targets: readonly TargetOutcome[] }[] {
  const byReason = new Map<string, TargetOutcome[]>();
  for (const target of worstFirst(targets)) {
    if (standingOf(target) !== 'not judged') continue;
    const same = byReason.get(target.reason);
    if (same === undefined) byReason.set(target.reason, [target]);
    else same.push(target);
  }
  return [...byReason]
    .map(([reason, targets]) => ({ reason, targets }))
    .sort((a, b) => b.targets.length - a.targets.length || compare(a.reason, b.reason));
}

/** How many targets there are of each standing. */
export function countStandings(targets: readonly TargetOutcome[]): Readonly<Record<Standing, number>> {
  const counts = { conforms: 0, 'does not conform': 0, 'not judged': 0 };
  for (const target of targets) counts[standingOf(target)] += 1;
  return counts;
}
