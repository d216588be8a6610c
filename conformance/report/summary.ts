/** A run in counts, one exit status and one sentence as its reason. Verdicts and levels are combined only here. */

import type { RunEvent } from '../run/events.ts';
import { LACKS, type Lack } from '../scenario/lacks.ts';
import type { Level } from '../scenario/requirement.ts';
import { counted } from '../util/counted.ts';
import { printable } from '../util/printable.ts';
import { effectiveVerdict, isBinding, WORDS, type Word } from './effective-verdict.ts';
import { EXIT, type ExitName, type ExitStatus } from './exit-status.ts';
import { nounOf } from './noun.ts';
import type { EndRecord, PlanRecord, ReportRecord, ScenarioRecord } from './record.ts';
import { Recorder } from './recorder.ts';
import { NO_FILTERS } from './run-records.ts';
import { settled } from './settled.ts';

/**
 * The verdicts that a report counts, in the order of its columns. A failure that the list of known failures covers counts
 * as 'known' and not as 'fail', and so does what cannot be judged because its control is such a failure.
 */
export const COUNTED_VERDICTS = ['pass', 'fail', 'known', 'inconclusive', 'skipped', 'error'] as const;

/** How many scenarios have each verdict. */
export type Counts = Record<(typeof COUNTED_VERDICTS)[number], number>;

/** The outcome of a run: counts, verdict, exit status, and the reason in one sentence. */
export interface Summary {
  /** Number of selected scenarios, without those that only ran as controls. */
  readonly planned: number;
  readonly counts: Readonly<Record<Level, Readonly<Counts>>>;
  readonly total: Readonly<Counts>;
  /** The effective verdicts, as reports show them: by level, how many scenarios have each word. */
  readonly words: Readonly<Record<Level, Readonly<Record<Word, number>>>>;
  readonly exitStatus: ExitStatus;
  /** The verdict on the target. */
  readonly verdict: 'conforms' | 'conforms but for known failures' | 'does not conform' | 'no verdict';
  /** One sentence: why this exit status. */
  readonly reason: string;
}

/** Options of `summarise`. */
export interface SummaryOptions {
  /** True if a SHOULD counts like a MUST. Default false. */
  readonly strict?: boolean;
  /** No verdict if a scenario is skipped for want of one of these. Default: none. */
  readonly require?: readonly Lack[];
  /** No verdict if more scenarios are skipped. Default: any number. */
  readonly maxSkipped?: number;
}

/** Sums up the events of a run; without an end event it counts as interrupted. */
export function summarise(events: readonly RunEvent[], options: SummaryOptions = {}): Summary {
  const { strict = false, ...gate } = options;
  const recorder = new Recorder({
    kit: '',
    startedAt: '',
    elapsedMs: () => 0,
    replay: '',
    strict,
    ...gate,
    filters: NO_FILTERS,
  });
  return summariseRecords(events.flatMap((event) => recorder.take(event)));
}

