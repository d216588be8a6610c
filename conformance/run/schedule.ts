/**
 * The order of scenarios: each after its control, several at a time, and at the end, one by one, those that must run
 * alone.
 */

import { HEADER_BYTES, render, size } from '../scenario/bytes.ts';
import { submit } from '../scenario/messages.ts';
import type { Copies, Scenario, Step } from '../scenario/scenario.ts';
import { send } from '../scenario/steps.ts';
import { readHeader } from '../wire/frames.ts';
import type { Cost } from './events.ts';
import type { Deadlines } from './timing/deadlines.ts';
import { awaitedBy } from './timing/vain-waits.ts';

const ONE: Copies = { count: 1, arrangement: 'in-turn' };
const LIVENESS = [send(submit())];
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
