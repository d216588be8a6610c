/** The matrix of scenarios and targets in small numbers, as the page holds it. The same outcomes give the same data. */

import { WORDS } from '../../report/effective-verdict.ts';
import { sectionOf } from '../../scenario/requirement.ts';
import { plain } from '../common/escape.ts';
import { type OutcomeTable, type TargetOutcome, worstFirst } from './outcome-table.ts';

/** The words of outcomes by their numbers in the data. */
export const DATA_WORDS = [...WORDS, '–'] as const;

/** Data for the script of the page. What targets sent is escaped for display. */
export interface MatrixData {
  readonly words: readonly string[];
  /** Outcomes: the number of the word, and the behaviour. */
  readonly kinds: readonly (readonly [word: number, behaviour: string])[];
  /** Groups of targets that behave alike, by the names of the targets. */
  readonly groups: readonly (readonly string[])[];
  /** Scenarios that have the same outcome in every group. */
  readonly rows: readonly MatrixDataRow[];
  /** Of each scenario: id, section, clause, level, requirement. */
  readonly scenarios: readonly (readonly [
    id: string,
    section: string,
    clause: string,
    level: string,
    requirement: string,
  ])[];
}

export interface MatrixDataRow {
  /** Numbers of scenarios. */
  readonly s: readonly number[];
  /** The number of the outcome in each group; one number if all are the same. */
  readonly k: readonly number[];
}

/** Targets with the same outcome in every scenario, the worst first. At least one. */
export interface TargetGroup {
  readonly targets: readonly [TargetOutcome, ...TargetOutcome[]];
  readonly column: number;
}

/** The group of the worst target comes first. */
export function groupsOf({ targets }: OutcomeTable): readonly TargetGroup[] {
  const groups = new Map<number, [TargetOutcome, ...TargetOutcome[]]>();
  for (const target of worstFirst(targets)) {
    const alike = groups.get(target.column);
    if (alike === undefined) groups.set(target.column, [target]);
    else alike.push(target);
  }
  return [...groups].map(([column, targets]) => ({ column, targets }));
}

/** Numbers outcomes and rows in the order in which they appear, whatever the order was in which the targets were added. */
export function matrixData(table: OutcomeTable, groups: readonly TargetGroup[]): MatrixData {
  const columns = groups.map(({ column }) => table.columns[column]);
  const numbers = new Map<number, number>();
  const kinds: [number, string][] = [];
  const numberOf = (kind: number): number => {
    const known = numbers.get(kind);
    if (known !== undefined) return known;
    const { word, behaviour } = table.kinds[kind] ?? { word: '–', behaviour: '' };
    numbers.set(kind, kinds.length);
    return kinds.push([DATA_WORDS.indexOf(word), plain(behaviour)]) - 1;
  };
  const rows = new Map<string, { s: number[]; k: readonly number[] }>();
  for (const place of table.scenarios.keys()) {
    const all = columns.map((column) => numberOf(column?.[place] ?? 0));
    const k = all.every((kind) => kind === all[0]) ? all.slice(0, 1) : all;
    const key = k.join();
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { s: [place], k });
    else row.s.push(place);
  }
  return {
    words: DATA_WORDS,
    kinds,
    groups: groups.map(({ targets }) => targets.map(({ name }) => plain(name))),
    rows: [...rows.values()],
    scenarios: table.scenarios.map(({ id, clause, level, requirement }) => [
      ...([plain(id), plain(sectionOf(id)), plain(clause), level, plain(requirement)] as const),
    ]),
  };
}
