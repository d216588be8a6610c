/** The scenarios on which a run spent its time. */

import type { ScenarioRecord } from '../../report/record.ts';
import { counted } from '../../util/counted.ts';
import { plain } from '../common/escape.ts';

/** A title, and a line for each of the `count` scenarios that took the longest; empty if `count` is 0. */
export function slowestLines(scenarios: readonly ScenarioRecord[], count: number): readonly string[] {
  const slowest = scenarios
    .filter(({ attempts }) => attempts > 0)
    .toSorted((a, b) => b.durationMs - a.durationMs)
    .slice(0, count);
  if (slowest.length === 0) return [];
  const lines = slowest.map((record) => {
    const attempts = record.attempts > 1 ? `, ${record.attempts} attempts` : '';
    const time = `${(record.durationMs / 1000).toFixed(1)} s`.padStart(9);
    return `${time}  ${plain(record.id)}: ${awaited(record)}${attempts}`;
  });
  return [`slowest ${slowest.length === 1 ? 'scenario' : counted(slowest.length, 'scenario')}:`, ...lines];
}

/** What the kit waited for last on the connection that decided. */
function awaited({ transcript }: ScenarioRecord): string {
  const last = transcript.at(-1);
  switch (last?.kind) {
    case 'deadline':
      return `waited ${Math.round(last.ms)} ms for what did not come`;
    case 'quiet':
      return `waited ${Math.round(last.ms)} ms for silence`;
    case 'fin':
    case 'reset':
      return `waited until the target closed, ${Math.round(last.atMs)} ms`;
    case 'connect-failed':
      return 'waited for a connection';
    default:
      return 'waited for an answer, the store or the process';
  }
}
