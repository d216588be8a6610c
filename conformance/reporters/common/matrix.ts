/** A comparison of implementations: one row per scenario, one column per report. */

import { effectiveVerdict } from '../../report/effective-verdict.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { counted } from '../../util/counted.ts';
import { columnsOf, countOf } from './counts.ts';
import { markdownCode as code } from './escape.ts';
import { type Report, titleOf } from './report.ts';

export interface MatrixRow {
  readonly id: string;
  /** In the order of the reports; undefined where the scenario was not judged. */
  readonly records: readonly (ScenarioRecord | undefined)[];
  /** In the order of the reports: the effective verdict in one word, or a dash. */
  readonly words: readonly string[];
  /** True if the verdicts or the behaviours of the targets are not all the same. */
  readonly differs: boolean;
}

/** A row for each scenario of any report. Scenarios of the first report come first, in its order. */
export function matrixOf(reports: readonly Report[]): readonly MatrixRow[] {
  const judged = reports.map(
    ({ scenarios }) =>
      new Map(scenarios.filter(({ onlyAsControl }) => !onlyAsControl).map((record) => [record.id, record])),
  );
  const ids = new Set(judged.flatMap((records) => [...records.keys()]));
  return [...ids].map((id) => {
    const records = judged.map((one) => one.get(id));
    const words = records.map((record, index) =>
      record ? effectiveVerdict(record, reports[index]?.plan.strict ?? false).word : '–',
    );
    const kinds = new Set(records.map((record, index) => `${words[index]} ${record?.behaviour ?? ''}`));
    return { id, records, words, differs: kinds.size > 1 };
  });
}

/** Markdown: a table of the verdicts, and a table of the scenarios in which the implementations differ. */
export function matrixMarkdown(reports: readonly Report[]): string {
  const rows = matrixOf(reports);
  const different = rows.filter(({ differs }) => differs);
  const columns = columnsOf(reports.map(({ summary }) => summary));
  const names = reports.map(({ plan }) => code(titleOf(plan)));
  return [
    '## Comparison of implementations\n\n',
    `| implementation | verdict | ${columns.join(' | ')} |\n| --- | --- |${' ---: |'.repeat(columns.length)}\n`,
    ...reports.map(
      ({ summary }, index) =>
        `| ${names[index]} | ${summary.verdict} | ${columns.map((word) => countOf(summary, word)).join(' | ')} |\n`,
    ),
    `\nThe implementations differ in ${different.length} of ${counted(rows.length, 'scenario')}${different.length > 0 ? ':' : '.'}\n`,
    ...(different.length > 0
      ? [`\n| scenario | ${names.join(' | ')} |\n| --- |${' --- |'.repeat(names.length)}\n`]
      : []),
    ...different.map(
      ({ id, records, words }) =>
        `| ${code(id)} | ${records.map((record, index) => `${words[index]}${record ? `: ${code(record.behaviour)}` : ''}`).join(' | ')} |\n`,
    ),
  ].join('');
}
