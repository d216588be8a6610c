/** Compares two reports of one bench: which figures are slower, by how much, and with what certainty. */

import { marginOfMedian, median } from '../measure/statistics.ts';
import type { Column, Compared, Report, Row, Section } from './report.ts';

export interface Change {
  /** The section, or the section and one row of it. */
  readonly name: string;
  /** How many times as slow it is: 1.3 is 30 % slower, 0.9 is 10 % faster. */
  readonly factor: number;
  /** How far the factor may be off, as a share of it. */
  readonly margin: number;
  /** Whether even the lower end of the factor's interval is beyond the tolerance. */
  readonly isSlower: boolean;
}

/** A saved report that cannot be used; the message is one line. */
export class CompareError extends Error {
  override readonly name = 'CompareError';
}

/** The fewest rows of a section that is compared as a whole. The median of fewer rows is not steady. */
const ROWS_OF_A_SECTION = 8;

/**
 * Compares the rows that both reports have. A section with many rows is also compared as a whole, before its rows: the
 * median of its rows shows a change that is within the margin of each. `tolerance` is a share: with 0.1, a figure may be
 * 10 % slower. Throws a CompareError when the reports have no row in common, when a figure is missing, or when the figures
 * of the two do not mean the same.
 */
export function compare(before: Report, after: Report, tolerance: number): Change[] {
  checkComparable(before, after);
  const known = new Map(
    before.sections.flatMap(({ id, rows }) => rows.map((row) => [`${id} ${row.name}`, row.compared])),
  );
  const changes = after.sections.flatMap(({ id, rows }): Change[] => {
    const ofRows = rows.flatMap(({ name, compared }) => {
      const then = known.get(`${id} ${name}`);
      if (compared === undefined || then === undefined) return [];
      return [changeOf(`${id} ${name}`, then, compared, tolerance)];
    });
    return ofRows.length < ROWS_OF_A_SECTION ? ofRows : [changeOfAll(id, ofRows, tolerance), ...ofRows];
  });
  if (changes.length === 0) throw new CompareError('the two reports have no figure in common');
  return changes;
}

/** Throws a CompareError where a figure of one report need not mean the same as in the other. */
function checkComparable(before: Report, after: Report): void {
  if (before.bench !== after.bench)
    throw new CompareError(`the saved report is of conform bench ${before.bench}, not ${after.bench}`);
  for (const { id, columns } of after.sections) {
    const then = before.sections.find((section) => section.id === id)?.columns ?? columns;
    if (titlesOf(then) !== titlesOf(columns))
      throw new CompareError(
        `the saved report has other columns in ${id}: it is from another version of conform; save a new one`,
      );
  }
}

function titlesOf(columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ title, unit }) => [title, unit]));
}

function changeOf(name: string, before: Compared, after: Compared, tolerance: number): Change {
  const growth = after.value / before.value;
  const factor = after.better === 'lower' ? growth : 1 / growth;
  if (!Number.isFinite(factor)) throw new CompareError(`${name} has no figure to compare`);
  const margin = Math.hypot(before.margin, after.margin);
  return { name, factor, margin, isSlower: factor / (1 + margin) > 1 + tolerance };
}

function changeOfAll(section: string, rows: readonly Change[], tolerance: number): Change {
  const factors = rows.map(({ factor }) => factor);
  const factor = median(factors);
  const spread = marginOfMedian(factors);
  return { name: section, factor, margin: spread, isSlower: factor / (1 + spread) > 1 + tolerance };
}

/** The report with, for each row that was measured again, the better of the two measurements. */
export function withBest(report: Report, again: readonly Section[]): Report {
  const others = new Map(
    again.flatMap(({ id, rows }) => rows.map((row) => [`${id} ${row.name}`, row] as const)),
  );
  const sections = report.sections.map((section) => ({
    ...section,
    rows: section.rows.map((row) => betterOf(row, others.get(`${section.id} ${row.name}`))),
  }));
  return { ...report, sections };
}

function betterOf(row: Row, other: Row | undefined): Row {
  if (row.compared === undefined || other?.compared === undefined) return row;
  const isLower = other.compared.value < row.compared.value;
  return isLower === (row.compared.better === 'lower') ? other : row;
}
