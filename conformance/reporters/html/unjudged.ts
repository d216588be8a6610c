/** What was not judged, on the HTML page: the reasons for which scenarios were skipped, with the scenarios of each. */

import { headingOf } from '../../report/noun.ts';
import type { ScenarioRecord } from '../../report/record.ts';
import { counted } from '../../util/counted.ts';
import { escapeMarkup, markup, plainLines } from '../common/escape.ts';
import { type Report, titleOf } from '../common/report.ts';
import { list } from './causes.ts';

/** A section with the reasons, the most frequent first; empty if nothing was skipped. */
export function unjudgedHtml({ scenarios, missing, plan }: Report, isOneOfSeveral: boolean): string {
  const reasons = new Map<string, ScenarioRecord[]>();
  for (const record of scenarios) {
    if (record.verdict !== 'skipped' || record.onlyAsControl) continue;
    const reason = plainLines(record.reason)[0] ?? '';
    reasons.set(reason, [...(reasons.get(reason) ?? []), record]);
  }
  if (reasons.size === 0 && missing.length === 0) return '';
  const title = isOneOfSeveral ? `Not judged: ${markup(titleOf(plan))}` : 'Not judged';
  const skipped = [...reasons]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(
      ([reason, records]) =>
        `<details>\n<summary><b class="v none v-skipped">skipped</b> <span class="what">${escapeMarkup(reason)} <span class="tag">${records.length}</span></span></summary>\n${list(headingOf(plan), records)}</details>\n`,
    );
  const lost =
    missing.length === 0
      ? ''
      : `<p>${counted(missing.length, 'planned scenario was', 'planned scenarios were')} not run before the end.</p>\n`;
  return `<section class="unjudged">\n<h2>${title}</h2>\n${lost}${skipped.join('')}</section>\n`;
}
