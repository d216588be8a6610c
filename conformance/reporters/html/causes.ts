/** The causes of the findings on the HTML page. Those that count against the target are open, with all of their evidence. */

import type { CauseGroup } from '../../report/causes.ts';
import { nounOf } from '../../report/noun.ts';
import { markup, plain } from '../common/escape.ts';
import { dependentsLine } from '../common/explanation.ts';
import { type Report, titleOf } from '../common/report.ts';
import { type ClauseTexts, clauseQuote } from './clause.ts';
import { againHtml, dumpsHtml, factsHtml, wireHtml } from './evidence.ts';
import { verdictHtml } from './verdict.ts';

/** Causes that are open when the page opens, if it has one report. */
const OPEN = 12;

/** A section with the causes of the run; empty if there is no finding. */
export function causesHtml(report: Report, isOneOfSeveral: boolean, texts: ClauseTexts): string {
  const { groups, plan } = report;
  const shown = groups.filter(({ root, dependents }) => !root.onlyAsControl || dependents.length > 0);
  if (shown.length === 0) return '';
  const title = isOneOfSeveral ? `Causes: ${markup(titleOf(plan))}` : 'Causes';
  const causes = shown.map((group, index) =>
    causeHtml(report, group, index === 0 || (!group.conforms && index < OPEN && !isOneOfSeveral), texts),
  );
  return `<section class="causes">\n<h2>${title}</h2>\n${causes.join('')}</section>\n`;
}

function causeHtml({ plan }: Report, group: CauseGroup, isOpen: boolean, texts: ClauseTexts): string {
  const { root, others, dependents, word, cause } = group;
  const count = others.length === 0 ? '' : ` <span class="tag">and ${others.length} more</span>`;
  const line = dependentsLine(group);
  return [
    `<details data-root="${markup(root.id)}"${isOpen ? ' open' : ''}>\n`,
    `<summary>${verdictHtml(word)} <span class="what"><span class="cause">${markup(cause)}</span> `,
    `<span class="id">${markup(root.id)}</span>${count}</span></summary>\n`,
    `<p>${markup(root.requirement)}</p>\n`,
    factsHtml(root, plan),
    wireHtml(root),
    againHtml(plan, root),
    clauseQuote(root.clause, texts),
    dumpsHtml(root) === ''
      ? ''
      : `<details class="dumps"><summary>All bytes</summary>\n${dumpsHtml(root)}</details>\n`,
    list(others.length > 0 ? `All ${nounOf(plan)}s with this cause` : `The ${nounOf(plan)}`, [
      root,
      ...others,
    ]),
    ...(line === '' ? [] : [list(line, dependents)]),
    '</details>\n',
  ].join('');
}

/** Links to the scenarios further down the page. */
export function list(title: string, records: CauseGroup['others']): string {
  const items = records.map(({ id, onlyAsControl }) => {
    const name = `<span class="id">${markup(id)}</span>`;
    return `<li>${onlyAsControl ? name : `<a href="#${encodeURIComponent(plain(id))}">${name}</a>`}</li>\n`;
  });
  return `<p>${markup(title)}:</p>\n<ul>\n${items.join('')}</ul>\n`;
}
