/** A scenario in words: its requirement, its steps, and the outcomes that the protocol permits. */

import { annotateRest } from '../evidence/byte-lines.ts';
import { exampleId, sentDifference } from '../evidence/sent-difference.ts';
import { KEPT_BYTES, type SentSpan } from '../evidence/span.ts';
import { describeOutcome, describeSign } from '../judge/describe.ts';
import { describeCondition } from '../judge/store-oracle.ts';
import { describeGrowth } from '../run/effects/growth.ts';
import { type Bytes, concat, render, size } from '../scenario/bytes.ts';
import type { Scenario, Step } from '../scenario/scenario.ts';
import { counted } from '../util/counted.ts';
import { measureFrames } from '../wire/frames.ts';
import { annotate } from './annotate.ts';

/**
 * The scenario as lines without line ends. The first line is the title, the second the requirement. Lines that begin
 * with two spaces are details of the line before them.
 */
export function explain(scenario: Scenario): string[] {
  const { id, level, clause, requirement, control, likely = [], copies, background, rounds } = scenario;
  return [
    `${id} (${level}, clause ${clause})`,
    requirement,
    '',
    ...(scenario.preloaded ?? []).map(
      (task) => `before:   a task with status ${task.status} is written to ${task.side}/ of the store`,
    ),
    ...(scenario.earlier
      ? ['earlier:  a connection with these steps:', ...explainSteps(scenario.earlier)]
      : []),
    ...(background ? explainBackground(background) : []),
    ...(copies
      ? [
          `copies:   ${counted(copies.count, 'connection')}, ${copies.arrangement === 'at-once' ? 'concurrently' : 'one after another'}`,
        ]
      : []),
    ...(rounds ? [`rounds:   ${rounds}, each with new tasks`] : []),
    'steps:',
    ...explainSteps(scenario.steps, sentDifference(scenario)),
    ...(scenario.simultaneous ?? []).flatMap((steps) => [
      'at once:  on another connection',
      ...explainSteps(steps),
    ]),
    ...(scenario.kill
      ? ['then:     the target is killed as soon as it has answered, and started again']
      : []),
    ...scenario.accept.map((outcome) => `accepts:  ${describeOutcome(outcome)}`),
    ...(scenario.store ?? []).map((condition) => `and:      ${describeCondition(condition)}`),
    ...(scenario.access ? ['otherwise, on another connection:', ...explainSteps(scenario.access)] : []),
    ...(scenario.undecided ? [`skipped:  if ${scenario.undecided.reason}`] : []),
    ...(scenario.maxGrowth ? describeGrowth(scenario.maxGrowth) : []).map(
      (bound) => `and:      the process ${bound}`,
    ),
    ...(control ? [`control:  ${control}, which must pass in the same run`] : []),
    ...likely.map(({ when, cause }) => `likely:   if ${when.map(describeSign).join(', or ')}: ${cause}`),
    `clause:   docs/protocol.md#${clause.toLowerCase()}`,
  ];
}

function explainBackground({ count, steps, waves }: NonNullable<Scenario['background']>): string[] {
  const times = waves === undefined ? '' : `, opened ${waves} times`;
  const open = `others:   ${count} other ${count === 1 ? 'connection is' : 'connections are'} open${times}`;
  if (steps.length === 0) return [`${open} and ${count === 1 ? 'sends' : 'send'} nothing`];
  return [`${open}, with these steps:`, ...explainSteps(steps)];
}

/** The steps in order; `differs` is a span of all bytes that they send. */
function explainSteps(steps: readonly Step[], differs?: SentSpan): string[] {
  let before = concat();
  return steps.flatMap((step) => {
    if (step.do !== 'send') return explainStep(step);
    const own = differs && shifted(differs, -size(before));
    const continues = !endsWithFrame(before);
    before = concat(before, step.bytes);
    const how = step.segmentBytes === undefined ? '' : ` in segments of ${step.segmentBytes}`;
    const title = `  send ${counted(size(step.bytes), 'byte')}${how}`;
    if (continues) return [title, `  ${annotateRest(render(step.bytes, exampleId))}`];
    return [title, ...layOut(step.bytes, own && own.offset >= 0 ? own : undefined)];
  });
}

function endsWithFrame(bytes: Bytes): boolean {
  return measureFrames(render(bytes, exampleId)).end === size(bytes);
}

function shifted({ offset, bytes, around }: SentSpan, by: number): SentSpan {
  return {
    offset: offset + by,
    bytes,
    ...(around && { around: { ...around, offset: around.offset + by } }),
  };
}

function explainStep(step: Exclude<Step, { do: 'send' }>): string[] {
  switch (step.do) {
    case 'pause':
      return [`  wait ${step.ms} ms`];
    case 'fin':
      return ['  shut down the sending side (FIN)'];
    case 'reset':
      return ['  reset the connection (RST)'];
  }
}

/** The bytes as a report shows them, with an example id in each slot. `differs` counts from their beginning. */
function layOut(bytes: Bytes, differs: SentSpan | undefined): string[] {
  const total = size(bytes);
  const head = render(bytes, exampleId).subarray(0, KEPT_BYTES);
  const sent = { kind: 'sent', head, total, asked: total, segments: 1, tookMs: 0, atMs: 0 } as const;
  // The first line is an event with a time, the second is the total. An explanation has neither.
  return annotate([sent], differs && { sent: differs })
    .slice(2)
    .map((line) => `  ${line.trim()}`);
}
