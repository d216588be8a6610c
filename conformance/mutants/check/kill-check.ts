/** The kill check: mutants → pairs of a mutant and a scenario → verdicts. A scenario that fails kills its mutant. */

import { join } from 'node:path';
import type { Verdict } from '../../judge/oracle.ts';
import { size } from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Mutant } from '../server/mutant.ts';
import { mapConcurrently } from './parallel.ts';
import { servedBy } from './process.ts';
import { idsMatching, judgeServer } from './verdicts.ts';

export interface Pair {
  readonly mutant: Mutant;
  readonly scenario: Scenario;
}

/** Every mutant with each of the scenarios that it names. */
export function pairsOf(mutants: readonly Mutant[], catalogue: readonly Scenario[]): Pair[] {
  return mutants.flatMap((mutant) => {
    const ids = new Set(idsMatching(mutant.fails, catalogue));
    return catalogue.filter(({ id }) => ids.has(id)).map((scenario) => ({ mutant, scenario }));
  });
}

/** A mutant with scenarios that run against one server of it. */
interface Group {
  readonly mutant: Mutant;
  readonly scenarios: readonly Scenario[];
  /** How many of the scenarios run at a time. */
  readonly jobs: number;
}

/** How many scenarios of a group run at a time. A scenario waits for most of its time. */
const JOBS = 16;
/** How many groups run at a time. */
const MAX_GROUPS = 20;
/**
 * The same for scenarios that use a core for long, because they send megabytes or open many connections. With more of
 * them at a time, a server that is only slow would miss its deadlines.
 */
const MAX_BUSY_GROUPS = 6;
/** A scenario that sends more than this, over all its steps, is busy. */
const BUSY_BYTES = 256 * 1024;
/** A scenario that opens more connections than this is busy. */
const BUSY_CONNECTIONS = 20;
/**
 * A mutant that survives under load, or because of the random ids of an attempt, gets further attempts without load, up to this number
 * in all. One that rejects some ids rejects every eighth ordinary SUBMIT, too, and may then pass for a policy.
 */
const MAX_ATTEMPTS = 5;
/** With more survivors than this, load is not the cause, and no pair gets a further attempt. */
const MAX_RETRIED_PAIRS = 100;

export interface JudgedPair extends Pair {
  /** Undefined if the run ended before it reached the scenario. */
  readonly verdict: Verdict | undefined;
}

/** Judges every pair. The results are in no particular order. */
export async function judgePairs(
  pairs: readonly Pair[],
  catalogue: readonly Scenario[],
  folder: string,
): Promise<JudgedPair[]> {
  let count = 0;
  const judge = async ({ mutant, scenarios, jobs }: Group, seed: number): Promise<JudgedPair[]> => {
    count += 1;
    const verdicts = await judgeServer({
      server: servedBy(mutant),
      folder: join(folder, String(count)),
      catalogue,
      ids: new Set(scenarios.map(({ id }) => id)),
      jobs,
      seed,
      // Almost every pair fails, and attempts one by one would take more than twice as long.
      confirm: false,
    });
    return scenarios.map((scenario) => ({ mutant, scenario, verdict: verdicts.get(scenario.id) }));
  };
  const judgeAll = (groups: Group[], limit: number): Promise<JudgedPair[][]> =>
    mapConcurrently(groups, limit, (group) => judge(group, 1));
  const isQuiet = (scenario: Scenario): boolean => !isBusy(scenario);
  const judgements = await Promise.all([
    judgeAll(groupsOf(pairs, isBusy, 1), MAX_BUSY_GROUPS),
    judgeAll(groupsOf(pairs, isQuiet, JOBS), MAX_GROUPS),
  ]);
  const judgedOnce = judgements.flat(2);
  if (judgedOnce.filter(isSurvivor).length > MAX_RETRIED_PAIRS) return judgedOnce;
  const results: JudgedPair[] = [];
  for (let result of judgedOnce) {
    const alone = { mutant: result.mutant, scenarios: [result.scenario], jobs: 1 };
    for (let attempt = 2; attempt <= MAX_ATTEMPTS && isSurvivor(result); attempt += 1) {
      [result = result] = await judge(alone, attempt);
    }
    results.push(result);
  }
  return results;
}

/** Whether the scenario did not kill the mutant. */
export function isSurvivor({ verdict }: JudgedPair): boolean {
  return verdict?.verdict !== 'fail';
}

function groupsOf(pairs: readonly Pair[], isWanted: (scenario: Scenario) => boolean, jobs: number): Group[] {
  const wanted = pairs.filter(({ scenario }) => isWanted(scenario));
  return [...new Set(wanted.map(({ mutant }) => mutant))].flatMap((mutant): Group[] => {
    const scenarios = wanted.filter((pair) => pair.mutant === mutant).map(({ scenario }) => scenario);
    return mutant.alone
      ? scenarios.map((scenario) => ({ mutant, scenarios: [scenario], jobs: 1 }))
      : [{ mutant, scenarios, jobs }];
  });
}

function isBusy({ steps, copies, background, maxGrowth }: Scenario): boolean {
  const bytes = steps.reduce((sum, step) => sum + (step.do === 'send' ? size(step.bytes) : 0), 0);
  const connections = (copies?.count ?? 1) + (background?.count ?? 0);
  return bytes > BUSY_BYTES || connections > BUSY_CONNECTIONS || maxGrowth !== undefined;
}
