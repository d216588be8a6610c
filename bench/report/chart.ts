/** The plot of a section as SVG: lines over the first column on logarithmic scales, or a group of bars for each row. */

import { markup } from '../../conformance/reporters/common/escape.ts';
import { format } from './format.ts';
import type { Plot, Section, Unit } from './report.ts';

const WIDTH = 720;
const COLOURS = ['#2563eb', '#d97706', '#059669', '#7c3aed'];
const MARGIN = { left: 80, right: 20, top: 40, bottom: 50 };
const LINES_HEIGHT = 360;
const BAR_HEIGHT = 12;
const BAR_LABELS = 230;
const BAR_VALUES = 80;

/** Undefined for a section without a plot or without rows. */
export function chart(section: Section): string | undefined {
  if (section.plot === undefined || section.rows.length === 0) return undefined;
  return section.plot.kind === 'lines' ? lines(section, section.plot) : bars(section, section.plot);
}

function lines({ title, columns, rows }: Section, plot: Plot): string {
  const series = plot.columns.map((column) => ({
    title: columns[column]?.title ?? '',
    points: rows.flatMap(({ cells }) => {
      const [x, y] = [cells[0] ?? null, cells[column] ?? null];
      return x !== null && y !== null && x > 0 && y > 0 ? [[x, y] as const] : [];
    }),
  }));
  const all = series.flatMap(({ points }) => points);
  const across = scale(
    all.map(([x]) => x),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const up = scale(
    all.map(([, y]) => y),
    LINES_HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const xUnit = columns[0]?.unit ?? 'count';
  const yUnit = columns[plot.columns[0] ?? 0]?.unit ?? 'count';
  const bottom = LINES_HEIGHT - MARGIN.bottom;
  const xTicks = ticks(
    all.map(([x]) => x),
    xUnit,
  ).map(([x, label]) => text(across(x), bottom + 18, label, 'middle'));
  const yTicks = ticks(
    all.map(([, y]) => y),
    yUnit,
  ).map(([y, label]) => text(MARGIN.left - 8, up(y) + 4, label, 'end'));
  const drawn = series.map(({ points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`);
    const dots = path.map((at) => {
      const [x, y] = at.split(',');
      return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
    });
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>\n${dots.join('\n')}`;
  });
  const axes = `<path d="M${MARGIN.left},${MARGIN.top} V${bottom} H${WIDTH - MARGIN.right}" fill="none" stroke="#888"/>`;
  const name = text(WIDTH / 2, LINES_HEIGHT - 10, columns[0]?.title ?? '', 'middle');
  return svg(title, LINES_HEIGHT, [
    axes,
    ...xTicks,
    ...yTicks,
    name,
    ...drawn,
    legend(series.map(({ title }) => title)),
  ]);
}

function bars({ title, columns, rows }: Section, plot: Plot): string {
  const values = rows.flatMap(({ cells }) => plot.columns.map((column) => cells[column] ?? 0));
  const largest = Math.max(...values, Number.MIN_VALUE);
  const room = WIDTH - BAR_LABELS - BAR_VALUES;
  const step = plot.columns.length * BAR_HEIGHT + 8;
  const drawn = rows.flatMap(({ name, cells }, row) => {
    const top = MARGIN.top + row * step;
    const label = text(BAR_LABELS - 8, top + (step - 8) / 2 + 4, name, 'end');
    const shown = plot.columns.map((column, index) => {
      const value = cells[column] ?? null;
      if (value === null) return '';
      const width = (value / largest) * room;
      const y = top + index * BAR_HEIGHT;
      const bar = `<rect x="${BAR_LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT - 2}" fill="${COLOURS[index % COLOURS.length]}"/>`;
      const shownValue = format(value, columns[column]?.unit ?? 'count');
      return bar + text(BAR_LABELS + width + 4, y + BAR_HEIGHT - 3, shownValue, 'start');
    });
    return [label, ...shown];
  });
  const titles = plot.columns.map((column) => columns[column]?.title ?? '');
  return svg(title, MARGIN.top + rows.length * step + 10, [...drawn, legend(titles)]);
}

/** Maps the range of positive values to the pixels from `first` to `last`, by their logarithms. */
function scale(values: readonly number[], first: number, last: number): (value: number) => number {
  const low = Math.log(Math.min(...values));
  const span = Math.log(Math.max(...values)) - low || 1;
  return (value) => first + ((Math.log(value) - low) / span) * (last - first);
}

/** At most six of the values, with labels. */
function ticks(values: readonly number[], unit: Unit): (readonly [number, string])[] {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const step = Math.ceil(distinct.length / 6);
  return distinct
    .filter((_, index) => index % step === 0)
    .map((value) => [value, format(value, unit)] as const);
}

function legend(titles: readonly string[]): string {
  return titles
    .map((title, index) => {
      const x = MARGIN.left + index * 170;
      const box = `<rect x="${x}" y="24" width="10" height="10" fill="${COLOURS[index % COLOURS.length]}"/>`;
      return box + text(x + 16, 33, title, 'start');
    })
    .join('\n');
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${markup(content)}</text>`;
}

function svg(title: string, height: number, parts: readonly string[]): string {
  const heading = `<text x="8" y="16" font-weight="bold">${markup(title)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11" role="img">
<title>${markup(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
${[heading, ...parts].join('\n')}
</svg>
`;
}
