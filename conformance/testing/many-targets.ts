/** Reports on many targets, for tests of what is made of them. */

import type { ReportRecord } from '../report/record.ts';
import { seeded } from '../util/random.ts';
import { COMPLETE, PLAN, scenarioRecord } from './records.ts';

/** A verdict, and how the target behaves. */
export type Cell = readonly ['pass' | 'fail' | 'skipped' | 'inconclusive', string];

/** The records of a run against the target `name`, with an outcome for each scenario. */
export function runOf(name: string, cells: readonly Cell[]): readonly ReportRecord[] {
  const ids = cells.map((_, index) => idOf(index));
  return [
    { ...PLAN, target: { name, address: `${name}:1003` }, replay: `--target ${name}:1003`, planned: ids },
    ...cells.map(([verdict, behaviour], index) => ({
      ...scenarioRecord(ids[index] ?? '', verdict, { text: 'the target refuses what is legal' }),
      behaviour,
      ...(verdict === 'fail' && { cause: 'the target refuses what is legal (S1)' }),
      transcript: [],
    })),
    COMPLETE,
  ];
}

export function idOf(index: number): string {
  return `${['frame', 'json', 'submit', 'store'][index % 4]}/scenario-${index}`;
}

const BEHAVIOURS: readonly Cell[] = [
  ['pass', 'type 1, status 200, task_id "<id>", message "ok"; closes'],
  ['pass', 'no answer; closes'],
  ['fail', 'type 1, status 400, task_id "<id>", message "no"; stays open'],
  ['fail', 'no answer; stays open'],
  ['skipped', 'not played'],
  ['inconclusive', 'no connection'],
];

/** Targets of which no two behave alike, in the scenarios that most differ: the worst that a matrix has to show. */
export function* unlikeTargets(targets: number, scenarios: number): Generator<readonly ReportRecord[], void> {
  const random = seeded(1);
  const some = (): Cell => BEHAVIOURS[Math.floor(random() * BEHAVIOURS.length)] ?? ['pass', ''];
  for (let index = 0; index < targets; index += 1)
    yield runOf(`target-${index}`, Array.from({ length: scenarios }, some));
}

/** Targets of ten behaviours, as a network has: most scenarios pass on all, some fail on all targets of a behaviour. */
export function* alikeTargets(targets: number, scenarios: number): Generator<readonly ReportRecord[], void> {
  const [passes, closes, refuses] = BEHAVIOURS as readonly [Cell, Cell, Cell];
  const cellOf = (scenario: number, behaviour: number): Cell =>
    behaviour > 2 && scenario % 50 === behaviour
      ? refuses
      : behaviour > 0 && scenario % 9 === behaviour
        ? closes
        : passes;
  for (let index = 0; index < targets; index += 1)
    yield runOf(
      `target-${index}`,
      Array.from({ length: scenarios }, (_, scenario) => cellOf(scenario, index % 10)),
    );
}
