/** Many connections at the same time, which must not affect each other (T3). */

import { HEADER_BYTES, inBytes, PAYLOAD_CAP, SUBMIT, slice, taskId } from '../../scenario/bytes.ts';
import { header, quoted, submit } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario, Step } from '../../scenario/scenario.ts';
import { answers, closes, fin, pause, reset, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

/** The state in which each other peer stays while the scenario runs. */
const PEER_STATES: readonly (readonly [name: string, what: string, steps: readonly Step[]])[] = [
  ['silent', 'sends nothing', []],
  ['half-header', 'has sent half a header', [send(slice(submit(), 0, 4))]],
  ['header-only', 'has sent a header and no payload', [send(slice(submit(), 0, HEADER_BYTES))]],
  [
    'declared-16-mib',
    `has declared ${inBytes(PAYLOAD_CAP)} and sent no payload`,
    [send(header(SUBMIT, PAYLOAD_CAP))],
  ],
  ['half-payload', 'has sent half a payload', [send(slice(submit(), 0, HEADER_BYTES + 60))]],
  ['half-closed', 'has half-closed inside a header', [send(slice(submit(), 0, 4)), fin()]],
  ['reset', 'has reset its connection inside a payload', [send(slice(submit(), 0, 40)), reset()]],
  ['answered', 'has received its answer and not closed', [send(submit({ task_id: quoted(taskId(2)) }))]],
];

/** A legal SUBMIT while other connections are open. A receiver that serves one connection at a time does not answer it. */
function withOpenConnections(
  name: string,
  level: Level,
  count: number,
  what: string,
  steps: readonly Step[],
): Scenario {
  return {
    id: `transport/${name}`,
    clause: 'T3',
    level,
    requirement: `A receiver answers a SUBMIT while each of ${count} other peers ${what}.`,
    steps: [send(submit())],
    accept: [answers({ taskId: taskId() })],
    control: ANSWERED,
    background: { count, steps },
    likely: [
      { when: ['no answer, open'], cause: 'A frame is read inside the accept loop, or by too few workers.' },
      {
        when: ['no answer, closed'],
        cause:
          'The receiver closes connections above a low limit, or the close of one connection ends another.',
      },
      { when: ['died'], cause: 'An unfinished connection of another peer blocks or ends the process.' },
      {
        when: ['task_id wrong value'],
        cause: 'Connections share a buffer, or the object that holds the answer.',
      },
    ],
  };
}

const openConnections: readonly Scenario[] = [
  ...PEER_STATES.map(([name, what, steps]) => withOpenConnections(`beside-${name}`, 'MUST', 4, what, steps)),
  // SHOULD, because no clause says how many connections a receiver serves at the same time.
  ...PEER_STATES.filter(([name]) => name === 'silent' || name === 'half-payload').map(
    ([name, what, steps]) => ({
      ...withOpenConnections(`beside-many-${name}`, 'SHOULD', 64, what, steps),
      heavy: true,
    }),
  ),
];

const manyConnections: readonly Scenario[] = [
  ...(
    [
      ['8-at-once', 'MUST', 8, 'at-once'],
      ['64-at-once', 'SHOULD', 64, 'at-once'],
      ['20-in-turn', 'MUST', 20, 'in-turn'],
    ] as const
  ).map(
    ([name, level, count, arrangement]): Scenario => ({
      id: `transport/${name}`,
      clause: 'T3',
      level,
      requirement: `A receiver sends each of ${count} peers that submit ${arrangement === 'at-once' ? 'at the same time' : 'one after another'} the answer to its own SUBMIT.`,
      steps: [send(submit())],
      accept: [answers({ taskId: taskId() })],
      control: ANSWERED,
      copies: { count, arrangement },
      likely: [
        {
          when: ['task_id wrong value', 'number of frames'],
          cause:
            'Connections share a buffer, or the answer is stored in a variable that another connection overwrites.',
        },
        {
          when: ['died'],
          cause: 'Connections, threads or files of past peers are not released, until none is left.',
        },
        {
          when: ['no answer, open'],
          cause:
            arrangement === 'at-once'
              ? 'A frame is read inside the accept loop, or by too few workers.'
              : 'A connection, a thread or a file is not released.',
        },
      ],
    }),
  ),
  {
    id: 'transport/100-half-closed-in-turn',
    clause: 'T3',
    level: 'MUST',
    requirement:
      'A receiver answers or closes each of 100 connections whose peers submit and half-close, one after another.',
    steps: [send(submit()), fin()],
    // The answer may be lost after a half-close (T4).
    accept: [answers({ taskId: taskId() }), closes()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'in-turn' },
    likely: [
      { when: ['no answer, open', 'died'], cause: 'A connection, a thread or a file is not released.' },
      {
        when: ['task_id wrong value'],
        cause: 'Connections share a buffer, or the object that holds the answer.',
      },
    ],
  },
  {
    id: 'transport/interleaved-segments',
    clause: 'T3',
    level: 'MUST',
    requirement:
      'A receiver sends each of 8 peers the answer to its own SUBMIT when the frames arrive at the same time in three segments each.',
    steps: [
      send(slice(submit(), 0, 6)),
      pause(20),
      send(slice(submit(), 6, HEADER_BYTES + 40)),
      pause(20),
      send(slice(submit(), HEADER_BYTES + 40)),
    ],
    accept: [answers({ taskId: taskId() })],
    control: ANSWERED,
    copies: { count: 8, arrangement: 'at-once' },
    likely: [
      {
        when: ['task_id wrong value', 'number of frames'],
        cause: 'Connections share the buffer that collects the bytes of a frame.',
      },
      {
        when: NO_ANSWER,
        cause:
          'A single read is expected to return the whole frame, or connections share the buffer that collects its bytes.',
      },
    ],
  },
];

export const transportConcurrency: readonly Scenario[] = [...openConnections, ...manyConnections];
