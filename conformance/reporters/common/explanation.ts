/** A scenario's record in words: lines that every format shows in its own way. */

import { annotate } from '../../report/annotate.ts';
import type { PlanRecord, ScenarioRecord } from '../../report/record.ts';
import { readTranscript } from '../../report/transcript-record.ts';
import { plain, plainLines } from './escape.ts';

/** What was expected, what was seen and why that is not the same, one line each; harmless as plain text. */
export function explanation(record: ScenarioRecord): readonly string[] {
  switch (record.verdict) {
    case 'pass':
      return [`permitted: ${plain(record.accepted)}`, `observed:  ${plain(record.observed)}`];
    case 'fail': {
      const plays = record.attempts > 1 ? ` (${record.failedPlays} of ${record.attempts} plays)` : '';
      return [
        `expected: ${record.expected.map(plain).join('; or ')}`,
        `observed: ${plain(record.observed)}${plays}`,
        ...record.mismatches.map((mismatch) => `because:  ${plain(mismatch)}`),
        ...(record.likelyCause ? [`likely:   ${plain(record.likelyCause)}`] : []),
      ];
    }
    default:
      return plainLines(record.reason);
  }
}

/** In a sentence, why the scenario did not pass; empty for a pass. */
export function because(record: ScenarioRecord): string {
  switch (record.verdict) {
    case 'pass':
      return '';
    case 'fail':
      return record.mismatches.map(plain).join('; ');
    default:
      return plainLines(record.reason)[0] ?? '';
  }
}

/** The line that plays it again. */
export function replayLine({ replay }: PlanRecord, { id, again }: ScenarioRecord): string {
  if (again !== undefined) return plain(again);
  return ['conform', plain(replay), '--only', plain(id)].filter(Boolean).join(' ');
}

/** The wire log, laid out field by field. */
export function wireLog(record: ScenarioRecord): readonly string[] {
  return annotate(readTranscript(record.transcript));
}

/** The protocol document on the web. OWNER is a placeholder for the account that hosts the repository. */
const PROTOCOL_URL = 'https://github.com/OWNER/tasksubmit-conform/blob/main/docs/protocol.md';

/** The URL of the clause in the protocol document. */
export function clauseUrl(clause: string): string {
  return `${PROTOCOL_URL}#${encodeURIComponent(clause.toLowerCase())}`;
}
