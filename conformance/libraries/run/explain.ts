/** A library scenario in words: its requirement, the request that the adapter gets, and what the answer has to be. */

import { counted } from '../../util/counted.ts';
import { printable } from '../../util/printable.ts';
import type { Expectation } from '../cases/case.ts';
import type { LibraryScenario } from './catalogue.ts';

/** UTF-16 units of a request that are shown. */
const SHOWN = 1000;
/** In the requests that are shown: 2026-01-01, in milliseconds since 1970. */
const NOW_MS = Date.UTC(2026, 0, 1);

/** The scenario as lines without line ends. The first line is the title, the second the requirement. */
export function explainLibrary(scenario: LibraryScenario): string[] {
  const { id, level, clause, requirement, control } = scenario;
  return [
    `${id} (${level}, clause ${clause})`,
    requirement,
    '',
    ...howJudged(scenario),
    ...(control ? [`control:  ${control}, which must pass in the same run`] : []),
    `clause:   docs/protocol.md#${clause.toLowerCase()}`,
  ];
}

function howJudged(scenario: LibraryScenario): readonly string[] {
  switch (scenario.by) {
    case 'case': {
      const { op, args, expect } = scenario.case;
      const request = JSON.stringify({ id: 1, op, args: args(NOW_MS) });
      return [`request:  ${printable(request, SHOWN)}`, `expected: ${wordsOf(expect)}`];
    }
    case 'property':
      return [`requests: generated, with the operations ${scenario.property.ops.join(', ')}`];
    case 'overall':
      return [`judged by all answers to the operations ${scenario.overall.ops.join(', ')}`];
  }
}

function wordsOf(expect: Expectation): string {
  switch (expect.kind) {
    case 'message':
      return `the fields ${namesOf(expect.fields())}, with their exact values`;
    case 'malformed':
      return 'an error: the message is refused';
    case 'frame':
      return `a frame of type ${expect.type} with the fields ${namesOf(expect.fields())}`;
    case 'frames': {
      const count = expect.frames.length;
      const frames = counted(count, 'frame');
      return expect.ending === 'too-large' || expect.ending === 'truncated'
        ? `${frames}, and the error ${expect.ending}`
        : `${frames}, and no error`;
    }
    case 'no-frame':
      return 'an error: no frame can hold the message';
    case 'text':
      return printable(expect.text, SHOWN);
    case 'validity':
      return expect.valid ? 'valid' : 'not valid';
    case 'task-text':
      return `a task file with the fields ${namesOf(expect.fields())}`;
    case 'new-task':
      return `a task with ${Object.entries(expect.fields)
        .map(([name, value]) => `${name} ${printable(JSON.stringify(value), SHOWN)}`)
        .join(', ')}`;
    case 'instant':
      return `${expect.seconds} s after 1970, and ${expect.nanosecond} ns`;
    case 'no-time':
      return 'an error: it is no time';
    case 'expiry':
      return `${expect.timeout}: ${expect.expired}`;
    case 'duration':
      return `${expect.field === undefined ? '' : `${expect.field}: `}${expect.ms} ms`;
    case 'polo':
      return 'the score and its parts by one of the two readings of P3';
    case 'ids':
      return `${expect.count} different ids`;
    case 'extension':
      return `allowed: ${expect.allowed}, forbidden: ${expect.forbidden}`;
  }
}

function namesOf(fields: readonly { readonly name: string }[]): string {
  return fields.map(({ name }) => name).join(', ');
}
