/**
 * One HTML page without network or other files, for one report or several. It shows everything even when scripts are
 * disabled. What a target sent is escaped, and the content security policy of the page permits only its own script.
 */

import { createHash } from 'node:crypto';
import { effectiveVerdict, WORDS } from '../../report/effective-verdict.ts';
import type { Summary } from '../../report/summary.ts';
import { LEVELS, type Level } from '../../scenario/requirement.ts';
import { columnsOf, countOf } from '../common/counts.ts';
import { markup } from '../common/escape.ts';
import { matrixOf } from '../common/matrix.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import { isComparison, type Report, titleOf } from '../common/report.ts';
import { causesHtml } from './causes.ts';
import { plotsHtml } from './plots.ts';
import { scenarioHtml } from './scenario.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export function html(): Renderer {
  return whole((reports) => {
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
      `<header>\n<h1>Conformance of ${names}</h1>\n${reports.map(head).join('')}</header>\n`,
      `<main>\n${reports.length > 1 ? comparison(reports) : reports.map(({ summary }) => table(summary)).join('')}`,
      ...reports.map(staleEntries),
      ...reports.map((report) => plotsHtml(report, reports.length > 1)),
      ...reports.map((report) => causesHtml(report, reports.length > 1)),
      filters(reports),
      ...(isComparison(reports) ? [reports] : reports.map((report) => [report])).flatMap((compared) =>
        matrixOf(compared).map((row) => scenarioHtml(row, compared)),
      ),
      '</main>\n',
      `<script>${SCRIPT}</script>\n</body>\n</html>\n`,
    ].join('');
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function head({ plan, summary }: Report): string {
  const { kit, startedAt, target, deadlines, profile, seed, shard, strict } = plan;
  const isWhole = summary.exitStatus === 0 ? 'good' : summary.exitStatus === 1 ? 'bad' : 'warn';
  const facts = [
    `conform ${kit}`,
    target.address === target.name ? '' : target.address,
    startedAt,
    profile ? `policy: ${profile.policy}` : '',
    profile?.latencyMs === undefined ? '' : `answers in ${profile.latencyMs} ms`,
    deadlines ? `waits ${deadlines.answerMs} ms for an answer and ${deadlines.quietMs} ms for silence` : '',
    seed === undefined ? '' : `seed ${seed}`,
    shard ? `shard ${shard.index} of ${shard.of}` : '',
    strict ? 'strict' : '',
  ];
  return [
    `<p class="verdict"><b class="${isWhole}">${summary.verdict}</b> <b>${markup(titleOf(plan))}</b>: `,
    `${markup(summary.reason)} (exit ${summary.exitStatus})</p>\n`,
    `<p class="facts">${facts.filter(Boolean).map(markup).join(' · ')}</p>\n`,
  ].join('');
}

function table(summary: Summary): string {
  const columns = columnsOf([summary]);
  const row = (level: Level): string =>
    `<tr><th scope="row">${level}</th>${columns.map((word) => `<td>${summary.words[level][word]}</td>`).join('')}</tr>\n`;
  return counted('Scenarios by level and verdict', ['level', ...columns], LEVELS.map(row));
}

function comparison(reports: readonly Report[]): string {
  const columns = columnsOf(reports.map(({ summary }) => summary));
  const row = ({ plan, summary }: Report): string =>
    `<tr><th scope="row">${markup(titleOf(plan))}</th>${columns.map((word) => `<td>${countOf(summary, word)}</td>`).join('')}</tr>\n`;
  return isComparison(reports)
    ? counted('Comparison of implementations', ['implementation', ...columns], reports.map(row))
    : counted('Scenarios by part and verdict', ['part', ...columns], reports.map(row));
}

/** A table that scrolls when it is too wide. It can take the focus, so that the keyboard can scroll it. */
function counted(caption: string, names: readonly string[], rows: readonly string[]): string {
  const head = names.map((name) => `<th scope="col">${name}</th>`).join('');
  return [
    `<div class="wide" role="group" aria-label="${caption}" tabindex="0"><table>\n<caption>${caption}</caption>\n`,
    `<tr>${head}</tr>\n${rows.join('')}</table></div>\n`,
  ].join('');
}

function staleEntries({ end }: Report): string {
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  if (stale.length === 0) return '';
  const items = stale.map(
    ({ line, pattern, stale, details }) =>
      `<li>line ${line}, <code>${markup(pattern)}</code>: ${stale} ${markup(details.join(', '))}</li>\n`,
  );
  return `<h2>Stale known failures</h2>\n<ul>\n${items.join('')}</ul>\n`;
}

/** The filters are hidden until the script shows them, because they need the script. */
function filters(reports: readonly Report[]): string {
  const records = reports.flatMap(({ scenarios, plan }) =>
    scenarios
      .filter(({ onlyAsControl }) => !onlyAsControl)
      .map((record) => ({ record, word: effectiveVerdict(record, plan.strict).word })),
  );
  const select = (name: string, values: readonly string[], order: readonly string[] = []): string => {
    const sorted = [...new Set(values)].sort(
      (a, b) => order.indexOf(a) - order.indexOf(b) || (a < b ? -1 : 1),
    );
    const options = sorted.map((value) => {
      const count = values.filter((one) => one === value).length;
      return `<option value="${markup(value)}">${markup(value)} (${count})</option>`;
    });
    return `<label>${name} <select name="${name}"><option value="">all</option>${options.join('')}</select></label>\n`;
  };
  return [
    '<h2>Scenarios</h2>\n<form id="filters" hidden>\n',
    '<label>text <input name="text" type="search" autocomplete="off"></label>\n',
    select(
      'verdict',
      records.map(({ word }) => word),
      WORDS,
    ),
    select(
      'level',
      records.map(({ record }) => record.level),
    ),
    select(
      'section',
      records.map(({ record }) => record.id.split('/')[0] ?? ''),
    ),
    ...(isComparison(reports)
      ? ['<label><input name="differs" type="checkbox"> only differences</label>\n']
      : []),
    '<output id="count"></output>\n',
    '<p class="facts">Keys: <kbd>/</kbd> filter, <kbd>j</kbd> and <kbd>k</kbd> next and previous, <kbd>Enter</kbd> open, <kbd>Esc</kbd> clear</p>\n',
    '</form>\n',
  ].join('');
}
