/**
 * One HTML page without network or other files, for one report or several. It shows everything even when scripts are
 * disabled. What a target sent is escaped, and the content security policy of the page permits only its own script.
 */

import { createHash } from 'node:crypto';
import { markup } from '../common/escape.ts';
import { matrixOf } from '../common/matrix.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { isComparison, type Report, titleOf } from '../common/report.ts';
import { causesHtml } from './causes.ts';
import { clausesHtml, clauseTexts } from './clause.ts';
import { filtersHtml } from './filters.ts';
import { countsHtml, headHtml, staleHtml } from './head.ts';
import { pictureHtml } from './picture.ts';
import { plotsHtml } from './plots.ts';
import { bySeverity, scenarioHtml } from './scenario.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';
import { unjudgedHtml } from './unjudged.ts';

export function html(): Renderer {
  return whole(page);
}

function page(reports: readonly Report[]): string {
  const names = reports.map(({ plan }) => markup(titleOf(plan))).join(', ');
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${digest(STYLE)}'`,
    `script-src 'sha256-${digest(SCRIPT)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `<title>Conformance of ${names}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`,
    bodyHtml(reports),
    `<script>${SCRIPT}</script>\n</body>\n</html>\n`,
  ].join('');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function bodyHtml(reports: readonly Report[]): string {
  const texts = clauseTexts();
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
    ...reports.map((report, index) => headHtml(report, index, isCompared)),
    '</header>\n<main>\n',
    countsHtml(reports),
    ...reports.map(staleHtml),
    ...reports.map((report) => plotsHtml(report, isOneOfSeveral)),
    ...reports.map((report) => causesHtml(report, isOneOfSeveral, texts)),
    ...reports.map((report) => unjudgedHtml(report, isOneOfSeveral)),
    ...parts.map(({ rows }) => pictureHtml(rows)),
    filtersHtml(reports),
    ...parts.flatMap(({ compared, rows }) =>
      bySeverity(rows).map((row) => scenarioHtml(row, compared, texts)),
    ),
    clausesHtml(clauses, texts),
    '</main>\n',
  ].join('');
}
