/** The beginning of the HTML page: the verdict of each report, how it was made, and the counts. */

import { headingOf } from '../../report/noun.ts';
import { LEVELS, type Level } from '../../scenario/requirement.ts';
import { columnsOf, countOf } from '../common/counts.ts';
import { escapeMarkup, markup } from '../common/escape.ts';
import { unreachableLines } from '../common/explanation.ts';
import { isComparison, type Report, titleOf } from '../common/report.ts';
import { duration, letterOf } from './scenario.ts';

/** The verdict in a sentence, or the status of a campaign that runs, and the circumstances of the run. */
export function headHtml(report: Report, index: number, isCompared: boolean, status?: string): string {
  const { plan, summary, end } = report;
  const said = unreachableLines(report);
  const { kit, startedAt, target, deadlines, profile, seed, shard, strict } = plan;
  const isWhole = summary.exitStatus === 0 ? 'good' : summary.exitStatus === 1 ? 'bad' : 'warn';
  const facts = [
    `conform ${kit}`,
    target.address === target.name ? '' : target.address,
    startedAt.replace(/^(.{10})T(.{8}).*$/, '$1 $2 UTC'),
    end === undefined ? '' : `took ${duration(end.durationMs)}`,
    profile ? `policy: ${profile.policy}` : '',
    profile?.latencyMs === undefined ? '' : `answers in ${profile.latencyMs} ms`,
    deadlines ? `waits ${deadlines.answerMs} ms for an answer` : '',
    deadlines ? `waits ${deadlines.quietMs} ms for silence` : '',
    seed === undefined ? '' : `seed ${seed}`,
    shard ? `shard ${shard.index} of ${shard.of}` : '',
    strict ? 'strict' : '',
  ];
  const letter = isCompared ? `<b class="letter">${letterOf(index)}</b> ` : '';
  const [style, verdict, reason] =
    status === undefined
      ? [isWhole, summary.verdict, `${summary.reason} (exit ${summary.exitStatus})`]
      : ['warn', 'running', status];
  return [
    `<p class="verdict">${letter}<b class="${style}">${verdict}</b> <b>${markup(titleOf(plan))}</b>: ${markup(reason)}</p>\n`,
    said.length === 0 ? '' : `<pre>${said.map(escapeMarkup).join('\n')}</pre>\n`,
    `<ul class="facts">${facts.filter(Boolean).map(factItem).join('')}</ul>\n`,
  ].join('');
}

/** A short fact stays on one line. */
function factItem(text: string): string {
  return `<li${text.length <= 40 ? ' class="short"' : ''}>${markup(text)}</li>`;
}

/** The counts: of one report by level, of several by report. */
export function countsHtml(reports: readonly Report[]): string {
  const [one] = reports;
  return reports.length === 1 && one !== undefined ? levels(one) : implementations(reports);
}

function levels({ plan, summary }: Report): string {
  const columns = columnsOf([summary]);
  const row = (level: Level): string =>
    `<tr><th scope="row">${level}</th>${columns.map((word) => `<td>${linked(summary.words[level][word], { verdict: word, level })}</td>`).join('')}</tr>\n`;
  return counted(`${headingOf(plan)} by level and verdict`, ['level', ...columns], LEVELS.map(row));
}

function implementations(reports: readonly Report[]): string {
  const columns = columnsOf(reports.map(({ summary }) => summary));
  const isCompared = isComparison(reports);
  const row = ({ plan, summary }: Report, index: number): string => {
    const letter = isCompared ? `<b class="letter">${letterOf(index)}</b> ` : '';
    return `<tr><th scope="row">${letter}<span class="${isCompared ? 'word' : ''}">${markup(titleOf(plan))}</span></th>${columns.map((word) => `<td>${countOf(summary, word)}</td>`).join('')}</tr>\n`;
  };
  return isCompared
    ? counted('Comparison of implementations', ['implementation', ...columns], reports.map(row))
    : counted('Scenarios by part and verdict', ['part', ...columns], reports.map(row));
}

function linked(count: number, filter: Readonly<Record<string, string>>): string {
  return count === 0 ? '0' : `<a href="#?${markup(new URLSearchParams(filter).toString())}">${count}</a>`;
}

/** A table that scrolls when it is too wide. It can take the focus, so that the keyboard can scroll it. */
function counted(caption: string, names: readonly string[], rows: readonly string[]): string {
  const head = names.map((name) => `<th scope="col">${name}</th>`).join('');
  return [
    `<div class="wide" role="group" aria-label="${caption}" tabindex="0"><table class="counts">\n<caption>${caption}</caption>\n`,
    `<tr>${head}</tr>\n${rows.join('')}</table></div>\n`,
  ].join('');
}

/** The entries of the known failures that no longer hold; empty if there are none. */
export function staleHtml({ end }: Report): string {
  const stale = (end?.knownFailures ?? []).filter((entry) => entry.stale !== undefined);
  if (stale.length === 0) return '';
  const items = stale.map(
    ({ line, pattern, stale, details }) =>
      `<li>line ${line}, <code>${markup(pattern)}</code>: ${stale} ${markup(details.join(', '))}</li>\n`,
  );
  return `<h2>Stale known failures</h2>\n<ul>\n${items.join('')}</ul>\n`;
}
