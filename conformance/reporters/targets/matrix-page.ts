/**
 * Many targets on one HTML page: the counts, the causes over all targets, groups of targets that behave alike, and a matrix with a
 * row for scenarios that have the same outcomes and a column for each group. The matrix is data that a script shows, so that
 * hundreds of columns open at once; without scripts, the page shows all the rest.
 */

import { WORDS } from '../../report/effective-verdict.ts';
import { EXIT, statusOfRuns } from '../../report/exit-status.ts';
import { commandToRepeat } from '../../util/command-to-repeat.ts';
import { counted } from '../../util/counted.ts';
import { jsonText, markup } from '../common/escape.ts';
import type { Renderer } from '../common/renderer.ts';
import { documentOf, type Kind } from '../html/document.ts';
import { SCRIPT } from '../html/script.ts';
import { STYLE } from '../html/style.ts';
import { byTarget } from './by-target.ts';
import { groupsOf, type MatrixData, matrixData, type TargetGroup } from './matrix-data.ts';
import { MATRIX_SCRIPT } from './matrix-script.ts';
import { MATRIX_STYLE } from './matrix-style.ts';
import {
  countStandings,
  type OutcomeTable,
  type SharedCause,
  sharedCauses,
  sharedReasons,
  standingOf,
  type TargetOutcome,
} from './outcome-table.ts';

const PAGE: Kind = { style: `${STYLE}${MATRIX_STYLE}`, script: `${MATRIX_SCRIPT}${SCRIPT}`, policy: [] };

/** How many causes are shown; one is a fault that few targets have. */
const CAUSES = 200;
/** How many names stand next to a cause. */
const NAMED = 12;

export function matrix(): Renderer {
  return byTarget((table) => matrixHtml(table));
}

/** The whole page. */
export function matrixHtml(table: OutcomeTable): string {
  const groups = groupsOf(table);
  const title = `Conformance of ${countOf(table.targets.length)}`;
  const body = [
    `<header>\n<h1>${title}</h1>\n${verdictHtml(table.targets)}</header>\n<main>\n`,
    causesHtml(sharedCauses(table)),
    reasonsHtml(table.targets),
    groupsHtml(groups),
    matrixPart(matrixData(table, groups)),
    '</main>\n',
  ].join('');
  return documentOf(title, body, PAGE);
}

function verdictHtml(targets: readonly TargetOutcome[]): string {
  const counts = countStandings(targets);
  const status = statusOfRuns(targets);
  const style = status === EXIT.success ? 'good' : status === EXIT.failed ? 'bad' : 'warn';
  const parts = [
    `${counts.conforms} conform`,
    ...(counts['does not conform'] > 0 ? [`${counts['does not conform']} do not conform`] : []),
    ...(counts['not judged'] > 0 ? [`${counts['not judged']} could not be judged`] : []),
  ];
  return `<p class="verdict"><b class="${style}">${parts.join(', ')}</b> (exit ${status})</p>\n`;
}

function causesHtml(causes: readonly SharedCause[]): string {
  if (causes.length === 0) return '';
  const items = causes.slice(0, CAUSES).map(({ cause, targets, failures, root }) => {
    const again = commandToRepeat(targets[0].program, targets[0].replay, `--only ${root}`);
    return [
      `<details><summary><span class="what"><span class="cause">${markup(cause)}</span></span>`,
      `<span class="ms">${countOf(targets.length)}, ${counted(failures, 'failure')}</span></summary>\n`,
      `<p>${namesOf(targets)}</p>\n<p class="again">Run again: <code>${markup(again)}</code></p></details>\n`,
    ].join('');
  });
  const rest = causes.length - items.length;
  return [
    `<section class="causes">\n<h2>Causes over all targets</h2>\n${items.join('')}`,
    rest > 0 ? `<p class="facts">and ${rest} more, each with no more targets than these</p>\n` : '',
    '</section>\n',
  ].join('');
}

function reasonsHtml(targets: readonly TargetOutcome[]): string {
  const reasons = sharedReasons(targets);
  if (reasons.length === 0) return '';
  const items = reasons
    .slice(0, CAUSES)
    .map(
      ({ reason, targets }) =>
        `<li><b class="warn">${markup(reason)}</b> ${countOf(targets.length)}: ${namesOf(targets)}</li>\n`,
    );
  return `<section>\n<h2>Targets that could not be judged</h2>\n<ul>\n${items.join('')}</ul>\n</section>\n`;
}

function groupsHtml(groups: readonly TargetGroup[]): string {
  const items = groups.map(({ targets }, index) => {
    const [first] = targets;
    const alike = targets.length === 1 ? markup(first.name) : `${countOf(targets.length)} that behave alike`;
    const list = targets.map(
      ({ name, address }) => `<li>${markup(name)}${address === name ? '' : ` ${markup(address)}`}</li>\n`,
    );
    return [
      `<details><summary><b class="letter">${index + 1}</b> <span class="what">${alike}`,
      `<span class="why">${markup(first.reason)}</span></span> <b class="${styleOf(first)}">${standingOf(first)}</b></summary>\n`,
      `<ul class="names">\n${list.join('')}</ul></details>\n`,
    ].join('');
  });
  return `<section class="groups">\n<h2>Targets that behave alike</h2>\n${items.join('')}</section>\n`;
}

function styleOf(target: TargetOutcome): string {
  const standing = standingOf(target);
  return standing === 'conforms' ? 'good' : standing === 'not judged' ? 'warn' : 'bad';
}

/** The form, the data, and the place where the script puts the rows: before the form's end of `main`. */
function matrixPart(data: MatrixData): string {
  const options = (names: Iterable<string>): string =>
    [...new Set(names)]
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) => `<option value="${markup(name)}">${markup(name)}</option>`)
      .join('');
  const select = (name: string, content: string): string =>
    `<label>${name} <select name="${name}"><option value="">all</option>${content}</select></label>\n`;
  const used = new Set(data.kinds.map(([word]) => word));
  const words = WORDS.filter((_, at) => used.has(at));
  return [
    '<h2>Scenarios</h2>\n<noscript><p>The matrix of scenarios needs scripts.</p></noscript>\n<form id="filters" hidden>\n',
    '<label>text <input name="text" type="search" autocomplete="off"></label>\n',
    '<label>show <select name="differs"><option value="verdict" selected>where verdicts differ</option>',
    '<option value="behaviour">where behaviour differs</option><option value="">all scenarios</option></select></label>\n',
    select('verdict', words.map((word) => `<option value="${word}">${word}</option>`).join('')),
    select('level', options(data.scenarios.map(([, , , level]) => level))),
    select('section', options(data.scenarios.map(([, section]) => section))),
    select('clause', options(data.scenarios.map(([, , clause]) => clause))),
    '<output id="count"></output>\n',
    '<p class="facts">A row is a scenario, or several with the same outcomes; a column is a group of targets that behave alike. ',
    'Keys: <kbd>/</kbd> filter, <kbd>j</kbd> and <kbd>k</kbd> next and previous, <kbd>Enter</kbd> open, <kbd>Esc</kbd> clear</p>\n</form>\n',
    `<script type="application/json" id="matrix">${embedded(data)}</script>\n`,
  ].join('');
}

/** JSON that no markup ends or begins in. */
function embedded(data: MatrixData): string {
  return jsonText(data).replaceAll('<', '\\u003c');
}

function namesOf(targets: readonly TargetOutcome[]): string {
  const names = targets.slice(0, NAMED).map(({ name }) => markup(name));
  const rest = targets.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}

function countOf(targets: number): string {
  return counted(targets, 'target');
}
