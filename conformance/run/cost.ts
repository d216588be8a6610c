/** What a run costs a target, and how long it takes at most, before it begins. Pure. */

import { size } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Copies, Scenario, Step } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import { isExclusive } from './schedule.ts';
import type { Deadlines } from './timing/deadlines.ts';

/** What a run costs the target. */
export interface Cost {
  readonly connections: number;
  /** Bytes that are sent to the target. */
  readonly bytes: number;
}

const ONE: Copies = { count: 1, arrangement: 'in-turn' };
const LIVENESS = [send(submit())];

/**
 * How long the scenarios take at most, in milliseconds, if every attempt waits for its deadlines, each failure is repeated
 * once, and the target neither dies nor becomes slower. `waiting` attempts may wait at a time.
 */
export function longestMs(
  scenarios: readonly Scenario[],
  {
    deadlines,
    waiting,
    timeScale,
  }: {
    readonly deadlines: Deadlines;
    readonly waiting: number;
    readonly timeScale: number;
  },
): number {
  const exclusive = scenarios.filter(isExclusive).length;
  const turns = exclusive + Math.ceil((scenarios.length - exclusive) / Math.max(1, waiting));
  const windowOf = ({ storeAt }: Scenario): number => {
    if (storeAt === undefined || storeAt === 'answer') return 0;
    return 'afterMs' in storeAt ? storeAt.afterMs : storeAt.untilMs;
  };
  const windows = scenarios.filter(({ slow }) => slow).map(windowOf);
  const { answerMs, repeatMs } = deadlines;
  // An attempt awaits an answer, then an effect; a probe follows.
  return Math.round(turns * (2 * answerMs + 2 * repeatMs) + Math.max(0, ...windows) / timeScale);
}

/** What the scenarios cost a target, with a liveness probe after each. */
export function costOf(scenarios: readonly Scenario[]): Cost {
  const cost = { connections: 0, bytes: 0 };
  const add = (count: number, steps: readonly Step[]): void => {
    cost.connections += count;
    cost.bytes += count * steps.reduce((sum, step) => sum + (step.do === 'send' ? size(step.bytes) : 0), 0);
  };
  for (const { steps, copies = ONE, background, earlier, simultaneous = [], rounds = 1 } of scenarios) {
    const waves = background?.waves ?? 1;
    add(rounds * (copies.warmUp ? 2 * copies.count : waves * copies.count), steps);
    for (const other of simultaneous) add(rounds, other);
    if (background) add(waves * background.count, background.steps);
    if (background?.warmUp) add(background.count, background.warmUp);
    if (earlier) add(1, earlier);
    add(rounds, LIVENESS);
  }
  return cost;
}
