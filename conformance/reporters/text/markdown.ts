/**
 * Markdown for a pull-request comment or a job summary: the verdict, the counts, and as many findings as fit. Several
 * reports of one kind give a comparison of the implementations.
 */

import type { CauseGroup } from '../../report/causes.ts';
import { nounOf } from '../../report/noun.ts';
import type { Summary } from '../../report/summary.ts';
import { LEVELS } from '../../scenario/requirement.ts';
import { counted } from '../../util/counted.ts';
import { columnsOf } from '../common/counts.ts';
import { markdownCode as code, markdownBlock, markdown as text } from '../common/escape.ts';
import {
  because,
  clauseUrl,
  dependentsLine,
  explanation,
  replayLine,
  unreachableLines,
  wireLog,
} from '../common/explanation.ts';
import { matrixMarkdown } from '../common/matrix.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { isComparison, type Report, titleOf } from '../common/report.ts';

/** A comment on GitHub may have 65 536 characters. The rest is left for the text of the user. */
const MOST_CHARACTERS = 60_000;

/** Ids that a finding lists of the others with its cause. */
const MOST_IDS = 300;

export function markdown(): Renderer {
  return whole((reports) =>
    isComparison(reports)
      ? matrixMarkdown(reports)
      : reports.map((report) => page(report, MOST_CHARACTERS / reports.length)).join('\n'),
  );
}

function page(report: Report, most: number): string {
  const { plan, summary, groups, end } = report;
  const mark = summary.exitStatus === 0 ? '✅' : '❌';
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  const found = groups.filter(({ root, dependents }) => !root.onlyAsControl || dependents.length > 0);
  const said = unreachableLines(report);
  const parts = [
    `## ${mark} ${code(titleOf(plan))}: ${summary.verdict}\n\n`,
    `${text(summary.reason)} (exit ${summary.exitStatus})\n\n`,
    ...(said.length > 0 ? [`${markdownBlock(said)}\n\n`] : []),
    ...table(summary),
    ...(stale.length > 0 ? ['\n### Stale known failures\n\n'] : []),
    ...stale.map((entry) => `- line ${entry.line}, ${code(entry.pattern)}: ${entry.stale}\n`),
    ...(found.length > 0 ? ['\n### Findings\n'] : []),
  ];
  const foot = `\n<sub>conform ${text(plan.kit)}, ${counted(plan.planned.length, nounOf(plan))}${plan.seed === undefined ? '' : `, seed ${plan.seed}`}</sub>\n`;
  return fitted(
    parts.join(''),
    found.map((group) => finding(report, group)),
    foot,
    most,
  );
}

/** As many pieces as fit into `most` characters, then a line with the number of those that do not. */
function fitted(head: string, pieces: readonly string[], foot: string, most: number): string {
  let body = '';
  for (const [index, piece] of pieces.entries()) {
    if (head.length + body.length + piece.length + foot.length > most) {
      body += `\n…and ${pieces.length - index} more: see the full report.\n`;
      break;
    }
    body += piece;
  }
  return head + body + foot;
}

/** The root of the group, and the ids of the others. */
function finding({ plan }: Report, group: CauseGroup): string {
  const { root, others, word } = group;
  const also = others.length === 0 ? '' : `, and ${others.length} more with the same cause`;
  const dependents = dependentsLine(group);
  return [
    `\n<details><summary><b>${word}</b> ${code(root.id)} (${root.level}, clause ${text(root.clause)}): ${code(because(root))}${also}</summary>\n`,
    `\n${text(root.requirement)}\n`,
    `\n${markdownBlock([...explanation(root, plan), '', ...wireLog(root)])}\n`,
    `\nClause: [${text(root.clause)}](${clauseUrl(root.clause)})\n`,
    `\nRun again: ${code(replayLine(plan, root))}\n`,
    ...(others.length > 0 ? [`\nSame cause: ${idList(others)}\n`] : []),
    ...(dependents === '' ? [] : [`\n${dependents}.\n`]),
    '\n</details>\n',
  ].join('');
}

function idList(records: CauseGroup['others']): string {
  const more = records.length - MOST_IDS;
  const shown = records.slice(0, MOST_IDS).map(({ id }) => code(id));
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function table(summary: Summary): readonly string[] {
  const columns = columnsOf([summary]);
  return [
    `| level | ${columns.join(' | ')} |\n`,
    `| --- |${' ---: |'.repeat(columns.length)}\n`,
    ...LEVELS.map(
      (level) => `| ${level} | ${columns.map((word) => summary.words[level][word]).join(' | ')} |\n`,
    ),
  ];
}