/** Sums up the records of one report; without an end record it counts as interrupted. */
export function summariseRecords(records: readonly ReportRecord[]): Summary {
  const counts: Record<Level, Counts> = { MUST: noCounts(), SHOULD: noCounts(), MAY: noCounts() };
  const words = { MUST: noWords(), SHOULD: noWords(), MAY: noWords() };
  const total = noCounts();
  /** Of those that count as known: not judged because their control is one. */
  let unjudged = 0;
  let plan: PlanRecord | undefined;
  let end: EndRecord | undefined;
  const deaths: ScenarioRecord[] = [];
  const skipped = new Map<Lack, number>();
  for (const record of settled(records)) {
    switch (record.record) {
      case 'plan':
        plan = record;
        break;
      case 'scenario': {
        if (record.targetDied) deaths.push(record);
        if (record.onlyAsControl) break;
        const { word } = effectiveVerdict(record, plan?.strict ?? false);
        const verdict = word === 'known' ? 'known' : record.verdict;
        counts[record.level][verdict] += 1;
        total[verdict] += 1;
        if (word === 'known' && record.verdict === 'inconclusive') unjudged += 1;
        words[record.level][word] += 1;
        if (record.verdict === 'skipped' && record.lacks)
          skipped.set(record.lacks, (skipped.get(record.lacks) ?? 0) + 1);
        break;
      }
      case 'end':
        end = record;
    }
  }
  const strict = plan?.strict ?? false;
  const planned = plan?.planned.length ?? 0;
  const judged = Object.values(total).reduce((sum, count) => sum + count, 0);
  const binding = (['MUST', 'SHOULD'] as const).filter((level) => isBinding(level, strict));
  const sum = (verdict: keyof Counts) => binding.reduce((n, level) => n + counts[level][verdict], 0);
  const named = LACKS.filter((lack) => skipped.has(lack)).map((lack) => `${lack} ${skipped.get(lack)}`);
  const reasons = named.length === 0 ? '' : ` (${named.join(', ')})`;
  const stale = end?.knownFailures?.filter((entry) => entry.stale !== undefined) ?? [];
  const scenarios = (count: number): string => counted(count, nounOf(plan));
  const close = (): [ExitName, string] => {
    if (end?.because === 'unreachable' && end.detail !== undefined)
      return ['unreachable', printable(end.detail, 500)];
    if (end?.because === 'unreachable')
      return [
        'unreachable',
        `no connection to the target ${printable(plan?.target.address ?? '')} (${printable(end.code)})` +
          (end.said === undefined ? '' : `; its process: ${printable(end.said.ended)}`),
      ];
    if (end === undefined || end.because === 'interrupted')
      return ['interrupted', `interrupted after ${judged} of ${scenarios(planned)}`];
    if (end.because === 'store-not-recognised')
      return ['incomplete', `the store has another layout: ${printable(end.detail ?? '')}`];
    if (end.because === 'cannot-run')
      return ['incomplete', `cannot run: ${printable(end.detail ?? '', 500)}`];
    if (end.because === 'out-of-time') {
      const failures =
        sum('fail') > 0 ? `; ${scenarios(sum('fail'))} at level ${binding.join(' or ')} failed` : '';
      return ['incomplete', `the time was over after ${judged} of ${scenarios(planned)}${failures}`];
    }
    if (total.error > 0) return ['kitError', `the kit itself failed in ${scenarios(total.error)}`];
    const last = deaths.at(-1);
    if (last && end.because === 'target-died') {
      const when = `${last.verdict === 'fail' ? 'after' : 'during'} ${printable(last.id)}`;
      const detail =
        end.detail === undefined ? '' : `, and could not be started again: ${printable(end.detail)}`;
      return ['unreachable', `the target died ${when}${detail}; ${judged} of ${scenarios(planned)} judged`];
    }
    if (end.because === 'unanswered')
      return [
        'incomplete',
        'no byte came back for a legal SUBMIT, so there may be no server; --exec judges one that the kit starts',
      ];
    // A crash affects every requirement, so it counts whatever the level of its scenario.
    const crashes = deaths.filter((record) => !(record.verdict === 'fail' && record.known));
    const flaky = binding.reduce((n, level) => n + words[level].flaky, 0);
    const failed = [
      sum('fail') > 0 &&
        `${scenarios(sum('fail'))} at level ${binding.join(' or ')} failed${flaky > 0 ? `, ${flaky} of them not always` : ''}`,
      crashes.length > 0 && `the target died in ${scenarios(crashes.length)}`,
    ].filter(Boolean);
    const notRun = end.because === 'bailed' ? [`${planned - judged} of ${scenarios(planned)} not run`] : [];
    const skips = total.skipped > 0 && `${total.skipped} skipped${reasons}`;
    if (failed.length > 0) return ['failed', [...failed, ...notRun, skips].filter(Boolean).join('; ')];
    if (stale.length > 0)
      return [
        'staleKnownFailure',
        `${counted(stale.length, 'entry of the known failures is', 'entries of the known failures are')} stale: delete what passes, or write the list again with --update-known-failures`,
      ];
    const unmet = (plan?.require ?? []).find((lack) => (skipped.get(lack) ?? 0) > 0);
    if (unmet !== undefined)
      return [
        'incomplete',
        `--require ${unmet}: ${scenarios(skipped.get(unmet) ?? 0)} ${skipped.get(unmet) === 1 ? 'was' : 'were'} skipped for want of it`,
      ];
    if (plan?.maxSkipped !== undefined && total.skipped > plan.maxSkipped)
      return [
        'incomplete',
        `--max-skipped ${plan.maxSkipped}: ${scenarios(total.skipped)} skipped${reasons}`,
      ];
    const becauseOfKnown = unjudged > 0 && `${unjudged} not judged because of a known failure`;
    const passed = `${total.pass} of ${scenarios(planned)} passed`;
    if (judged < planned || total.pass + total.fail + total.known === unjudged)
      return ['incomplete', [passed, becauseOfKnown, skips].filter(Boolean).join(', ')];
    if (sum('inconclusive') > 0)
      return [
        'incomplete',
        [`${scenarios(sum('inconclusive'))} could not be judged`, skips].filter(Boolean).join('; '),
      ];
    const rest = [
      counts.SHOULD.fail && `${counts.SHOULD.fail} warned`,
      counts.MAY.fail && `${counts.MAY.fail} noted`,
      total.known > unjudged && `${total.known - unjudged} known to fail`,
      becauseOfKnown,
      total.inconclusive && `${total.inconclusive} not judged`,
      skips,
    ];
    return ['success', [passed, ...rest].filter(Boolean).join(', ')];
  };
  const [name, reason] = close();
  const verdict = verdictOf(name, sum('known'));
  return { planned, counts, total, words, exitStatus: EXIT[name], verdict, reason };
}

function verdictOf(name: ExitName, known: number): Summary['verdict'] {
  if (name === 'failed') return 'does not conform';
  if (name !== 'success') return 'no verdict';
  return known > 0 ? 'conforms but for known failures' : 'conforms';
}

function noCounts(): Counts {
  return { pass: 0, fail: 0, known: 0, inconclusive: 0, skipped: 0, error: 0 };
}

function noWords(): Record<Word, number> {
  return Object.fromEntries(WORDS.map((word) => [word, 0])) as Record<Word, number>;
}
