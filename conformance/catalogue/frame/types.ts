/** Frame types (F6, F7): only type 1 is answered, and all 32 bits count. */

import {
  frame,
  header,
  RESULT,
  SEND_RESULTS,
  STATUS_UPDATE,
  SUBMIT,
  submitPayload,
} from '../../scenario/bytes.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { closes, NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { LEGAL } from './segments.ts';

/** Type 1 in the wrong byte order. */
const HIGH_BYTE_ONLY = 0x01000000;

const TYPES = [
  ['zero', 0],
  ['result', RESULT],
  ['five', 5],
  ['low-byte-only', 0x00000101],
  ['high-byte-only', HIGH_BYTE_ONLY],
  ['second-byte-too', 0x00010001],
  ['sign-bit-too', 0x80000001],
  ['byte-max', 255],
  ['all-ones', 2 ** 32 - 1],
] as const;

export const frameTypes: readonly Scenario[] = [
  ...TYPES.map(
    ([name, type]): Scenario => ({
      id: `frame/type-${name}-unanswered`,
      clause: type % 256 === SUBMIT || type === HIGH_BYTE_ONLY ? 'F6' : 'F7',
      level: 'MUST',
      requirement: `A frame of type ${type} gets no answer: a server answers type 1 alone, and all 32 bits of a type count.`,
      steps: [send(frame(type, submitPayload()))],
      accept: NOT_ANSWERED,
      control: LEGAL,
      likelyCause: 'The type is not looked at, or only a part of its four bytes is.',
    }),
  ),
  ...TYPES.filter(([name]) => name === 'result' || name === 'five').map(
    ([name, type]): Scenario => ({
      id: `frame/type-${name}-closed`,
      clause: 'F7',
      level: 'SHOULD',
      requirement: `After a frame of type ${type}, which no server processes, the connection is closed within 5 s.`,
      steps: [send(frame(type, submitPayload()))],
      accept: [closes()],
      control: LEGAL,
      likelyCause: 'A frame of another type is ignored and the next one awaited.',
    }),
  ),
  ...(
    [
      ['status-update', STATUS_UPDATE, 'U1'],
      ['send-results', SEND_RESULTS, 'R1'],
    ] as const
  ).map(
    ([name, type, clause]): Scenario => ({
      id: `frame/type-${name}-unanswered`,
      clause,
      level: 'MUST',
      requirement: `A frame of type ${type} gets no answer, even if its payload is that of a SUBMIT.`,
      steps: [send(frame(type, submitPayload()))],
      accept: NOT_ANSWERED,
      control: LEGAL,
      likelyCause: 'The payload decides what a message is, instead of the type.',
    }),
  ),
  {
    id: 'frame/type-five-without-payload',
    clause: 'F7',
    level: 'MUST',
    requirement: 'A frame of type 5 and length 0 gets no answer.',
    steps: [send(header(5, 0))],
    accept: NOT_ANSWERED,
    control: LEGAL,
    likelyCause: 'The length is looked at before the type, and an empty payload has an answer of its own.',
  },
];
