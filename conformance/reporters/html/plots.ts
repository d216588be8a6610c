/** The course of a fuzzing campaign on the HTML page: a plot for each count over time, with a line for each finding. */

import type { Timeline, TimelineSample } from '../../report/record.ts';
import { markup, plain } from '../common/escape.ts';
import { type Report, titleOf } from '../common/report.ts';

/** In units of the drawing, which is as wide as a narrow screen so that its text stays legible there. */
const WIDTH = 360;
const HEIGHT = 130;
const MARGIN = { left: 48, right: 12, top: 8, bottom: 22 };

interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** A section with the plots; empty without a timeline of two samples. */
export function plotsHtml({ end, plan }: Report, isOneOfSeveral: boolean): string {
  const timeline = end?.timeline;
  if (timeline === undefined || timeline.samples.length < 2) return '';
  const { samples } = timeline;
  const total = (of: (sample: TimelineSample) => number | undefined): readonly Point[] =>
    samples.flatMap((sample) => {
      const value = of(sample);
      return value === undefined ? [] : [{ atMs: sample.atMs, value }];
    });
  const plots = [
    plot('Cases a second', ratesOf(samples), timeline),
    plot(
      'Signatures',
      total(({ signatures }) => signatures),
      timeline,
    ),
    plot(
      'Edges',
      total(({ edges }) => edges),
      timeline,
    ),
  ];
  const title = isOneOfSeveral ? `Course: ${markup(titleOf(plan))}` : 'Course';
  return `<section class="course">\n<h2>${title}</h2>\n<div class="plots">\n${plots.join('')}</div>\n</section>\n`;
}

/** The cases a second from each sample to the next, at the time of the next. */
function ratesOf(samples: readonly TimelineSample[]): readonly Point[] {
  return samples.slice(1).flatMap(({ atMs, cases }, at) => {
    const previous = samples[at];
    if (previous === undefined || atMs <= previous.atMs) return [];
    return [{ atMs, value: (1000 * (cases - previous.cases)) / (atMs - previous.atMs) }];
  });
}

/** Empty for fewer than two points. */
function plot(name: string, points: readonly Point[], { samples, findings }: Timeline): string {
  if (points.length < 2) return '';
  const [first, last] = [samples[0]?.atMs ?? 0, samples.at(-1)?.atMs ?? 0];
  const highest = Math.max(1, ...points.map(({ value }) => value));
  const bottom = HEIGHT - MARGIN.bottom;
  const across = (atMs: number): string =>
    (MARGIN.left + ((atMs - first) / (last - first || 1)) * (WIDTH - MARGIN.left - MARGIN.right)).toFixed(1);
  const up = (value: number): string => (bottom - (value / highest) * (bottom - MARGIN.top)).toFixed(1);
  const marks = findings.map(({ id, atMs }) => {
    const x = across(Math.min(last, Math.max(first, atMs)));
    const line = `<path class="found" d="M${x},${MARGIN.top} V${bottom}"/>`;
    return `<a href="#${encodeURIComponent(plain(id))}"><title>${markup(id)}</title>${line}</a>\n`;
  });
  const end = points.at(-1)?.value ?? 0;
  const alternative = `${name} over time: at the end ${count(end)}, at most ${count(highest)}`;
  return [
    `<figure><figcaption>${name}${findings.length > 0 ? ', with a line for each finding' : ''}</figcaption>\n`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="group" aria-label="${alternative}">\n`,
    `<path class="axes" d="M${MARGIN.left},${MARGIN.top} V${bottom} H${WIDTH - MARGIN.right}"/>\n`,
    text(MARGIN.left - 5, MARGIN.top + 9, 'end', count(highest)),
    text(MARGIN.left - 5, bottom, 'end', '0'),
    text(MARGIN.left, HEIGHT - 6, 'start', seconds(first)),
    text(WIDTH - MARGIN.right, HEIGHT - 6, 'end', seconds(last)),
    ...marks,
    `<polyline points="${points.map(({ atMs, value }) => `${across(atMs)},${up(value)}`).join(' ')}"/>\n`,
    '</svg></figure>\n',
  ].join('');
}

function text(x: number, y: number, anchor: 'start' | 'end', content: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>\n`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en').replaceAll(',', '\u202f');
}

function seconds(ms: number): string {
  return ms >= 600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
