/** A scenario in words: what it judges, what it does, and what the protocol permits. */

import { describeOutcome } from '../judge/describe.ts';
import { describeCondition } from '../judge/store-oracle.ts';
import { describeGrowth } from '../run/growth.ts';
import { type Bytes, render, size } from '../scenario/bytes.ts';
import type { Scenario, Step } from '../scenario/scenario.ts';
import { annotate } from './annotate.ts';

/** Bytes of a step that are laid out. */
const SHOWN_BYTES = 4096;

/** Lines; the first is the title. Lines that begin with two spaces are detail. */
export function explain(scenario: Scenario): string[] {
  const { id, level, clause, requirement, control, likelyCause, copies, company } = scenario;
  return [
    `${id} (${level}, clause ${clause})`,
    requirement,
    '',
    ...(scenario.planted ?? []).map(
      (task) => `before:   a task that is ${task.status} is put into ${task.side}/ of the store`,
    ),
    ...(company ? [`beside:   ${company.count} connections stand open, on each of them:`] : []),
    ...(company ? company.steps.flatMap(explainStep) : []),
    ...(copies
      ? [
          `copies:   ${copies.count} connections, ${copies.arrangement === 'at-once' ? 'all at once' : 'one after another'}`,
        ]
      : []),
    'does:',
    ...scenario.steps.flatMap(explainStep),
    ...scenario.accept.map((outcome) => `accepts:  ${describeOutcome(outcome)}`),
    ...(scenario.store ?? []).map((condition) => `and:      ${describeCondition(condition)}`),
    ...(scenario.maxGrowth ? describeGrowth(scenario.maxGrowth) : []).map(
      (bound) => `and:      the process ${bound}`,
    ),
    ...(control ? [`control:  ${control}, which must fare otherwise in the same run`] : []),
    ...(likelyCause ? [`likely:   ${likelyCause}`] : []),
    `clause:   docs/protocol.md#${clause.toLowerCase()}`,
  ];
}

function explainStep(step: Step): string[] {
  switch (step.do) {
    case 'send': {
      const how = step.segmentBytes === undefined ? '' : ` in segments of ${step.segmentBytes}`;
      return [`  send ${size(step.bytes)} bytes${how}`, ...layOut(step.bytes)];
    }
    case 'pause':
      return [`  wait ${step.ms} ms`];
    case 'fin':
      return ['  shut down the sending side (FIN)'];
    case 'reset':
      return ['  reset the connection (RST)'];
  }
}

/** The bytes as the report shows them, with a made-up id in each slot. */
function layOut(bytes: Bytes): string[] {
  const total = size(bytes);
  const exampleId = (slot: number): string => `00000000-0000-0000-0000-${String(slot).padStart(12, '0')}`;
  const head = render(bytes, exampleId).subarray(0, SHOWN_BYTES);
  const sent = { kind: 'sent', head, total, asked: total, segments: 1, tookMs: 0, atMs: 0 } as const;
  // The first line is the time line of a play that there was not, the second its sum.
  return annotate([sent])
    .slice(2)
    .map((line) => `  ${line.trim()}`);
}
