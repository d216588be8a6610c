/** A scenario on the HTML page: one line, which opens to show the details of each report. */

import { effectiveVerdict } from '../../report/effective-verdict.ts';
import type { ScenarioRecord, WireRecord } from '../../report/record.ts';
import { sectionOf } from '../../scenario/requirement.ts';
import { markup, plain } from '../common/escape.ts';
import { because, clauseUrl, explanation, replayLine, wireLog } from '../common/explanation.ts';
import type { MatrixRow } from '../common/matrix.ts';
import { type Report, titleOf } from '../common/report.ts';
import { hexDump } from './hex-dump.ts';

export function scenarioHtml({ id, records, words, differs }: MatrixRow, reports: readonly Report[]): string {
  const first = records.find((record) => record !== undefined);
  if (first === undefined) return '';
  const name = markup(id);
  const data = {
    verdict: words.join(' '),
    level: first.level,
    section: sectionOf(id),
    differs: String(differs),
  };
  const attributes = Object.entries(data).map(([key, value]) => ` data-${key}="${markup(value)}"`);
  const verdicts = words.map((word) => `<b class="${styleOf(word)}">${word}</b>`);
  return [
    `<details id="${name}"${attributes.join('')}>\n`,
    `<summary>${verdicts.join(' ')} <span class="id">${name}</span> <span class="tag">${first.level} ${markup(first.clause)}</span></summary>\n`,
    `<p>${markup(first.requirement)} <a href="${clauseUrl(first.clause)}">Clause ${markup(first.clause)}</a></p>\n`,
    ...records.map((record, index) => {
      const report = reports[index];
      return record && report ? body(record, report, reports.length > 1) : '';
    }),
    `<p class="facts"><a href="#${encodeURIComponent(plain(id))}">Link to this scenario</a></p>\n</details>\n`,
  ].join('');
}

function body(record: ScenarioRecord, { plan }: Report, isOneOfSeveral: boolean): string {
  const { word } = effectiveVerdict(record, plan.strict);
  const title = isOneOfSeveral ? `<h3>${markup(titleOf(plan))}: ${word}</h3>\n` : '';
  const known =
    record.verdict === 'fail' && record.known
      ? `<p>A known failure, line ${record.known.line}: ${markup(record.known.reason)}</p>\n`
      : '';
  const reason = because(record) === '' ? '' : `<p><b>${markup(because(record))}</b></p>\n`;
  return [
    title,
    reason,
    known,
    text(explanation(record, plan)),
    ...(record.transcript.length > 0
      ? [
          block(`On the wire, ${record.durationMs.toFixed(1)} ms`, wireLog(record)),
          ...bytes('Sent', record.transcript, 'sent'),
          ...bytes('Received', record.transcript, 'received'),
        ]
      : []),
    `<p>Run again: <code>${markup(replayLine(plan, record))}</code></p>\n`,
  ].join('');
}

function bytes(title: string, wire: readonly WireRecord[], kind: 'sent' | 'received'): readonly string[] {
  const entries = wire.filter((entry) => entry.kind === kind);
  const total = entries.reduce((sum, entry) => sum + ('total' in entry ? entry.total : 0), 0);
  const hex = entries.map((entry) => ('hex' in entry ? entry.hex : '')).join('');
  return total === 0 ? [] : [block(`${title}, ${total} bytes`, hexDump(hex, total))];
}

function text(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<pre class="text">${lines.map(markup).join('\n')}</pre>\n`;
}

/** Wide lines scroll. The block can take the focus, so that the keyboard can scroll it. */
function block(title: string, lines: readonly string[]): string {
  return `<figure><figcaption>${markup(title)}</figcaption><pre tabindex="0">${lines.map(markup).join('\n')}</pre></figure>\n`;
}

/** The class of an effective verdict. */
export function styleOf(word: string): string {
  if (word === 'pass') return 'good';
  if (word === 'FAIL' || word === 'error') return 'bad';
  return word === 'skipped' || word === 'note' || word === '–' ? 'none' : 'warn';
}
