/** All scenarios of a report as a picture on the HTML page: one cell each, by section and clause. It also filters the list. */

import { nounOf } from '../../report/noun.ts';
import { sectionOf } from '../../scenario/requirement.ts';
import { markup, plain } from '../common/escape.ts';
import type { MatrixRow } from '../common/matrix.ts';
import type { Report } from '../common/report.ts';
import { BY_SEVERITY, styleOf } from './verdict.ts';

/** What one cell shows: a word, or that the implementations of a comparison differ. */
interface Cell {
  readonly id: string;
  readonly clause: string;
  readonly word: string;
}

/** The picture of these rows; empty without any. `plan`: of one of their reports. */
export function pictureHtml(rows: readonly MatrixRow[], plan: Report['plan'] | undefined): string {
  const sections = new Map<string, Map<string, Cell[]>>();
  for (const row of rows) {
    const clause = row.records.find((record) => record !== undefined)?.clause ?? '';
    const clauses = sections.get(sectionOf(row.id)) ?? new Map<string, Cell[]>();
    sections.set(sectionOf(row.id), clauses);
    clauses.set(clause, [...(clauses.get(clause) ?? []), { id: row.id, clause, word: wordOf(row) }]);
  }
  if (sections.size === 0) return '';
  const lines = [...sections].map(([section, clauses]) => sectionHtml(section, clauses));
  return [
    `<section class="picture">\n<h2>All ${nounOf(plan)}s by section and clause</h2>\n`,
    legend(rows),
    `<div class="map">\n${lines.join('')}</div>\n</section>\n`,
  ].join('');
}

/** The word that all implementations have, otherwise `differs`. */
function wordOf({ words }: MatrixRow): string {
  const [first = '–'] = words;
  return words.every((word) => word === first) ? first : 'differs';
}

function sectionHtml(section: string, clauses: ReadonlyMap<string, readonly Cell[]>): string {
  const all = [...clauses.values()].flat();
  const items = [...clauses]
    .sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
    .map(([clause, cells]) => {
      const name = `${markup(section)} ${markup(clause)}: ${countsOf(cells)}`;
      const link = `<a class="of-clause" href="#?${filter({ section, clause })}" aria-label="${name}">${markup(clause)}</a>`;
      return `<span class="clause">${link}<span class="cells" aria-hidden="true">${cells.map(cellHtml).join('')}</span></span>\n`;
    });
  return [
    `<div class="line"><a class="of-section" href="#?${filter({ section })}" aria-label="${markup(section)}: ${countsOf(all)}">${markup(section)}</a>`,
    `<div class="of">\n${items.join('')}</div></div>\n`,
  ].join('');
}

/** A cell takes no focus: the keyboard has the clauses, and the list of scenarios. */
function cellHtml({ id, word }: Cell): string {
  const name = encodeURIComponent(plain(id));
  return `<a tabindex="-1" href="#${name}" title="${markup(id)}: ${markup(word)}" class="${word === 'differs' ? 'warn v-differs' : styleOf(word)}"></a>`;
}

function legend(rows: readonly MatrixRow[]): string {
  const words = rows.map(wordOf);
  const items = ['differs', ...BY_SEVERITY].flatMap((word) => {
    const count = words.filter((one) => one === word).length;
    if (count === 0) return [];
    const cell = `<span class="cells" aria-hidden="true"><i class="${word === 'differs' ? 'warn v-differs' : styleOf(word)}"></i></span>`;
    const name = `${count} ${markup(word)}`;
    const linked =
      word === 'differs' || word === '–' ? name : `<a href="#?${filter({ verdict: word })}">${name}</a>`;
    return [`<li>${cell} ${linked}</li>\n`];
  });
  return `<ul class="legend">\n${items.join('')}<li><a href="#?">all ${rows.length}</a></li>\n</ul>\n`;
}

function countsOf(cells: readonly Cell[]): string {
  return ['differs', ...BY_SEVERITY]
    .map((word) => ({ word, count: cells.filter((cell) => cell.word === word).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${markup(word)}`)
    .join(', ');
}

/** A filter as the script reads it from the address, escaped for an attribute. */
function filter(fields: Readonly<Record<string, string>>): string {
  const shown = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) shown.set(name, plain(value));
  // A comparison shows by itself only what differs.
  shown.set('differs', '');
  return markup(shown.toString());
}
