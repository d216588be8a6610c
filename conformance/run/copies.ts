/** Runs the steps of a scenario on real connections, one for each copy, and judges what each shows. */

import { setTimeout } from 'node:timers/promises';
import { type Observation, observe } from '../judge/observe.ts';
import { judgeObservation, type Verdict } from '../judge/oracle.ts';
import type { Ids } from '../judge/touched-files.ts';
import type { Step } from '../scenario/scenario.ts';
import type { Transcript } from '../wire/transcript.ts';
import { type Address, type Held, runSteps, runStepsAndHold } from '../wire/transport.ts';
import type { AttemptContext, Waits } from './waits.ts';

/** Milliseconds in which a report arrives that the process writes as it closes the connection. */
const REPORT_MS = 20;

/** One copy of a scenario, whose connection stays open until it is released. */
export interface CopyResult extends Held {
  readonly transcript: Transcript;
  readonly verdict: Verdict;
  readonly observation: Observation;
  readonly idOf: Ids['of'];
}

interface CopiesOptions {
  readonly target: Address;
  /** By the clock of the target. */
  readonly steps: readonly Step[];
  readonly waits: Waits;
  readonly echoesTaskId: boolean;
  /** Ids for a copy after the first one. */
  readonly freshIds: () => Ids;
}

/** Runs every copy. The first that does not pass decides, otherwise the last. */
export async function runCopies(
  context: AttemptContext,
  firstIds: Ids,
  options: CopiesOptions,
): Promise<CopyResult> {
  const { count } = context.scenario.copies ?? { count: 1 };
  let last = await runCopy(context, firstIds.of, options);
  const together = options.waits.copiesAtATime(context.scenario);
  for (let begun = 1; begun < count && last.verdict.verdict === 'pass'; begun += together) {
    const played = await Promise.all(
      Array.from({ length: Math.min(together, count - begun) }, () =>
        runCopy(context, options.freshIds().of, options),
      ),
    );
    last = played.find(({ verdict }) => verdict.verdict !== 'pass') ?? played.at(-1) ?? last;
  }
  return last;
}

async function runCopy(
  context: AttemptContext,
  idOf: Ids['of'],
  { target, steps, waits, echoesTaskId }: CopiesOptions,
): Promise<CopyResult> {
  const { scenario, reports } = context;
  const options = waits.steps(idOf, context);
  const others = scenario.simultaneous ?? [];
  const half = others.length / 2;
  const send = (messages: typeof others): Promise<unknown>[] =>
    messages.map((message) => runSteps(target, message, options));
  // Between the others, because a target often writes in the order in which connections arrive.
  const earlier = send(others.slice(0, half));
  reports?.begin();
  const own = runStepsAndHold(target, steps, options);
  await Promise.all([...earlier, ...send(others.slice(half))]);
  const { transcript, release: close } = await own;
  const release = (): void => {
    reports?.end();
    close();
  };
  const observation = observe(transcript);
  const verdict = judgeObservation(scenario, observation, idOf, echoesTaskId);
  if (scenario.store === undefined) {
    if (reports && verdict.verdict === 'fail' && observation.ending.kind !== 'deadline')
      await setTimeout(REPORT_MS);
    release();
  }
  return { transcript, release, observation, verdict, idOf };
}
