/**
 * Text for the issue tracker of the implementation under test, in Markdown: for each failure of the target what is wrong, the
 * clause, how to see it again, and the bytes. Short enough to be read; somebody who does not know the kit can act on it.
 */

import type { CauseGroup } from '../../report/causes.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { markdownCode as code, markdownBlock, plain, markdown as text } from '../common/escape.ts';
import {
  alsoLine,
  because,
  clauseUrl,
  explanation,
  replayLine,
  unreachableLines,
  wireLog,
} from '../common/explanation.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { type Report, titleOf } from '../common/report.ts';

/** A text on GitHub may have 65 536 characters. */
const MOST_CHARACTERS = 60_000;
/** Lines of the wire, and bytes of what was sent. The whole of it is in the other formats. */
const MOST_LINES = 60;
const MOST_BYTES = 512;

export function issue(): Renderer {
  return whole((reports) => reports.map(page).join('\n'));
}

function page(report: Report): string {
  const { plan, groups, summary } = report;
  const failures = groups.filter(({ root }) => root.verdict === 'fail' && !root.onlyAsControl);
  if (failures.length === 0) {
    const said = unreachableLines(report);
    const block = said.length === 0 ? '' : `\n${markdownBlock(said)}\n`;
    return `Nothing to report: ${code(titleOf(plan))}, ${text(summary.reason)}\n${block}`;
  }
  let body = '';
  for (const [index, group] of failures.entries()) {
    const one = section(report, group);
    if (index > 0 && body.length + one.length > MOST_CHARACTERS)
      return `${body}\n…and ${failures.length - index} more: see the full report.\n`;
    body += `${index === 0 ? '' : '\n---\n\n'}${one}`;
  }
  return body;
}

function section({ plan }: Report, group: CauseGroup): string {
  const { root, word } = group;
  const lines = wireLog(root);
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '…'] : lines;
  const also = alsoLine(group);
  const found = `Found by conform ${text(plan.kit)} on ${text(plan.startedAt.slice(0, 'YYYY-MM-DD'.length))}`;
  return [
    `## ${text(because(root) || root.id)}\n\n`,
    `**Required** (${root.level}, clause [${text(root.clause)}](${clauseUrl(root.clause)})): ${text(root.requirement)}\n\n`,
    `**What happens** (${word}):\n\n${markdownBlock(explanation(root, plan))}\n\n`,
    `**How to see it again:** ${code(replayLine(plan, root))}\n\n`,
    ...bytesLines(root),
    `**On the wire:**\n\n${markdownBlock(shown)}\n\n`,
    ...(also === '' ? [] : [`${text(also)}.\n\n`]),
    `<sub>${found}: ${code(root.id)}</sub>\n`,
  ].join('');
}

/** A command that sends the same bytes without the kit, if the connection only sends. */
function bytesLines({ transcript }: ScenarioRecord): string[] {
  const sent = transcript.flatMap((entry) => (entry.kind === 'sent' ? [entry] : []));
  const hex = sent.map((entry) => entry.hex).join('');
  const total = sent.reduce((sum, { total }) => sum + total, 0);
  if (hex === '' || hex.length !== 2 * total || total > MOST_BYTES) return [];
  return [
    '**Or without conform**, with HOST and PORT of the server:\n\n',
    `${markdownBlock([`printf ${plain(hex)} | xxd -r -p | nc HOST PORT | xxd`])}\n\n`,
  ];
}
