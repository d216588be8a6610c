/** The form that filters the scenarios of the HTML page. It is hidden until the script shows it, because it needs the script. */

import { effectiveVerdict, WORDS } from '../../report/effective-verdict.ts';
import { headingOf } from '../../report/noun.ts';
import { sectionOf } from '../../scenario/requirement.ts';
import { markup } from '../common/escape.ts';
import { isComparison, type Report, titleOf } from '../common/report.ts';
import { letterOf } from './scenario.ts';

/** The heading of the scenarios or rules, the form, and the names of the columns of a comparison. */
export function filtersHtml(reports: readonly Report[]): string {
  const records = reports.flatMap(({ scenarios, plan }) =>
    scenarios
      .filter(({ onlyAsControl }) => !onlyAsControl)
      .map((record) => ({ record, word: effectiveVerdict(record, plan.strict).word })),
  );
  const isCompared = isComparison(reports);
  return [
    `<h2>${headingOf(reports[0]?.plan)}</h2>\n<form id="filters" hidden>\n`,
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
      records.map(({ record }) => sectionOf(record.id)),
    ),
    select(
      'clause',
      records.map(({ record }) => record.clause),
    ),
    '<label>order <select name="order"><option value="">failures first</option><option value="slow">slowest first</option></select></label>\n',
    ...(isCompared
      ? ['<label><input name="differs" type="checkbox" checked> only where they differ</label>\n']
      : []),
    '<output id="count"></output>\n',
    '<p class="facts">Keys: <kbd>/</kbd> filter, <kbd>j</kbd> and <kbd>k</kbd> next and previous, <kbd>Enter</kbd> open, ',
    '<kbd>c</kbd> copy the command that runs it again, <kbd>Esc</kbd> clear</p>\n</form>\n',
    isCompared ? columns(reports) : '',
  ].join('');
}

function columns(reports: readonly Report[]): string {
  const names = reports.map(
    ({ plan }, index) =>
      `<span class="of-several"><b>${letterOf(index)}</b> <span class="word">${markup(titleOf(plan))}</span></span>`,
  );
  return `<div class="columns">${names.join('')}</div>\n`;
}

function select(name: string, values: readonly string[], order: readonly string[] = []): string {
  const sorted = [...new Set(values)].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b) || a.localeCompare(b, 'en', { numeric: true }),
  );
  const options = sorted.map((value) => {
    const count = values.filter((one) => one === value).length;
    return `<option value="${markup(value)}">${markup(value)} (${count})</option>`;
  });
  return `<label>${name} <select name="${name}"><option value="">all</option>${options.join('')}</select></label>\n`;
}
