/**
 * Runs scenarios concurrently. An attempt is active until it ends, or until it releases its lane because it only waits from
 * then on; the number of active attempts and the number of waiting ones are bounded apart. So a target that lets many
 * attempts wait is judged about as fast as one that answers at once, and still meets few attempts at a time.
 */

import type { Scenario } from '../../scenario/scenario.ts';

/** The place of an active attempt. */
export interface Lane {
  /** The attempt only waits; another attempt may begin. */
  readonly release: () => void;
  /** Resolves when the attempt may send again after a release: before another attempt begins. */
  readonly regain: () => Promise<void>;
}

export interface LaneLimits {
  /** How many attempts may be active, this one included, when the scenario begins. At least 1. */
  readonly active: (scenario: Scenario) => number;
  /** Whether the scenario may not begin yet. It may regain a lane. Default: never. */
  readonly isHeld?: (scenario: Scenario) => boolean;
  /** How many attempts may have released their lanes. With 0, no lane is released. */
  readonly waiting: () => number;
  /** Whether the scenario runs with nothing else in flight. It keeps its lane. */
  readonly isExclusive: (scenario: Scenario) => boolean;
}

export type LaneEvent<T> =
  | { readonly kind: 'ended'; readonly value: T }
  /** All attempts in flight only wait, and no other can begin. */
  | { readonly kind: 'waiting'; readonly scenarios: readonly Scenario[] };

/**
 * Yields each value as soon as it is there. No scenario begins before its control has ended. If the consumer stops, the
 * attempts in flight are awaited and their values dropped.
 */
export async function* runConcurrently<T>(
  order: readonly Scenario[],
  limits: LaneLimits,
  attempt: (scenario: Scenario, lane: Lane) => Promise<T>,
): AsyncGenerator<LaneEvent<T>, void> {
  const pending = [...order];
  const ids = new Set(order.map(({ id }) => id));
  const endedIds = new Set<string>();
  const inFlight = new Map<Scenario, Promise<void>>();
  const active = new Set<Scenario>();
  const ended: (() => T)[] = [];
  const regaining: { readonly scenario: Scenario; readonly resolve: () => void }[] = [];
  const { isExclusive, isHeld = () => false } = limits;
  let wake = (): void => {};
  /** The consumer has stopped, so no lane is needed. */
  let isOver = false;
  const mayBegin = (scenario: Scenario): boolean =>
    active.size < limits.active(scenario) &&
    (scenario.control === undefined || endedIds.has(scenario.control) || !ids.has(scenario.control)) &&
    (!isExclusive(scenario) || inFlight.size === 0) &&
    !isHeld(scenario);
  const begin = (scenario: Scenario): void => {
    active.add(scenario);
    const release = (): void => {
      if (isExclusive(scenario) || limits.waiting() === 0) return;
      active.delete(scenario);
      wake();
    };
    const regain = (): Promise<void> =>
      isOver || active.has(scenario)
        ? Promise.resolve()
        : new Promise((resolve) => {
            regaining.push({ scenario, resolve });
            wake();
          });
    const end = (value: () => T): void => {
      active.delete(scenario);
      inFlight.delete(scenario);
      endedIds.add(scenario.id);
      ended.push(value);
      wake();
    };
    inFlight.set(
      scenario,
      attempt(scenario, { release, regain }).then(
        (value) => end(() => value),
        (error: unknown) =>
          end(() => {
            throw error;
          }),
      ),
    );
  };
  const beginAll = (): void => {
    for (let next = regaining[0]; next && active.size < limits.active(next.scenario); next = regaining[0]) {
      active.add(next.scenario);
      next.resolve();
      regaining.shift();
    }
    if (regaining.length > 0) return;
    while (inFlight.size - active.size < Math.max(1, limits.waiting())) {
      if ([...active].some(isExclusive)) return;
      const next = pending.findIndex(mayBegin);
      const [scenario] = next === -1 ? [] : pending.splice(next, 1);
      if (scenario === undefined) return;
      begin(scenario);
    }
  };
  try {
    while (pending.length > 0 || inFlight.size > 0 || ended.length > 0) {
      const value = ended.shift();
      if (value !== undefined) {
        yield { kind: 'ended', value: value() };
        continue;
      }
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      beginAll();
      if (active.size === 0 && inFlight.size > 0) yield { kind: 'waiting', scenarios: [...inFlight.keys()] };
      if (ended.length === 0) await changed;
    }
  } finally {
    isOver = true;
    for (const { resolve } of regaining) resolve();
    await Promise.allSettled(inFlight.values());
  }
}
