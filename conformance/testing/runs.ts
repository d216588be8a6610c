/** Runs of a few scenarios, for tests of the runner. */

import type { Attempt } from '../run/attempt.ts';
import type { RunEvent, ScenarioResult } from '../run/events.ts';
import { type RunOptions, run } from '../run/runner.ts';
import { submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { answers, send } from '../scenario/steps.ts';

type Options = Partial<RunOptions> & Pick<RunOptions, 'target'>;

/** A legal SUBMIT, to be answered. */
export const LEGAL: Scenario = {
  id: 'test/legal',
  clause: 'S1',
  level: 'MUST',
  requirement: 'A legal SUBMIT is answered.',
  steps: [send(submit())],
  accept: [answers()],
};

/** All events of a run. */
export async function eventsOf(catalogue: readonly Scenario[], options: Options): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of run({ catalogue, ...options })) events.push(event);
  return events;
}

/** The results by id. */
export function resultsOf(events: readonly RunEvent[]): Record<string, ScenarioResult> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.kind === 'result' && !event.isProvisional ? [[event.result.scenario.id, event.result]] : [],
    ),
  );
}

/** The first attempt of each scenario, by id. No scenario is attempted again. */
export async function attemptsOf(
  catalogue: readonly Scenario[],
  options: Options,
): Promise<Record<string, Attempt>> {
  const results = resultsOf(await eventsOf(catalogue, { retries: 0, jobs: 1, ...options }));
  return Object.fromEntries(Object.entries(results).map(([id, { attempts }]) => [id, attempts[0]]));
}
