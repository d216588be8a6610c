/** The formats by name. */

import { badge, badgeSvg } from './badge.ts';
import { github } from './github.ts';
import { html } from './html.ts';
import { json, jsonLines } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { type PrettyOptions, pretty } from './pretty.ts';
import type { Renderer } from './renderer.ts';
import { sarif } from './sarif.ts';
import { tap } from './tap.ts';

export const FORMATS = [
  'pretty',
  'tap',
  'json',
  'jsonl',
  'junit',
  'markdown',
  'github',
  'sarif',
  'html',
  'badge',
  'badge-svg',
] as const;

export type Format = (typeof FORMATS)[number];

/** Formats that have no place for a second report. */
export const ONE_REPORT: readonly Format[] = ['tap', 'badge', 'badge-svg'];

/** A renderer for one text. Only 'pretty' has options. */
export function renderer(format: Format, options: PrettyOptions): Renderer {
  switch (format) {
    case 'pretty':
      return pretty(options);
    case 'tap':
      return tap();
    case 'json':
      return json();
    case 'jsonl':
      return jsonLines();
    case 'junit':
      return junit();
    case 'markdown':
      return markdown();
    case 'github':
      return github();
    case 'sarif':
      return sarif();
    case 'html':
      return html();
    case 'badge':
      return badge();
    case 'badge-svg':
      return badgeSvg();
  }
}
