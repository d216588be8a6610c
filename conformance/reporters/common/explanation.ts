/** The record of a scenario in words, as lines for every format. */

import { annotate } from '../../report/annotate.ts';
import type { CauseGroup } from '../../report/causes.ts';
import { effectiveVerdict, flakyCountsAs } from '../../report/effective-verdict.ts';
import type { PlanRecord, ScenarioRecord } from '../../report/record.ts';
import { readTranscript } from '../../report/transcript-record.ts';
import { commandToRepeat } from '../../util/command-to-repeat.ts';
import { counted } from '../../util/counted.ts';
import { plain, plainLines } from './escape.ts';
import type { Report } from './report.ts';

/** A fact about a record with its name, such as `observed`. The name of a line that has none is empty. */
export interface NamedFact {
  readonly name: string;
  /** At least one, each escaped as plain text. */
  readonly lines: readonly string[];
}

/** What was expected, what was observed and why they differ. One line each, escaped as plain text. */
export function explanation(record: ScenarioRecord, plan: PlanRecord): readonly string[] {
  // The facts of a pass have longer names than those of any other verdict.
  return factLines(explainingFacts(record, plan), record.verdict === 'pass' ? 11 : 10);
}

function factLines(facts: readonly NamedFact[], width = 10): readonly string[] {
  return facts.flatMap(({ name, lines }) =>
    name === '' ? lines : lines.map((line, index) => (index === 0 ? `${name}:` : '').padEnd(width) + line),
  );
}

/** What `explanation` says, for a format with a layout of its own. */
export function explainingFacts(record: ScenarioRecord, { strict }: PlanRecord): readonly NamedFact[] {
  const fact = (name: string, line: string): NamedFact => ({ name, lines: [line] });
  switch (record.verdict) {
    case 'pass':
      return [fact('permitted', plain(record.accepted)), fact('observed', plain(record.observed))];
    case 'fail': {
      const failed = record.provisional
        ? `; ${NOT_YET_AGAIN}`
        : record.attempts > 1
          ? `; failed ${record.failedPlays} of ${record.attempts} attempts`
          : '';
      const isFlaky = effectiveVerdict(record, strict).word === 'flaky';
      return [
        fact('expected', record.expected.map(plain).join('; or ')),
        ...(record.conditions ?? []).map((condition) => fact('and', plain(condition))),
        fact('observed', `${plain(record.observed)}${failed}`),
        ...(isFlaky ? [fact('flaky', `counts as a ${flakyCountsAs(record, strict)}`)] : []),
        ...record.mismatches.map((mismatch) => fact('because', plain(mismatch))),
        ...endFacts(record),
        ...(record.likelyCause ? [fact('likely', plain(record.likelyCause))] : []),
      ];
    }
    default:
      return [{ name: '', lines: plainLines(record.reason) }, ...endFacts(record)];
  }
}

/** Of a provisional failure. */
export const NOT_YET_AGAIN = 'failed once, not yet attempted again';

/** The clause, its address in the protocol document, and the command that shows it. */
export function clauseLine({ clause }: ScenarioRecord, { program }: PlanRecord): string {
  const name = plain(clause);
  return `${name}, ${clauseUrl(clause)}; ${plain(commandToRepeat(program, 'explain', clause))}`;
}

/** How many other findings have the cause: `and 12 more with the same cause`. Empty if there are none. */
export function alsoLine({ others }: CauseGroup): string {
  return others.length === 0 ? '' : `and ${others.length} more with the same cause`;
}

/** How many scenarios the group leaves inconclusive. Empty if there are none. */
export function dependentsLine({ dependents }: CauseGroup): string {
  const [one, many] = ['scenario that needs it is', 'scenarios that need it are'] as const;
  return dependents.length === 0 ? '' : `${counted(dependents.length, one, many)} inconclusive`;
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

/** How the process of a target that died ended, and what the process said. One line each, escaped as plain text. */
function endOfTarget(record: Pick<ScenarioRecord, 'said'>): readonly string[] {
  return factLines(endFacts(record));
}

/** The same for a target that did not come to listen, or did not answer; empty for every other end of a run. */
export function unreachableLines({ end }: Report): readonly string[] {
  return end?.because === 'unreachable' ? endOfTarget(end) : [];
}

function endFacts({
  said,
  targetDied = true,
}: Pick<ScenarioRecord, 'said'> & { readonly targetDied?: boolean }): readonly NamedFact[] {
  if (said === undefined) return [];
  return [
    ...(targetDied ? [{ name: 'ended', lines: [plain(said.ended)] }] : []),
    ...(said.lines.length > 0 ? [{ name: 'said', lines: said.lines.map(plain) }] : []),
  ];
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
export function replayLine({ program, command, replay }: PlanRecord, { id, again }: ScenarioRecord): string {
  if (again !== undefined) return plain(again);
  return commandToRepeat(program && plain(program), command, plain(replay), '--only', plain(id));
}

/** The events and the bytes of the connection, field by field, with the parts that matter in ⟦brackets⟧. */
export function wireLog(record: ScenarioRecord): readonly string[] {
  return annotate(readTranscript(record.transcript), record.marks, peerOf(record));
}

/** Who the kit had a connection with. The ids of the scenarios for clients are permanent, and only theirs begin so. */
export function peerOf({ id }: Pick<ScenarioRecord, 'id'>): 'target' | 'client' {
  return id.startsWith('client-') ? 'client' : 'target';
}

/** The protocol document on the web. OWNER is a placeholder for the account that hosts the repository. */
const PROTOCOL_URL = 'https://github.com/OWNER/tasksubmit-conform/blob/main/docs/protocol.md';

/** The URL of the clause in the protocol document. */
export function clauseUrl(clause: string): string {
  return `${PROTOCOL_URL}#${encodeURIComponent(clause.toLowerCase())}`;
}
