/** Two runs of a bench side by side: what got slower, by how much, and how sure that is. */

import type { Compared, Report, Row, Section } from './report.ts';

export interface Change {
  /** Section and row. */
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** By how much it got worse: 1.3 is 30 % worse, 0.9 a tenth better. */
  readonly factor: number;
  /** How far the factor may be off, as a share of it. */
  readonly margin: number;
  /** Worse beyond the tolerance, and surely so: even the factor's lower end is. */
  readonly isSlower: boolean;
}

/** A file that is no report, or of other figures. */
export class CompareError extends Error {
  override readonly name = 'CompareError';
}

/**
 * The rows that both have, in the order of `after`. `tolerance` is a share: 0.1 lets everything get a tenth slower.
 * Throws a CompareError when they have none in common, so that nothing passes for having been compared.
 */
export function compare(before: Report, after: Report, tolerance: number): Change[] {
  const known = new Map(comparedRows(before));
  const changes = comparedRows(after).flatMap(([name, now]) => {
    const then = known.get(name);
    return then === undefined ? [] : [changeOf(name, then, now, tolerance)];
  });
  if (changes.length === 0) throw new CompareError('the two runs have no figure in common');
  return changes;
}

function changeOf(name: string, before: Compared, after: Compared, tolerance: number): Change {
  const growth = after.value / before.value;
  const factor = after.better === 'lower' ? growth : 1 / growth;
  const margin = Math.hypot(before.margin, after.margin);
  const isSlower = factor / (1 + margin) > 1 + tolerance;
  return { name, before: before.value, after: after.value, factor, margin, isSlower };
}

/** The report with the better of two measurements of each row, where there are two. */
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

function comparedRows({ sections }: Report): [string, Compared][] {
  return sections.flatMap(({ id, rows }) =>
    rows.flatMap(({ name, compared }: Row): [string, Compared][] =>
      compared === undefined ? [] : [[`${id} ${name}`, compared]],
    ),
  );
}

/** Reads a saved report. Throws a CompareError when it is none. */
export function parseReport(text: string): Report {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CompareError('not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== 1)
    throw new CompareError('not a report that `conform bench --save` wrote');
  return value as Report;
}
