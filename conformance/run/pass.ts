/**
 * One pass over some scenarios: attempts run next to each other, and each is reported when it has ended. The pass ends early
 * when the target does not answer after an attempt.
 */

import type { Scenario } from '../scenario/scenario.ts';
import type { Attempt, AttemptRunner } from './attempt.ts';
import { looksForFiles } from './schedule.ts';
import type { JobLimit } from './timing/job-limit.ts';
import { type Lane, runConcurrently } from './timing/lanes.ts';

/** Scenarios, and how many attempts are active at a time when one of them begins. */
export interface Phase {
  readonly scenarios: readonly Scenario[];
  readonly limitOf: (scenario: Scenario) => JobLimit;
  /** No other scenario begins while one of these sends, or could begin. Default: none. */
  readonly early?: ReadonlySet<Scenario>;
}

export interface PassOptions {
  readonly runner: AttemptRunner;
  readonly limitOf: Phase['limitOf'];
  readonly early?: ReadonlySet<Scenario>;
  /** How many attempts may only wait at a time. */
  readonly waiting: JobLimit;
  /** Whether the scenario runs with nothing else in flight. */
  readonly isExclusive: (scenario: Scenario) => boolean;
}

/** A scenario whose attempt has begun. */
export interface Begun {
  readonly scenario: Scenario;
  /** Whether other attempts were in flight at some time. */
  readonly isOverlapped: boolean;
  /** Whether others were in flight at some time that did not merely wait. What the process wrote then may be due to them. */
  readonly isShared: boolean;
  /** Whether it sends nothing more. */
  readonly isWaiting: boolean;
}

/** A scenario whose attempt has ended. */
export interface Ended extends Begun {
  readonly attempt: Attempt;
}

export type PassEvent =
  | {
      readonly kind: 'ended';
      readonly ended: Ended;
      /** Resolves when all attempts have ended that are still in flight. None begins before the next event is asked for. */
      readonly others: () => Promise<readonly Attempt[]>;
    }
  /** All attempts in flight only wait, and no other can begin. */
  | { readonly kind: 'waiting'; readonly scenarios: readonly Scenario[] }
  /** The last event: the target did not answer. The attempts that were in flight then have ended, too. */
  | { readonly kind: 'unanswered'; readonly ended: Ended; readonly inFlight: readonly Ended[] };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Removes each scenario from `pending` when it begins. */
export async function* runPass(
  pending: Set<Scenario>,
  { runner, waiting, limitOf, isExclusive, early = new Set() }: PassOptions,
): AsyncGenerator<PassEvent, void> {
  /** Until their results are reported. */
  const inFlight = new Map<
    Scenario,
    { readonly begun: Mutable<Begun>; readonly attempt: Promise<Attempt> }
  >();
  /** Called when an attempt becomes active. */
  const share = (begun: Mutable<Begun>): void => {
    for (const { begun: other } of inFlight.values())
      if (other !== begun && !other.isWaiting) other.isShared = begun.isShared = true;
  };
  const attempt = async (scenario: Scenario, lane: Lane): Promise<Ended> => {
    const begun = { scenario, isOverlapped: inFlight.size > 0, isShared: false, isWaiting: false };
    for (const other of inFlight.values()) other.begun.isOverlapped = true;
    share(begun);
    pending.delete(scenario);
    const limit = limitOf(scenario);
    const attempted = runner.attempt(scenario, {
      isAlone: isExclusive(scenario) || (limit.isOne && waiting.now === 0),
      beforeProbe: limit.isOne ? undefined : lane.release,
      lane: {
        release: () => {
          begun.isWaiting = true;
          lane.release();
        },
        regain: async () => {
          await lane.regain();
          begun.isWaiting = false;
          share(begun);
        },
      },
    });
    inFlight.set(scenario, { begun, attempt: attempted });
    const { said, ...ended } = await attempted;
    return Object.assign(begun, { attempt: said && !begun.isShared ? { ...ended, said } : ended });
  };
  const earlyLeft = new Map(
    [...pending].filter((scenario) => early.has(scenario)).map((scenario) => [scenario.id, scenario]),
  );
  /** Whether an early scenario runs, or waits for nothing but a lane. A control may wait for long. */
  const isBusy = (scenario: Scenario): boolean => {
    const running = inFlight.get(scenario);
    return running
      ? looksForFiles(scenario) || !running.begun.isWaiting
      : !earlyLeft.has(scenario.control ?? '');
  };
  const isHeld = (scenario: Scenario): boolean =>
    !early.has(scenario) && [...earlyLeft.values()].some(isBusy);
  const limits = {
    active: (scenario: Scenario) => limitOf(scenario).now,
    isHeld,
    waiting: () => waiting.now,
    isExclusive,
  };
  let unanswered: { readonly ended: Ended; readonly inFlight: Promise<Ended[]> } | undefined;
  for await (const event of runConcurrently([...pending], limits, attempt)) {
    if (event.kind === 'waiting') {
      yield event;
      continue;
    }
    const ended = event.value;
    inFlight.delete(ended.scenario);
    earlyLeft.delete(ended.scenario.id);
    if (ended.attempt.targetDied) {
      const inFlightThen = [...inFlight.values()].map(async ({ begun, attempt }) => {
        const then = { ...begun };
        return { ...then, attempt: await attempt };
      });
      unanswered = { ended: { ...ended }, inFlight: Promise.all(inFlightThen) };
      break;
    }
    yield {
      kind: 'ended',
      ended,
      others: () => Promise.all([...inFlight.values()].map(({ attempt }) => attempt)),
    };
  }
  if (unanswered) yield { kind: 'unanswered', ended: unanswered.ended, inFlight: await unanswered.inFlight };
}
