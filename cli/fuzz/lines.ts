/** A campaign as text: a status line, findings, and at the end tables of mutations and signatures. */

import type { Colors } from '../../conformance/index.ts';
import { printable } from '../../conformance/util/printable.ts';
import { caseSize, type Finding, INVARIANTS, isDifference, type Progress } from '../../fuzz/index.ts';

/** Lines of what the target said. The file of the finding has all of them. */
const SAID_LINES = 6;

/** A finding in a few lines. `again` is the command that replays it. */
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
    `  required:  ${INVARIANTS[invariant].requirement}`,
    `  observed:  ${printable(detail, 300)}`,
    ...(size === '' ? [] : [`  input:     ${size}`]),
    ...(finding.said?.lines ?? [])
      .slice(0, SAID_LINES)
      .map((line, index) => `  ${index === 0 ? 'said:' : ''}`.padEnd(13) + line),
    ...finding.transcript.slice(0, 6).map((line) => `             ${line}`),
    ...(distinguishing.length === 0
      ? []
      : [
          `  features:  ${distinguishing
            .slice(0, 4)
            .map((feature) => printable(feature))
            .join('; ')}`,
        ]),
    ...(again === '' ? [] : [`  again:     ${again}`]),
    '',
  ];
}

const SHOWN_ROWS = 40;

/** How many cases each mutation made, and how many showed each signature. */
export function tableLines({ stats }: Progress, colors: Colors): string[] {
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
  { stats, elapsedMs, corpus, findings, edges }: Progress,
  timeMs: number | undefined,
): string {
  const seconds = elapsedMs / 1000;
  const left = timeMs === undefined ? '' : `, ${Math.max(0, Math.ceil((timeMs - elapsedMs) / 1000))} s left`;
  const failures = findings.filter(({ invariant }) => !isDifference(invariant)).length;
  const others = findings.length - failures;
  const differences = others === 0 ? '' : `, ${others} differences`;
  return (
    `${stats.cases} cases, ${Math.round(stats.cases / Math.max(seconds, 0.001))}/s, corpus ${corpus.size}, ` +
    `${Object.keys(stats.signatures).length} signatures, ${edges === undefined ? '' : `${edges} edges, `}${failures} findings${differences}${left}`
  );
}
