/**
 * The whole of a run in a few numbers, one exit status and the sentence that gives its reason. The only place where
 * verdicts and levels are combined.
 */

import type { RunEvent, ScenarioResult } from './events.ts';
import { printable } from './printable.ts';
import type { Level } from './scenario.ts';

/** Exit statuses of a run. Part of the public interface: CI depends on them. */
export const EXIT = {
  conforms: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  incomplete: 4,
  staleKnownFailure: 5,
  kitError: 6,
  interrupted: 130,
} as const;

export interface Counts {
  pass: number;
  fail: number;
  inconclusive: number;
  skipped: number;
  error: number;
}

export interface Summary {
  /** Scenarios that were to be judged, without those that only ran as controls. */
  readonly planned: number;
  readonly counts: Readonly<Record<Level, Readonly<Counts>>>;
  readonly total: Readonly<Counts>;
  readonly exitStatus: (typeof EXIT)[keyof typeof EXIT];
  /** The verdict on the target, in a word or two. */
  readonly verdict: 'conforms' | 'does not conform' | 'no verdict';
  /** One sentence: why this exit status. */
  readonly reason: string;
}

export interface SummaryOptions {
  /** A SHOULD then counts like a MUST. Default false. */
  readonly strict?: boolean;
}

/** Sums up the events of a run; without an end event it counts as interrupted. */
export function summarise(events: readonly RunEvent[], options: SummaryOptions = {}): Summary {
  const counts: Record<Level, Counts> = { MUST: noCounts(), SHOULD: noCounts(), MAY: noCounts() };
  const total = noCounts();
  let planned = 0;
  const deaths: ScenarioResult[] = [];
  let end: Pick<Extract<RunEvent, { kind: 'end' }>, 'because' | 'detail'> = { because: 'interrupted' };
  let unreachable: string | undefined;
  for (const event of events) {
    switch (event.kind) {
      case 'plan':
        planned = event.planned.length;
        break;
      case 'unreachable':
        unreachable = `no connection to the target ${printable(event.target.host)}:${event.target.port} (${printable(event.code)})`;
        break;
      case 'result':
        if (event.result.targetDied) deaths.push(event.result);
        if (event.result.onlyAsControl) break;
        counts[event.result.scenario.level][event.result.verdict.verdict] += 1;
        total[event.result.verdict.verdict] += 1;
        break;
      case 'end':
        end = event;
    }
  }
  const binding: readonly Level[] = options.strict === true ? ['MUST', 'SHOULD'] : ['MUST'];
  const sum = (verdict: keyof Counts) => binding.reduce((n, level) => n + counts[level][verdict], 0);
  const judged = total.pass + total.fail + total.inconclusive + total.skipped + total.error;
  const close = (): [keyof typeof EXIT, string] => {
    if (unreachable !== undefined) return ['unreachable', unreachable];
    if (end.because === 'interrupted')
      return ['interrupted', `interrupted after ${judged} of ${scenarios(planned)}`];
    if (total.error > 0) return ['kitError', `the kit itself failed in ${scenarios(total.error)}`];
    const last = deaths.at(-1);
    if (last && end.because === 'target-died') {
      const when = `${last.verdict.verdict === 'fail' ? 'after' : 'during'} ${last.scenario.id}`;
      const detail = end.detail === undefined ? '' : `, and could not be started again: ${end.detail}`;
      return ['unreachable', `the target died ${when}${detail}; ${judged} of ${scenarios(planned)} judged`];
    }
    // A crash breaks more than the sentence whose scenario met it, whatever the level of that.
    const failed = [
      sum('fail') > 0 && `${scenarios(sum('fail'))} at level ${binding.join(' or ')} failed`,
      deaths.length > 0 && `the target died in ${scenarios(deaths.length)}`,
    ].filter(Boolean);
    if (failed.length > 0) return ['failed', failed.join('; ')];
    if (judged < planned || total.pass === 0)
      return ['incomplete', `${total.pass} of ${scenarios(planned)} passed`];
    if (sum('inconclusive') > 0)
      return ['incomplete', `${scenarios(sum('inconclusive'))} could not be judged`];
    const rest = [
      total.fail && `${total.fail} warned`,
      total.inconclusive && `${total.inconclusive} not judged`,
      total.skipped && `${total.skipped} skipped`,
    ];
    return [
      'conforms',
      [`${total.pass} of ${scenarios(planned)} passed`, ...rest.filter(Boolean)].join(', '),
    ];
  };
  const [name, reason] = close();
  const verdict = name === 'conforms' ? 'conforms' : name === 'failed' ? 'does not conform' : 'no verdict';
  return { planned, counts, total, exitStatus: EXIT[name], verdict, reason };
}

function noCounts(): Counts {
  return { pass: 0, fail: 0, inconclusive: 0, skipped: 0, error: 0 };
}

function scenarios(count: number): string {
  return count === 1 ? '1 scenario' : `${count} scenarios`;
}
