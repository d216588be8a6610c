/** A badge, as the endpoint JSON that shields.io reads, or as an SVG image. */

import { effectiveVerdict } from '../../report/effective-verdict.ts';
import type { Summary } from '../../report/summary.ts';
import { jsonText, markup } from '../common/escape.ts';
import { type Renderer, whole } from '../common/renderer.ts';
import type { Report } from '../common/report.ts';

const LABEL = 'conformance';
const COLOURS = { good: '#2ea44f', known: '#9a6700', bad: '#cf222e', none: '#6e7781' } as const;

/** https://shields.io/badges/endpoint-badge */
export function badge(): Renderer {
  return whole((reports) => {
    const { message, colour } = badgeOf(reports);
    return `${jsonText({ schemaVersion: 1, label: LABEL, message, color: colour })}\n`;
  });
}

export function badgeSvg(): Renderer {
  return whole((reports) => {
    const { message, colour } = badgeOf(reports);
    const widths = [LABEL, message].map((text) => Math.round(text.length * 6.6 + 12));
    const [left = 0, right = 0] = widths;
    const shown = markup(message);
    const text = (content: string, x: number, width: number): string =>
      `<text x="${x + width / 2}" y="14" textLength="${width - 12}" lengthAdjust="spacingAndGlyphs">${content}</text>`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${LABEL}: ${shown}">`,
      `<title>${LABEL}: ${shown}</title>`,
      `<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>`,
      `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${colour}"/></g>`,
      `<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
      text(LABEL, 0, left),
      text(shown, left, right),
      '</g></svg>\n',
    ].join('');
  });
}

/** Several reports give the badge of the first one. */
function badgeOf([report]: readonly Report[]): { readonly message: string; readonly colour: string } {
  if (report === undefined) return { message: 'no verdict', colour: COLOURS.none };
  const { verdict, total, planned } = report.summary;
  const failed = report.scenarios.filter(
    (record) => record.verdict === 'fail' && !effectiveVerdict(record, report.plan.strict).conforms,
  ).length;
  const { MUST } = report.summary.counts;
  const share = `${total.pass}/${planned}${MUST.skipped > 0 ? `, ${total.skipped} skipped` : ''}`;
  const messages: Readonly<
    Record<Summary['verdict'], { readonly message: string; readonly colour: string }>
  > = {
    conforms: { message: `conforms ${share}`, colour: COLOURS.good },
    'conforms but for known failures': {
      message: `${total.known} known failures, ${share}`,
      colour: COLOURS.known,
    },
    'does not conform': { message: `${failed} of ${planned} failed`, colour: COLOURS.bad },
    'no verdict': { message: 'no verdict', colour: COLOURS.none },
  };
  return messages[verdict];
}
