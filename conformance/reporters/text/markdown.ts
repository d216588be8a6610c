/**
 * Markdown for a pull-request comment or a job summary: the verdict, the counts, and as many findings as fit. Several
 * reports give a comparison of the implementations.
 */

import type { ScenarioRecord } from '../../report/record.ts';
import { COUNTED_VERDICTS, effectiveVerdict, type Summary } from '../../report/summary.ts';
import { LEVELS } from '../../scenario/scenario.ts';
import { markdownCode as code, markdownBlock, markdown as text } from '../common/escape.ts';
import { because, explanation, replayLine, wireLog } from '../common/explanation.ts';
import { matrixMarkdown } from '../common/matrix.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import type { Report } from '../common/report.ts';

/** A comment on GitHub may have 65 536 characters. The rest is left for the text of the user. */
const MOST_CHARACTERS = 60_000;

export function markdown(): Renderer {
  return whole((reports) => (reports.length > 1 ? matrixMarkdown(reports) : reports.map(page).join('')));
}

function page(report: Report): string {
  const { plan, summary, scenarios, end } = report;
  const mark = summary.exitStatus === 0 ? '✅' : '❌';
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  const found = scenarios.filter((record) => isFinding(record, plan.strict));
  const parts = [
    `## ${mark} ${code(plan.target.name)}: ${summary.verdict}\n\n`,
    `${text(summary.reason)} (exit ${summary.exitStatus})\n\n`,
    ...table(summary),
    ...(stale.length > 0 ? ['\n### Stale known failures\n\n'] : []),
    ...stale.map((entry) => `- line ${entry.line}, ${code(entry.pattern)}: ${entry.stale}\n`),
    ...(found.length > 0 ? ['\n### Findings\n'] : []),
  ];
  const foot = `\n<sub>conform ${text(plan.kit)}, ${plan.planned.length} scenarios${plan.seed === undefined ? '' : `, seed ${plan.seed}`}</sub>\n`;
  return fitted(
    parts.join(''),
    found.map((record) => finding(report, record)),
    foot,
  );
}

/** As many pieces as fit, then a line with the number of those that do not. */
function fitted(head: string, pieces: readonly string[], foot: string): string {
  let body = '';
  for (const [index, piece] of pieces.entries()) {
    if (head.length + body.length + piece.length + foot.length > MOST_CHARACTERS) {
      body += `\n…and ${pieces.length - index} more: see the full report.\n`;
      break;
    }
    body += piece;
  }
  return head + body + foot;
}

function isFinding(record: ScenarioRecord, strict: boolean): boolean {
  const { word } = effectiveVerdict(record, strict);
  return word !== 'pass' && word !== 'skipped' && !record.onlyAsControl;
}

function finding({ plan }: Report, record: ScenarioRecord): string {
  const { word } = effectiveVerdict(record, plan.strict);
  return [
    `\n<details><summary><b>${word}</b> ${code(record.id)} (${record.level}, clause ${text(record.clause)}): ${code(because(record))}</summary>\n`,
    `\n${text(record.requirement)}\n`,
    `\n${markdownBlock([...explanation(record), '', ...wireLog(record)])}\n`,
    `\nRun again: ${code(replayLine(plan, record))}\n\n</details>\n`,
  ].join('');
}

function table({ counts }: Summary): readonly string[] {
  const columns = COUNTED_VERDICTS;
  return [
    `| level | ${columns.join(' | ')} |\n`,
    `| --- |${' ---: |'.repeat(columns.length)}\n`,
    ...LEVELS.map((level) => `| ${level} | ${columns.map((name) => counts[level][name]).join(' | ')} |\n`),
  ];
}
