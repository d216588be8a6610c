/**
 * One HTML page without network or other files, for one report or several. It shows everything even when scripts are
 * disabled. What a target sent is escaped, and the content security policy of the page permits only its own script.
 */

import type { ReportRecord } from '../../report/record.ts';
import { markup } from '../common/escape.ts';
import { matrixOf } from '../common/matrix.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { assemble, isComparison, type Report, titleOf } from '../common/report.ts';
import { causesHtml } from './causes.ts';
import { type ClauseTexts, clausesHtml, clauseTexts } from './clause.ts';
import { documentOf, type Kind, policyOf } from './document.ts';
import { filtersHtml } from './filters.ts';
import { countsHtml, headHtml, staleHtml } from './head.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import { pictureHtml } from './picture.ts';
import { plotsHtml } from './plots.ts';
import { bySeverity, scenarioHtml } from './scenario.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { unjudgedHtml } from './unjudged.ts';

export function html(): Renderer {
  return whole((reports) => pageOf(reports, bodyOf(reports, clauseTexts()), PAGE));
}

const PAGE: Kind = { style: STYLE, script: SCRIPT, policy: [] };
const LIVE: Kind = { style: STYLE, script: `${SCRIPT}${LIVE_SCRIPT}`, policy: ["connect-src 'self'"] };

/** A page that shows a campaign while it runs. */
export interface LivePage {
  /** The policy for the header of the response; the page has it, too. */
  readonly policy: string;
  /** The whole page. It gets its later states from the events at the relative address `events`. */
  readonly page: (records: readonly ReportRecord[], status: string) => string;
  /** The body alone, as the data of an event. `status` is the state of the campaign in a line, not escaped. */
  readonly body: (records: readonly ReportRecord[], status: string) => string;
  /** The body of the final report. */
  readonly last: (records: readonly ReportRecord[]) => string;
}

/** Reads the texts of the clauses once. */
export function livePage(): LivePage {
  const texts = clauseTexts();
  const body = (records: readonly ReportRecord[], status: string) => bodyOf(assemble(records), texts, status);
  return {
    policy: policyOf(LIVE),
    page: (records, status) => pageOf(assemble(records), body(records, status), LIVE),
    body,
    last: (records) => bodyOf(assemble(records), texts),
  };
}

function pageOf(reports: readonly Report[], body: string, kind: Kind): string {
  const names = reports.map(({ plan }) => markup(titleOf(plan))).join(', ');
  return documentOf(`Conformance of ${names}`, body, kind);
}

/** `status`: the state of a campaign that runs, in place of the verdict. */
function bodyOf(reports: readonly Report[], texts: ClauseTexts, status?: string): string {
  const isCompared = isComparison(reports);
  const isOneOfSeveral = reports.length > 1;
  const parts = (isCompared ? [reports] : reports.map((report) => [report])).map((compared) => ({
    compared,
    rows: matrixOf(compared),
  }));
  const clauses = reports.flatMap(({ scenarios }) => scenarios.map(({ clause }) => clause));
  const names = reports.map(({ plan }) => markup(titleOf(plan)));
  const title = isOneOfSeveral ? `${reports.length} reports` : names.join('');
  return [
    `<header>\n<h1>Conformance of ${title}</h1>\n`,
    ...reports.map((report, index) => headHtml(report, index, isCompared, status)),
    '</header>\n<main>\n',
    countsHtml(reports),
    ...reports.map(staleHtml),
    ...reports.map((report) => plotsHtml(report, isOneOfSeveral)),
    ...reports.map((report) => causesHtml(report, isOneOfSeveral, texts)),
    ...reports.map((report) => unjudgedHtml(report, isOneOfSeveral)),
    ...parts.map(({ compared, rows }) => pictureHtml(rows, compared[0]?.plan)),
    filtersHtml(reports),
    ...parts.flatMap(({ compared, rows }) =>
      bySeverity(rows).map((row) => scenarioHtml(row, compared, texts)),
    ),
    clausesHtml(clauses, texts),
    '</main>\n',
  ].join('');
}
