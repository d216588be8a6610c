/** A campaign as text: a status line, findings, a summary, and tables of mutations and signatures. */

import type { Colors } from '../../conformance/index.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';
import {
  type CampaignResult,
  caseSize,
  type EndReason,
  type Finding,
  INVARIANTS,
  type Investigated,
  isDifference,
  type Progress,
  siteText,
} from '../../fuzz/index.ts';
import type { ReportContext } from './records.ts';

/** Of the words of a label, so that what they name stands in a column. */
const LABEL_WIDTH = 13;
/** Lines of a list; the file of the finding has all. */
const LISTED = 6;

/** The first line of a campaign. */
export function beginLine({
  name,
  address,
  seed,
  shard,
}: Pick<ReportContext, 'name' | 'address' | 'seed' | 'shard'>): string {
  const part = shard === undefined ? '' : `, shard ${shard.index} of ${shard.of}`;
  return `fuzzing ${name} on ${address}, seed ${seed}${part}\n`;
}

/** What came of a candidate. */
export function outcomeLine(event: Investigated): string {
  switch (event.outcome) {
    case 'confirmed': {
      const { id, failed, attempts } = event.finding;
      return `confirmed as ${id}${failed < attempts ? `, flaky ${failed}/${attempts}` : ''}`;
    }
    case 'known':
      return `confirmed as ${event.id}, which is known`;
    case 'unconfirmed':
      return event.finding === undefined
        ? 'not confirmed: the case did not show it again'
        : `not confirmed: the case alone did not show it again; recorded as ${event.finding.id}`;
    case 'ended':
      return 'not confirmed: the investigation ended early';
  }
}

/** A finding as lines, with all that the target said when it ended. `again` is the command that replays it. */
export function findingLines(finding: Finding, colors: Colors, again: string): string[] {
  const { id, invariant, clause, detail, failed, attempts, distinguishing, said } = finding;
  const share = failed === attempts ? `${failed}/${attempts}` : `flaky ${failed}/${attempts}`;
  const head = isDifference(invariant) ? colors.warn(`DIFFERENCE ${id}`) : colors.bad(`FINDING ${id}`);
  return [
    `${head} (clause ${clause}, ${share})`,
    ...labelled('required', [INVARIANTS[invariant].requirement]),
    ...labelled('observed', [printable(detail, 300)]),
    ...labelled('cause', finding.cause === undefined ? [] : [finding.cause]),
    ...labelled('input', inputOf(finding)),
    ...labelled('where', (finding.where ?? []).slice(0, LISTED).map(siteText)),
    ...labelled('features', distinguishing.length === 0 ? [] : [featuresIn(distinguishing)]),
    ...labelled('', finding.transcript.slice(0, LISTED)),
    ...labelled('ended', said === undefined ? [] : [said.ended]),
    ...labelled('said', said?.lines ?? []),
    ...labelled('again', again === '' ? [] : [again]),
    '',
  ];
}

function inputOf({ value, originalBytes, isMinimal, isUnpinned }: Finding): string[] {
  const { length } = value.connections;
  if (length === 0) return [];
  if (isUnpinned && length === 1) return ['the connection that was in flight'];
  if (isUnpinned) return [`one of ${length} connections that were in flight, or several of them together`];
  return [`${counted(caseSize(value), 'byte')}, from ${originalBytes}${isMinimal ? '' : ' (not minimal)'}`];
}

function featuresIn(distinguishing: readonly string[]): string {
  return distinguishing
    .slice(0, 4)
    .map((feature) => printable(feature))
    .join('; ');
}

/** The lines, with the label at the first. */
function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map(
    (line, index) => `  ${index === 0 && label !== '' ? `${label}:` : ''}`.padEnd(LABEL_WIDTH) + line,
  );
}

const SHOWN_ROWS = 40;

/** How many cases each mutation made, and how many showed each signature. */
export function tableLines({ stats }: CampaignResult, colors: Colors): string[] {
  return [...table('mutation', stats.mutations, colors), '', ...table('signature', stats.signatures, colors)];
}

function table(title: string, counts: Readonly<Record<string, number>>, { bold, dim }: Colors): string[] {
  const rows = Object.entries(counts).sort(([one, a], [other, b]) => b - a || one.localeCompare(other));
  const more = rows.length - SHOWN_ROWS;
  return [
    bold(`${'cases'.padStart(9)}  ${title}`),
    ...rows
      .slice(0, SHOWN_ROWS)
      .map(([name, count]) => `${String(count).padStart(9)}  ${printable(name, 160)}`),
    ...(more > 0 ? [dim(`${' '.repeat(11)}and ${more} more`)] : []),
  ];
}

/** Cases, rate, corpus, signatures, findings and time left, in one line. `timeMs` is the duration of the campaign. */
export function statusLine(
  { stats, elapsedMs, corpus, findings, edges }: CampaignResult & Pick<Progress, 'edges'>,
  timeMs: number | undefined,
): string {
  const seconds = elapsedMs / 1000;
  const left = timeMs === undefined ? '' : `, ${Math.max(0, Math.ceil((timeMs - elapsedMs) / 1000))} s left`;
  const failures = findings.filter(({ invariant }) => !isDifference(invariant)).length;
  const others = findings.length - failures;
  const differences = others === 0 ? '' : `, ${counted(others, 'difference')}`;
  return (
    `${counted(stats.cases, 'case')}, ${Math.round(stats.cases / Math.max(seconds, 0.001))}/s, corpus ${corpus.size}, ` +
    `${counted(Object.keys(stats.signatures).length, 'signature')}, ${edges === undefined ? '' : `${counted(edges, 'edge')}, `}${counted(failures, 'finding')}${differences}${left}`
  );
}

/** Findings that the summary names. */
const NAMED_FINDINGS = 5;

/** The summary of a campaign, ten lines at the most: its findings, how to repeat it, and why it ended. */
export function endLines(
  { because, progress }: { readonly because: EndReason; readonly progress: CampaignResult },
  seed: number,
): string[] {
  const { stats, elapsedMs, findings, restarts, occurrences } = progress;
  const byCount = findings.toSorted(
    (one, other) => (occurrences[other.id] ?? 0) - (occurrences[one.id] ?? 0),
  );
  const more = findings.length - NAMED_FINDINGS;
  const parts = [
    ...(stats.shared > 0 ? [`${stats.shared} on shared connections`] : []),
    `in ${(elapsedMs / 1000).toFixed(1)} s`,
    ...(restarts > 0 ? [`target restarted ${counted(restarts, 'time')}`] : []),
    ...(stats.skipped > 0 ? [`${stats.skipped} skipped`] : []),
  ];
  return [
    ...byCount
      .slice(0, NAMED_FINDINGS)
      .map(({ id, clause }) => `finding ${id} (${clause}), ${counted(occurrences[id] ?? 0, 'occurrence')}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `base lane: ${counted(stats.baseCases, 'case')}, digest ${stats.digest.padStart(16, '0')}`,
    `${statusLine(progress, undefined)}, ${parts.join(', ')} (${END_WORDS[because]}, seed ${seed})`,
  ];
}

const END_WORDS: Readonly<Record<EndReason, string>> = {
  runs: 'all cases sent',
  time: 'time limit reached',
  findings: 'limit of findings reached',
  interrupted: 'interrupted',
  'target-lost': 'the target stopped, or serves otherwise than before, and does not come back',
  'against-lost': 'the implementation that --against names stopped',
};
