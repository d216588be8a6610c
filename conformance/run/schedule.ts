/**
 * Which scenario is played when: each behind its control, several at a time, and what must be alone at the end, one by
 * one. Pure but for the promises that it waits for.
 */

import { size, submit } from '../scenario/bytes.ts';
import type { Copies, Scenario, Step } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import type { Cost } from './events.ts';

const ONE: Copies = { count: 1, arrangement: 'in-turn' };
const LIVENESS = [send(submit())];

/** As `behindControls`, and those to be alone last. */
export function executionOrder(selected: readonly Scenario[], catalogue: readonly Scenario[]): Scenario[] {
  return afterControls(selected, catalogue).sort((a, b) => Number(isExclusive(a)) - Number(isExclusive(b)));
}

/** The selected scenarios, each behind its control, which is added from the catalogue where it was not selected. */
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

/** Whether nothing else may be played meanwhile: what looks at the process would see the others' traces. */
export function isExclusive(scenario: Scenario): boolean {
  return scenario.alone === true || scenario.heavy === true || scenario.maxGrowth !== undefined;
}

/** Whether it looks at the store, and so waits for most of its time. */
export function usesStore(scenario: Scenario): boolean {
  return scenario.store !== undefined || scenario.preloaded !== undefined;
}

/** What the scenarios cost a target, with a liveness probe behind each. */
export function costOf(scenarios: readonly Scenario[]): Cost {
  const cost = { connections: 0, bytes: 0 };
  const add = (count: number, steps: readonly Step[]): void => {
    cost.connections += count;
    cost.bytes += count * steps.reduce((sum, step) => sum + (step.do === 'send' ? size(step.bytes) : 0), 0);
  };
  for (const { steps, copies = ONE, background } of scenarios) {
    add(copies.warmUp ? 2 * copies.count : copies.count, steps);
    if (background) add(background.count, background.steps);
    add(1, LIVENESS);
  }
  return cost;
}

/**
 * Plays the scenarios in `lanes` lanes and yields what becomes of each as it ends. None begins before its control has
 * ended. When the consumer stops, what is in flight is awaited and dropped.
 */
export async function* runConcurrently<T>(
  order: readonly Scenario[],
  lanes: number,
  play: (scenario: Scenario) => Promise<T>,
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
      while (inFlight.size < lanes) {
        const next = waiting.findIndex(mayBegin);
        const [scenario] = next === -1 ? [] : waiting.splice(next, 1);
        if (scenario === undefined) break;
        inFlight.set(
          scenario,
          play(scenario).then((value) => ({ scenario, value })),
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
