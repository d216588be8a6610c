/** The Markdown of a report for publication, with its plots as files. It leaves out rows that are not steady. */

import { STEADY_MARGIN } from '../measure/rounds.ts';
import { chart } from './chart.ts';
import { heading, markdownSection } from './render.ts';
import type { Report, Row, Section } from './report.ts';

export interface Publication {
  readonly text: string;
  /** The plots as SVG, by their paths in the text. */
  readonly plots: ReadonlyMap<string, string>;
}

/** `folder` is that of the plots, relative to the page. */
export function publish(report: Report, folder: string): Publication {
  const plots = new Map<string, string>();
  const sections = report.sections.map(publishable).map((section) => {
    const svg = chart(section);
    if (svg === undefined) return markdownSection(section);
    const path = `${folder}/${section.id.replaceAll('/', '-')}.svg`;
    plots.set(path, svg);
    return markdownSection(section, path);
  });
  return { text: `${heading(report)}\n${sections.join('\n')}`, plots };
}

/** The section with only its steady rows, and with a note that names the others. */
function publishable(section: Section): Section {
  const isSteady = (row: Row): boolean => widestMargin(section, row) <= STEADY_MARGIN;
  const unsteady = section.rows.filter((row) => !isSteady(row));
  if (unsteady.length === 0) return section;
  const names = unsteady.map(({ name }) => name).join('; ');
  return {
    ...section,
    rows: section.rows.filter(isSteady),
    notes: [...section.notes, `Not steady enough to publish: ${names}.`],
  };
}

/** The widest margin of the figures of a row, each as a share of its figure; 0 for a row without margins. */
function widestMargin({ columns }: Section, { cells, compared }: Row): number {
  const margins = columns.flatMap(({ isMargin }, index) => {
    const [value, halfWidth] = [cells[index - 1] ?? null, cells[index] ?? null];
    return isMargin && value !== null && halfWidth !== null ? [Math.abs(halfWidth / value)] : [];
  });
  return Math.max(0, compared?.margin ?? 0, ...margins);
}
