/** A report as text, as JSON, as Markdown, or as one HTML page without other files. */

import { markup } from '../../conformance/reporters/common/escape.ts';
import { type Column, textTable } from '../../conformance/util/text-table.ts';
import { chart } from './chart.ts';
import { format } from './format.ts';
import type { Machine, Report, Section } from './report.ts';

export type Format = 'table' | 'json' | 'markdown' | 'html';

export function render(report: Report, as: Format): string {
  switch (as) {
    case 'table':
      return `${describeMachine(report.machine)}, ${day(report)}\n${report.sections.map(textSection).join('')}`;
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case 'markdown':
      return `${heading(report)}\n${report.sections.map((section) => markdownSection(section)).join('\n')}`;
    case 'html':
      return page(report);
  }
}

function describeMachine({ cpus, cpu, memoryBytes, system, node }: Machine): string {
  return `${cpus} × ${cpu}, ${Math.round(memoryBytes / 1024 ** 3)} GiB, ${system}, Node ${node}`;
}

/** The heading of a report in Markdown, with the date, the machine and the command line. */
export function heading({ bench, command, machine, ...report }: Report): string {
  return `## conform bench ${bench}\n\n${day(report)}, ${describeMachine(machine)}. Measured by \`${command}\`\n`;
}

/** A section in Markdown. `image` is the path of its plot. A section without rows has no table. */
export function markdownSection(section: Section, image?: string): string {
  const [titles = [], ...rows] = cellsOf(section);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  const rule = `|${titles.map((_, column) => (column === 0 ? '---' : '--:')).join('|')}|\n`;
  const table = rows.length === 0 ? '' : `${line(titles)}${rule}${rows.map(line).join('')}\n`;
  const picture = image === undefined ? '' : `![${section.title}](${image})\n\n`;
  return `### ${section.title}\n\n${table}${picture}${section.notes.map((note) => `${note}\n\n`).join('')}`;
}

/** The titles and then the rows, each with its name first. A column that repeats the names is left out. */
function cellsOf({ of, columns, rows }: Section): string[][] {
  const shown = [...columns.entries()].filter(([, { isName }]) => !isName);
  return [
    [of, ...shown.map(([, { title }]) => title)],
    ...rows.map(({ name, cells }) => [
      name,
      ...shown.map(([index, { unit }]) => {
        const cell = cells[index] ?? null;
        return cell === null ? '' : format(cell, unit);
      }),
    ]),
  ];
}

function textSection(section: Section): string {
  const notes = section.notes.map((note) => `${note}\n`).join('');
  const cells = cellsOf(section);
  const columns = (cells[0] ?? []).map((_, at): Column => ({ align: at === 0 ? 'left' : 'right' }));
  return `\n${section.title}\n${textTable(cells, columns)}${notes}`;
}

function page(report: Report): string {
  const title = `conform bench ${report.bench}`;
  const sections = report.sections.map((section) => {
    const [titles = [], ...rows] = cellsOf(section);
    const row = (cells: readonly string[], tag: string): string =>
      `<tr>${cells.map((cell) => `<${tag}>${markup(cell)}</${tag}>`).join('')}</tr>\n`;
    const table = `<table>\n${row(titles, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table>\n`;
    const notes = section.notes.map((note) => `<p>${markup(note)}</p>\n`).join('');
    return `<h2>${markup(section.title)}</h2>\n${chart(section) ?? ''}\n${table}${notes}`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${markup(title)}</title>
<style>
body { font: 15px/1.5 sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { padding: 0.2rem 0.7rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
svg { max-width: 100%; }
</style>
<h1>${markup(title)}</h1>
<p>${markup(`${day(report)}, ${describeMachine(report.machine)}`)}</p>
<p>Measured by <code>${markup(report.command)}</code></p>
${sections.join('\n')}
</html>
`;
}

function day({ date }: Pick<Report, 'date'>): string {
  return date.slice(0, 10);
}
