/** Plays what has to be killed: mutants → pairs of a mutant and a scenario → verdicts, many side by side. */

import { join } from 'node:path';
import type { Verdict } from '../../judge/oracle.ts';
import { size } from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Mutant } from '../server/mutant.ts';
import { idsLike, judged, serverOf } from './pair.ts';

export interface Pair {
  readonly mutant: Mutant;
  readonly scenario: Scenario;
}

/** Every mutant with each of the scenarios that it names. */
export function pairsOf(mutants: readonly Mutant[], catalogue: readonly Scenario[]): Pair[] {
  return mutants.flatMap((mutant) => {
    const ids = new Set(idsLike(mutant.fails, catalogue));
    return catalogue.filter(({ id }) => ids.has(id)).map((scenario) => ({ mutant, scenario }));
  });
}

/** A mutant with scenarios that are played against one server of it. */
interface Group {
  readonly mutant: Mutant;
  readonly scenarios: readonly Scenario[];
  readonly jobs: number;
}

/** Scenarios wait for most of their time; so many of a group do that side by side, and so many groups. */
const JOBS = 16;
const LANES = 20;
/** Frames of megabytes, and crowds, keep a core busy, and whoever is only slow then would pass for silent. */
const BUSY_LANES = 6;
const BUSY_BYTES = 256 * 1024;
const BUSY_PEERS = 20;
/** What survives beside others, on a machine that has other work, is played again alone, unless that is no exception. */
const PLAYS = 3;
const MOST_AGAIN = 100;

export interface JudgedPair extends Pair {
  /** Undefined if the server was never there for it. */
  readonly verdict: Verdict | undefined;
}

/** Judges every pair, in no particular order. */
export async function play(
  pairs: readonly Pair[],
  catalogue: readonly Scenario[],
  folder: string,
): Promise<JudgedPair[]> {
  let count = 0;
  const judge = async ({ mutant, scenarios, jobs }: Group, seed: number): Promise<JudgedPair[]> => {
    count += 1;
    const verdicts = await judged({
      server: serverOf(mutant),
      folder: join(folder, String(count)),
      catalogue,
      ids: new Set(scenarios.map(({ id }) => id)),
      jobs,
      seed,
    });
    return scenarios.map((scenario) => ({ mutant, scenario, verdict: verdicts.get(scenario.id) }));
  };
  const first = (groups: Group[], lanes: number): Promise<JudgedPair[][]> =>
    sideBySide(groups, lanes, (group) => judge(group, 1));
  const judgements = await Promise.all([
    first(groupsOf(pairs, isBusy, 1), BUSY_LANES),
    first(
      groupsOf(pairs, (scenario) => !isBusy(scenario), JOBS),
      LANES,
    ),
  ]);
  const judgedOnce = judgements.flat(2);
  if (judgedOnce.filter(isSurvivor).length > MOST_AGAIN) return judgedOnce;
  const results: JudgedPair[] = [];
  for (let result of judgedOnce) {
    const alone = { mutant: result.mutant, scenarios: [result.scenario], jobs: 1 };
    for (let play = 2; play <= PLAYS && isSurvivor(result); play += 1) {
      [result = result] = await judge(alone, play);
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

function isBusy({ steps, copies, company, maxGrowth }: Scenario): boolean {
  const bytes = steps.reduce((sum, step) => sum + (step.do === 'send' ? size(step.bytes) : 0), 0);
  const peers = (copies?.count ?? 1) + (company?.count ?? 0);
  return bytes > BUSY_BYTES || peers > BUSY_PEERS || maxGrowth !== undefined;
}

/** What becomes of the items, in their order, when so many are worked on at a time. */
export async function sideBySide<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
