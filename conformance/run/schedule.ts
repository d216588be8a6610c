/**
 * The order of scenarios: each after its control, several at a time, and at the end, one by one, those that must run
 * alone.
 */

import { HEADER_BYTES, render, size } from '../scenario/bytes.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { readHeader } from '../wire/frames.ts';
import { awaitedBy } from './timing/vain-waits.ts';

/** Larger messages are not looked into. */
const LARGE_BYTES = 4096;

/** As `afterControls`, with the exclusive scenarios last. */
export function executionOrder(
  selected: readonly Scenario[],
  catalogue: readonly Scenario[],
  isAlone = isExclusive,
): Scenario[] {
  return afterControls(selected, catalogue).sort((a, b) => Number(isAlone(a)) - Number(isAlone(b)));
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
export function isExclusive({ alone, store, heavy, maxGrowth }: Scenario): boolean {
  return (alone === true && store === undefined) || heavy === true || maxGrowth !== undefined;
}

/**
 * Whether a failure shows something only if no other scenario ran meanwhile: a file without a task id may be that of another
 * scenario. If there is no such file, several of these scenarios may pass at a time.
 */
export function failsOnlyAlone(scenario: Scenario): boolean {
  return isExclusive(scenario) || looksForFiles(scenario);
}

/** Whether it looks for files without a task id. */
export function looksForFiles({ alone, store }: Scenario): boolean {
  return alone === true && store !== undefined;
}

/** Whether it takes long on every target, or on one with a fault: it awaits a close, sends a part of a frame, or has rounds. */
export function waitsLong(scenario: Scenario): boolean {
  return scenario.rounds !== undefined || awaitedBy(scenario) === 'close' || endsInsideFrame(scenario);
}

/** Whether the first message that is sent is not complete. */
function endsInsideFrame({ steps }: Scenario): boolean {
  const messages = steps.flatMap((step) => (step.do === 'send' ? [step.bytes] : []));
  const [first] = messages;
  const sent = messages.reduce((sum, bytes) => sum + size(bytes), 0);
  if (first === undefined || sent > HEADER_BYTES + LARGE_BYTES) return false;
  const header = readHeader(render(first, String), 0);
  return header === undefined || header.length > sent - HEADER_BYTES;
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

/** The parts of a run, one after another. Each scenario is in one of them, not before its control. */
export interface Parts {
  readonly main: readonly Scenario[];
  /** Those of `main` that look for files without a task id, with their controls: others leave such files. */
  readonly early: ReadonlySet<Scenario>;
  /** They wait for minutes, or keep the only connection that the target serves. */
  readonly late: readonly Scenario[];
  /** They kill the target; if it cannot be started again, the run ends. */
  readonly last: readonly Scenario[];
}

/** `order` has controls first. `atStore` are the scenarios that read the store, with their controls. */
export function partsOf(
  order: readonly Scenario[],
  options: { readonly atStore: ReadonlySet<Scenario>; readonly isConcurrent: boolean },
): Parts {
  const { atStore, isConcurrent } = options;
  const looking = new Set(afterControls(order.filter(looksForFiles), order));
  const isEarly = (scenario: Scenario): boolean => looking.has(scenario) && !isExclusive(scenario);
  const partOf = (scenario: Scenario): 'main' | 'late' | 'last' => {
    if (scenario.kill) return 'last';
    return (isConcurrent ? scenario.slow : waitsForTimeout(scenario)) ? 'late' : 'main';
  };
  // What takes long comes first, so that it waits while the others run. Scenarios that read the store, with their controls,
  // run early, while the store holds few files.
  const isIn = [isEarly, waitsLong, (scenario: Scenario) => atStore.has(scenario), () => true];
  const placeOf = (scenario: Scenario): number =>
    isExclusive(scenario) ? isIn.length : isIn.findIndex((holds) => holds(scenario));
  const of = (part: 'main' | 'late' | 'last'): Scenario[] =>
    order.filter((scenario) => partOf(scenario) === part);
  const main = of('main')
    .map((scenario) => ({ scenario, place: placeOf(scenario) }))
    .sort((a, b) => a.place - b.place)
    .map(({ scenario }) => scenario);
  return { main, early: new Set(main.filter(isEarly)), late: of('late'), last: of('last') };
}
