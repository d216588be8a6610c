/** The causes of the findings on the HTML page: one line for each, which opens to show the root and the others. */

import type { CauseGroup } from '../../report/causes.ts';
import { markup, plain } from '../common/escape.ts';
import { clauseUrl, dependentsLine, explanation, replayLine } from '../common/explanation.ts';
import { type Report, titleOf } from '../common/report.ts';
import { styleOf } from './scenario.ts';

/** A section with the causes of the run; empty if there is no finding. */
export function causesHtml(report: Report, isOneOfSeveral: boolean): string {
  const { groups, plan } = report;
  const shown = groups.filter(({ root, dependents }) => !root.onlyAsControl || dependents.length > 0);
  if (shown.length === 0) return '';
  const title = isOneOfSeveral ? `Causes: ${markup(titleOf(plan))}` : 'Causes';
  return `<section class="causes">\n<h2>${title}</h2>\n${shown.map((group, index) => causeHtml(report, group, index === 0)).join('')}</section>\n`;
}

function causeHtml({ plan }: Report, group: CauseGroup, isOpen: boolean): string {
  const { root, others, dependents, word, cause } = group;
  const count = others.length === 0 ? '' : ` <span class="tag">and ${others.length} more</span>`;
  const line = dependentsLine(group);
  return [
    `<details${isOpen ? ' open' : ''}>\n`,
    `<summary><b class="${styleOf(word)}">${markup(word)}</b> <span class="id">${markup(root.id)}</span> ${markup(cause)}${count}</summary>\n`,
    `<p>${markup(root.requirement)} <a href="${clauseUrl(root.clause)}">Clause ${markup(root.clause)}</a></p>\n`,
    `<pre class="text">${explanation(root, plan).map(markup).join('\n')}</pre>\n`,
    `<p>Run again: <code>${markup(replayLine(plan, root))}</code></p>\n`,
    list([root, ...others]),
    ...(line === '' ? [] : [`<p>${line}:</p>\n`, list(dependents)]),
    '</details>\n',
  ].join('');
}

/** Links to the scenarios further down the page. */
function list(records: CauseGroup['others']): string {
  const items = records.map(({ id, onlyAsControl }) => {
    const name = `<span class="id">${markup(id)}</span>`;
    return `<li>${onlyAsControl ? name : `<a href="#${encodeURIComponent(plain(id))}">${name}</a>`}</li>\n`;
  });
  return `<ul>\n${items.join('')}</ul>\n`;
}
