/**
 * The order of scenarios: each after its control, several at a time, and at the end, one by one, those that must run
 * alone.
 */

import { size } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Copies, Scenario, Step } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import type { Cost } from './events.ts';

const ONE: Copies = { count: 1, arrangement: 'in-turn' };
const LIVENESS = [send(submit())];

/** As `afterControls`, with the exclusive scenarios last. */
export function executionOrder(selected: readonly Scenario[], catalogue: readonly Scenario[]): Scenario[] {
  return afterControls(selected, catalogue).sort((a, b) => Number(isExclusive(a)) - Number(isExclusive(b)));
}

/** The selected scenarios, each after its control, which is added from the catalogue if it was not selected. */
export function afterControls(selected: readonly Scenario[], catalogue: readonly Scenario[]): Scenario[] {
  const byId = new Map(catalogue.map((scenario) => [scenario.id, scenario]));
  const order = new Set<Scenario>();
  const add = (scenario: Scenario): void => {
    const control = scenario.control === undefined ? undefined : byId.get(scenario.control);
    if (control !== undefined) add(control);
    order.add(scenario);
  };
  for (const scenario of selected) add(scenario);
  return [...order];
}

/** Whether no other scenario may run meanwhile; a scenario that measures the process would measure the others too. */
export function isExclusive(scenario: Scenario): boolean {
  return scenario.alone === true || scenario.heavy === true || scenario.maxGrowth !== undefined;
}

/** Whether it reads the store, and so mostly waits. */
export function usesStore(scenario: Scenario): boolean {
  return scenario.store !== undefined || scenario.preloaded !== undefined;
}

/** Whether it waits for the store to change by a timeout of the protocol, and sends nothing meanwhile. */
export function waitsForTimeout(scenario: Scenario): boolean {
  return scenario.slow === true && usesStore(scenario);
}

/**
 * Whether a failure counts although other scenarios ran, and need not be repeated: what was polled for minutes is not flaky,
 * and memory that grew in a wave of connections may stay, so that a repetition would not see it grow.
 */
export function countsAtOnce(scenario: Scenario): boolean {
  const isMeasuredInWaves = scenario.maxGrowth !== undefined && scenario.background !== undefined;
  return waitsForTimeout(scenario) || isMeasuredInWaves;
}

/** How often a scenario that fails is attempted in total. A failure under a MUST is always repeated once. */
export function attemptsFor(scenario: Scenario, maxAttempts: number): number {
  // A MAY that fails counts for nothing.
  if (scenario.level === 'MAY') return 1;
  return countsAtOnce(scenario) ? Math.min(scenario.level === 'MUST' ? 2 : 1, maxAttempts) : maxAttempts;
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

/**
 * Runs up to `limit()` scenarios at a time and yields each value as soon as it is there. No scenario begins before its
 * control has ended. If the consumer stops, the scenarios in flight are awaited and their values dropped.
 */
export async function* runConcurrently<T>(
  order: readonly Scenario[],
  limit: () => number,
  attempt: (scenario: Scenario) => Promise<T>,
): AsyncGenerator<T, void> {
  const waiting = [...order];
  const ended = new Set<string>();
  const inFlight = new Map<Scenario, Promise<{ readonly scenario: Scenario; readonly value: T }>>();
  const ids = new Set(order.map(({ id }) => id));
  const mayBegin = (scenario: Scenario): boolean =>
    (scenario.control === undefined || ended.has(scenario.control) || !ids.has(scenario.control)) &&
    (!isExclusive(scenario) || inFlight.size === 0) &&
    ![...inFlight.keys()].some(isExclusive);
  try {
    while (waiting.length > 0 || inFlight.size > 0) {
      while (inFlight.size < limit()) {
        const next = waiting.findIndex(mayBegin);
        const [scenario] = next === -1 ? [] : waiting.splice(next, 1);
        if (scenario === undefined) break;
        inFlight.set(
          scenario,
          attempt(scenario).then((value) => ({ scenario, value })),
        );
      }
      const { scenario, value } = await Promise.race(inFlight.values());
      inFlight.delete(scenario);
      ended.add(scenario.id);
      yield value;
    }
  } finally {
    await Promise.allSettled(inFlight.values());
  }
}
