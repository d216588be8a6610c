/** A campaign as text: a live line, findings as they come, and at the end what was thrown and what came back. */

import type { Colors } from '../../conformance/index.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Progress } from '../../fuzz/campaign/types.ts';
import { caseSize } from '../../fuzz/case/case.ts';
import { INVARIANTS, isDifference } from '../../fuzz/oracle/invariants.ts';
import type { Finding } from '../../fuzz/triage/finding.ts';

/** A finding in a few lines. */
export function findingLines(finding: Finding, colors: Colors, again: string): string[] {
  const { id, invariant, clause, detail, failed, attempts, value, originalBytes, isMinimal, distinguishing } =
    finding;
  const share = failed === attempts ? `${failed}/${attempts}` : `flaky ${failed}/${attempts}`;
  const head = isDifference(invariant) ? colors.warn(`DIFFERENCE ${id}`) : colors.bad(`FINDING ${id}`);
  const size =
    value.connections.length === 0
      ? ''
      : `${caseSize(value)} bytes, from ${originalBytes}${isMinimal ? '' : ' (not minimal)'}`;
  return [
    `${head} (clause ${clause}, ${share})`,
    `  must hold: ${INVARIANTS[invariant].requirement}`,
    `  observed:  ${printable(detail, 300)}`,
    ...(size === '' ? [] : [`  input:     ${size}`]),
    ...finding.transcript.slice(0, 6).map((line) => `             ${line}`),
    ...(distinguishing.length === 0
      ? []
      : [
          `  peculiar:  ${distinguishing
            .slice(0, 4)
            .map((feature) => printable(feature))
            .join('; ')}`,
        ]),
    ...(again === '' ? [] : [`  again:     ${again}`]),
    '',
  ];
}

const SHOWN_ROWS = 40;

/** The two tables. */
export function tableLines({ stats }: Progress, colors: Colors): string[] {
  return [...table('thrown', stats.mutations, colors), '', ...table('came back', stats.signatures, colors)];
}

function table(title: string, counts: Readonly<Record<string, number>>, { bold, dim }: Colors): string[] {
  const rows = Object.entries(counts).sort(([one, a], [other, b]) => b - a || one.localeCompare(other));
  const more = rows.length - SHOWN_ROWS;
  return [
    bold(`${'times'.padStart(9)}  ${title}`),
    ...rows
      .slice(0, SHOWN_ROWS)
      .map(([name, count]) => `${String(count).padStart(9)}  ${printable(name, 160)}`),
    ...(more > 0 ? [dim(`${' '.repeat(11)}and ${more} more`)] : []),
  ];
}

/** Cases, rate, corpus, signatures, findings and time left, in one line. */
export function statusLine(
  { stats, elapsedMs, corpus, findings }: Progress,
  timeMs: number | undefined,
): string {
  const seconds = elapsedMs / 1000;
  const left = timeMs === undefined ? '' : `, ${Math.max(0, Math.ceil((timeMs - elapsedMs) / 1000))} s left`;
  const failures = findings.filter(({ invariant }) => !isDifference(invariant)).length;
  const others = findings.length - failures;
  const differences = others === 0 ? '' : `, ${others} differences`;
  return (
    `${stats.cases} cases, ${Math.round(stats.cases / Math.max(seconds, 0.001))}/s, corpus ${corpus.size}, ` +
    `${Object.keys(stats.signatures).length} signatures, ${failures} findings${differences}${left}`
  );
}
