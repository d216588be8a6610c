/** A scenario on the HTML page: its verdict and its reason in view, which opens to show the evidence of each report. */

import { effectiveVerdict, knownOf } from '../../report/effective-verdict.ts';
import { nounOf } from '../../report/noun.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { sectionOf } from '../../scenario/requirement.ts';
import { escapeMarkup, markup, plain } from '../common/escape.ts';
import { because } from '../common/explanation.ts';
import type { MatrixRow } from '../common/matrix.ts';
import { type Report, titleOf } from '../common/report.ts';
import { type ClauseTexts, clauseLink } from './clause.ts';
import { againHtml, dumpsHtml, factsHtml, wireHtml } from './evidence.ts';
import { BY_SEVERITY, severityOf, styleOf, verdictHtml } from './verdict.ts';

/** The rows in the order of the page: what counts against a target comes first, otherwise as in the plan. */
export function bySeverity(rows: readonly MatrixRow[]): readonly MatrixRow[] {
  const severity = ({ words }: MatrixRow) => Math.min(...words.map(severityOf).map(absentLast));
  return rows.toSorted((one, other) => severity(one) - severity(other));
}

/** That one implementation was not asked says nothing about the others. */
function absentLast(severity: number): number {
  return BY_SEVERITY[severity] === '–' ? BY_SEVERITY.length : severity;
}

export function scenarioHtml(row: MatrixRow, reports: readonly Report[], texts: ClauseTexts): string {
  const { id, records, words, differs } = row;
  const first = records.find((record) => record !== undefined);
  if (first === undefined) return '';
  const name = markup(id);
  const slowest = Math.max(...records.map((record) => record?.durationMs ?? 0));
  const data = {
    verdict: words.join(' '),
    level: first.level,
    section: sectionOf(id),
    clause: first.clause,
    differs: String(differs),
    ms: String(Math.round(slowest)),
  };
  const attributes = Object.entries(data).map(([key, value]) => ` data-${key}="${markup(value)}"`);
  return [
    `<details id="${name}"${attributes.join('')}>\n`,
    `<summary>${verdictsOf(row, reports)} <span class="what"><span class="id">${name}</span> `,
    `<span class="tag">${first.level} ${markup(first.clause)}</span>${reasonOf(row)}</span> `,
    `<span class="ms">${slowest === 0 ? '' : duration(slowest)}</span></summary>\n`,
    `<p>${markup(first.requirement)}</p>\n${clauseLink(first.clause, texts)}`,
    ...records.map((record, index) => {
      const report = reports[index];
      return record && report ? body(record, report, reports.length > 1) : '';
    }),
    `<p class="facts"><a href="#${encodeURIComponent(plain(id))}">Link to this ${nounOf(reports[0]?.plan)}</a></p>\n</details>\n`,
  ].join('');
}

/** Of a comparison one column for each implementation, in which a wide page shows the word and a narrow one the symbol. */
function verdictsOf({ words }: MatrixRow, reports: readonly Report[]): string {
  if (reports.length < 2) return verdictHtml(words[0] ?? '–');
  return words
    .map((word, index) => {
      const name = `<span class="unseen">${letterOf(index)}: </span>`;
      return `<b class="v of-several ${styleOf(word)}">${name}<span class="word">${markup(word)}</span></b>`;
    })
    .join(' ');
}

/** Why it did not pass, for one report. Of a comparison, that implementations with one verdict behave differently. */
function reasonOf({ records, words, differs }: MatrixRow): string {
  const [record] = records;
  if (records.length > 1 && differs && new Set(words).size === 1)
    return ' <span class="tag">behave differently</span>';
  if (records.length !== 1 || record === undefined) return '';
  const reason = because(record);
  return reason === '' ? '' : `<span class="why">${escapeMarkup(reason)}</span>`;
}

/** What a comparison calls the implementation at this index: A, B, …, Z, 27, … */
export function letterOf(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}

function body(record: ScenarioRecord, { plan }: Report, isOneOfSeveral: boolean): string {
  const { word } = effectiveVerdict(record, plan.strict);
  const title = isOneOfSeveral
    ? `<h3>${markup(titleOf(plan))}: ${word}, ${duration(record.durationMs)}</h3>\n`
    : '';
  const covering = knownOf(record);
  const text = record.verdict === 'fail' ? 'A known failure' : 'Its control is a known failure';
  const known =
    covering === undefined ? '' : `<p>${text}, line ${covering.line}: ${markup(covering.reason)}</p>\n`;
  const evidence = [title, known, factsHtml(record, plan), wireHtml(record), dumpsHtml(record)];
  return [...evidence, againHtml(plan, record)].join('');
}

/** With a space that does not break. */
export function duration(ms: number): string {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)}\u00a0min`;
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)}\u00a0s` : `${Math.round(ms)}\u00a0ms`;
}
