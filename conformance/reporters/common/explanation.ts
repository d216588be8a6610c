/** The record of a scenario in words, as lines for every format. */

import { annotate } from '../../report/annotate.ts';
import type { CauseGroup } from '../../report/causes.ts';
import { effectiveVerdict, flakyCountsAs } from '../../report/effective-verdict.ts';
import type { PlanRecord, ScenarioRecord } from '../../report/record.ts';
import { readTranscript } from '../../report/transcript-record.ts';
import { plain, plainLines } from './escape.ts';
import type { Report } from './report.ts';

/** What was expected, what was observed and why they differ. One line each, escaped as plain text. */
export function explanation(record: ScenarioRecord, { strict }: PlanRecord): readonly string[] {
  switch (record.verdict) {
    case 'pass':
      return [`permitted: ${plain(record.accepted)}`, `observed:  ${plain(record.observed)}`];
    case 'fail': {
      const failed = record.provisional
        ? `; ${NOT_YET_AGAIN}`
        : record.attempts > 1
          ? `; failed ${record.failedPlays} of ${record.attempts} attempts`
          : '';
      return [
        `expected: ${record.expected.map(plain).join('; or ')}`,
        ...(record.conditions ?? []).map((condition) => `and:      ${plain(condition)}`),
        `observed: ${plain(record.observed)}${failed}`,
        ...flakyLines(record, strict),
        ...record.mismatches.map((mismatch) => `because:  ${plain(mismatch)}`),
        ...endOfTarget(record),
        ...(record.likelyCause ? [`likely:   ${plain(record.likelyCause)}`] : []),
      ];
    }
    default:
      return [...plainLines(record.reason), ...endOfTarget(record)];
  }
}

/** Of a provisional failure. */
export const NOT_YET_AGAIN = 'failed once, not yet attempted again';

/** What a flaky record counts as; none for any other record. */
function flakyLines(record: ScenarioRecord, strict: boolean): readonly string[] {
  const isFlaky = effectiveVerdict(record, strict).word === 'flaky';
  return isFlaky ? [`flaky:    counts as a ${flakyCountsAs(record, strict)}`] : [];
}

/** The clause, its address in the protocol document, and the command that shows it. */
export function clauseLine({ clause }: ScenarioRecord): string {
  const name = plain(clause);
  return `${name}, ${clauseUrl(clause)}; conform explain ${name}`;
}

/** How many other findings have the cause: `and 12 more with the same cause`. Empty if there are none. */
export function alsoLine({ others }: CauseGroup): string {
  return others.length === 0 ? '' : `and ${others.length} more with the same cause`;
}

/** How many scenarios the group leaves inconclusive. Empty if there are none. */
export function dependentsLine({ dependents }: CauseGroup): string {
  const count = dependents.length;
  if (count === 0) return '';
  return count === 1
    ? '1 scenario that needs it is inconclusive'
    : `${count} scenarios that need it are inconclusive`;
}

/**
 * For a format that has an entry for each scenario: the cause and the root, in one line, for a finding that is not the root
 * of its group; undefined for any other record.
 */
export function referenceTo({ groups }: Report, record: ScenarioRecord): string | undefined {
  for (const { root, cause, others, dependents } of groups) {
    if (others.includes(record)) return `same cause as ${plain(root.id)}: ${plain(cause)}`;
    if (dependents.includes(record)) return `needs ${plain(root.id)}, which did not pass: ${plain(cause)}`;
  }
  return undefined;
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
export function replayLine({ command, replay }: PlanRecord, { id, again }: ScenarioRecord): string {
  if (again !== undefined) return plain(again);
  return ['conform', command, plain(replay), '--only', plain(id)].filter(Boolean).join(' ');
}

/** The events and the bytes of the connection, field by field, with the parts that matter in ⟦brackets⟧. */
export function wireLog(record: ScenarioRecord): readonly string[] {
  return annotate(readTranscript(record.transcript), record.marks);
}

/** The protocol document on the web. OWNER is a placeholder for the account that hosts the repository. */
const PROTOCOL_URL = 'https://github.com/OWNER/tasksubmit-conform/blob/main/docs/protocol.md';

/** The URL of the clause in the protocol document. */
export function clauseUrl(clause: string): string {
  return `${PROTOCOL_URL}#${encodeURIComponent(clause.toLowerCase())}`;
}
