/** The ways in which a conforming variant is judged, and the false alarms of a judgement. */

import { join } from 'node:path';
import { catalogue } from '../../catalogue/index.ts';
import type { Verdict } from '../../judge/oracle.ts';
import type { ScenarioResult } from '../../run/events.ts';
import type { RunOptions } from '../../run/runner.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { globOf } from '../../util/glob.ts';
import type { ConformingVariant } from '../server/mutant.ts';
import { idsMatching, judge } from './verdicts.ts';

/** Options of a run, as a user may choose them. What is absent has the default of the kit. */
export interface Way extends Pick<RunOptions, 'jobs' | 'retries' | 'bail'> {
  readonly name: string;
  /** Whether the scenarios read the server's store. */
  readonly readsStore: boolean;
}

export const ways: readonly [Way, ...Way[]] = [
  { name: 'store', readsStore: true },
  { name: 'store-no-retries-32', readsStore: true, retries: 0, jobs: 32 },
  { name: 'store-bail-32', readsStore: true, retries: 0, bail: true, jobs: 32 },
  { name: 'store-no-retries-1', readsStore: true, retries: 0, jobs: 1 },
  { name: 'wire', readsStore: false },
  { name: 'wire-no-retries-32', readsStore: false, retries: 0, jobs: 32 },
  { name: 'wire-bail-1', readsStore: false, bail: true, jobs: 1 },
];

/**
 * Each variant with one way, so that every way occurs. Variants with scenarios that read the store are played with the store,
 * the others without.
 */
export function wayOfEach(
  variants: readonly ConformingVariant[],
): { variant: ConformingVariant; way: Way }[] {
  const readsStore = new Set(catalogue.filter(({ store }) => store).map(({ id }) => id));
  const next = { true: 0, false: 0 };
  return variants.map((variant) => {
    const isStored =
      !variant.withoutStore && idsMatching(variant.touches, catalogue).some((id) => readsStore.has(id));
    const suitable = ways.filter((way) => way.readsStore === isStored);
    const way = suitable[next[`${isStored}`]++ % suitable.length] ?? ways[0];
    return { variant, way };
  });
}

/** What happened to one scenario. A flaky one failed in some of its attempts. */
export interface Alarm {
  readonly kind: 'fail' | 'flaky' | 'inconclusive' | 'error' | 'incident';
  /** The scenario and the reason, or the incident. */
  readonly text: string;
}

export interface Played {
  readonly alarms: readonly Alarm[];
  /** How many scenarios passed. */
  readonly passed: number;
}

interface PlayOptions {
  /** The folder for the server's store. */
  readonly folder: string;
  /** Determines the task ids and the order of the scenarios. Default 1. */
  readonly seed?: number;
  /** The most scenarios to play, evenly spread over those that the variant touches. Default: all. */
  readonly maxScenarios?: number;
}

/** Judges a variant in one way. */
export async function play(
  variant: ConformingVariant,
  { name, readsStore, ...options }: Way,
  { folder, seed = 1, maxScenarios = Number.POSITIVE_INFINITY }: PlayOptions,
): Promise<Played> {
  const touched = idsMatching(variant.touches, catalogue);
  const share = Math.min(1, maxScenarios / touched.length);
  const { results, incidents } = await judge({
    server: variant,
    folder: join(folder, `${variant.name}-${name}-${seed}`),
    catalogue,
    ids: new Set(touched.filter((_, at) => Math.floor((at + 1) * share) > Math.floor(at * share))),
    withoutStore: !readsStore || (variant.withoutStore ?? false),
    seed,
    addresses: variant.addresses,
    ...options,
  });
  const alarms = [...results.values()].flatMap((result) => alarmOf(variant, result) ?? []);
  return {
    alarms: [...incidents.map((text): Alarm => ({ kind: 'incident', text })), ...alarms],
    passed: [...results.values()].filter(({ attempts }) => attempts[0].verdict === 'pass').length,
  };
}

/** Undefined if the result is no false alarm. */
function alarmOf(variant: ConformingVariant, { scenario, attempts }: ScenarioResult): Alarm | undefined {
  const failures = attempts.filter(({ verdict }) => verdict === 'fail');
  const isFlaky = failures.length > 0 && failures.length < attempts.length;
  const kind = isFlaky ? 'flaky' : attempts[0].verdict;
  if (kind === 'pass' || kind === 'skipped' || !isFalseAlarm(variant, scenario, kind)) return undefined;
  return { kind, text: `${scenario.level} ${scenario.id}: ${reasonOf(failures[0] ?? attempts[0])}` };
}

function reasonOf(verdict: Verdict): string {
  if (verdict.verdict === 'fail')
    return `${verdict.mismatches.map(({ text }) => text).join('; ')}; ${verdict.observed}`;
  return 'reason' in verdict ? verdict.reason : '';
}

/** Whether a verdict on a conforming variant is a false alarm. Scenarios of level MAY never raise one. */
export function isFalseAlarm(
  { warns = [], leavesOpen = [] }: ConformingVariant,
  { id, level }: Scenario,
  verdict: Verdict['verdict'] | 'flaky',
): boolean {
  if (level === 'MAY' || verdict === 'pass' || verdict === 'skipped') return false;
  const isIn = (patterns: readonly string[]): boolean => patterns.some((pattern) => globOf(pattern).test(id));
  return !(verdict === 'inconclusive' && isIn(leavesOpen)) && !(level === 'SHOULD' && isIn(warns));
}
