/** The record of a scenario in words, as lines for every format. */

import { annotate } from '../../report/annotate.ts';
import type { PlanRecord, ScenarioRecord } from '../../report/record.ts';
import { readTranscript } from '../../report/transcript-record.ts';
import { plain, plainLines } from './escape.ts';

/** What was expected, what was observed and why they differ. One line each, escaped as plain text. */
export function explanation(record: ScenarioRecord): readonly string[] {
  switch (record.verdict) {
    case 'pass':
      return [`permitted: ${plain(record.accepted)}`, `observed:  ${plain(record.observed)}`];
    case 'fail': {
      const failed =
        record.attempts > 1 ? `; failed ${record.failedPlays} of ${record.attempts} attempts` : '';
      return [
        `expected: ${record.expected.map(plain).join('; or ')}`,
        `observed: ${plain(record.observed)}${failed}`,
        ...record.mismatches.map((mismatch) => `because:  ${plain(mismatch)}`),
        ...endOfTarget(record),
        ...(record.likelyCause ? [`likely:   ${plain(record.likelyCause)}`] : []),
      ];
    }
    default:
      return [...plainLines(record.reason), ...endOfTarget(record)];
  }
}

/** How the process of a target that died ended, and what it said. One line each, escaped as plain text. */
export function endOfTarget({ said }: Pick<ScenarioRecord, 'said'>): readonly string[] {
  if (said === undefined) return [];
  const lines = said.lines.map((line, index) => `${index === 0 ? 'said:     ' : '          '}${plain(line)}`);
  return [`ended:    ${plain(said.ended)}`, ...lines];
}

/** Why the scenario did not pass, in one line; empty for a pass. */
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

/** The command that replays the scenario. */
export function replayLine({ replay }: PlanRecord, { id, again }: ScenarioRecord): string {
  if (again !== undefined) return plain(again);
  return ['conform', plain(replay), '--only', plain(id)].filter(Boolean).join(' ');
}

/** The events and the bytes of the connection, field by field. */
export function wireLog(record: ScenarioRecord): readonly string[] {
  return annotate(readTranscript(record.transcript));
}

/** The protocol document on the web. OWNER is a placeholder for the account that hosts the repository. */
const PROTOCOL_URL = 'https://github.com/OWNER/tasksubmit-conform/blob/main/docs/protocol.md';

/** The URL of the clause in the protocol document. */
export function clauseUrl(clause: string): string {
  return `${PROTOCOL_URL}#${encodeURIComponent(clause.toLowerCase())}`;
}
