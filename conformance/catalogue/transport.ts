/** Section 1 of the protocol: who speaks first, and that no peer suffers from another (T1–T6, F5). */

import {
  type Bytes,
  HEADER_BYTES,
  header,
  KiB,
  MiB,
  PAYLOAD_CAP,
  quoted,
  SUBMIT,
  size,
  slice,
  submit,
  taskId,
} from '../scenario/bytes.ts';
import type { Level, Scenario, Step } from '../scenario/scenario.ts';
import { answers, closes, fin, gone, pause, reset, send, silent } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

const first: readonly Scenario[] = [
  {
    id: 'transport/does-not-speak-first',
    clause: 'T1',
    level: 'MUST',
    requirement: 'A receiver sends nothing to a peer that has connected and said nothing.',
    steps: [pause(50)],
    accept: [silent(), closes()],
    control: ANSWERED,
    likelyCause: 'A greeting or a banner is sent when a connection comes about.',
  },
  {
    id: 'transport/late-first-byte',
    clause: 'T6',
    level: 'SHOULD',
    requirement: 'A peer that sends its frame 300 ms after it has connected is answered.',
    steps: [pause(300), send(submit())],
    accept: [answers()],
    control: ANSWERED,
    likelyCause: 'The bound on silence is shorter than a slow network.',
  },
  {
    id: 'transport/second-frame-in-turn',
    clause: 'T2',
    level: 'MAY',
    requirement:
      'A receiver closes after one frame or serves a second one, and answers each that it serves once.',
    steps: [send(submit()), pause(50), send(submit({ task_id: quoted(taskId(2)) }))],
    accept: [answers({ frames: [1, 2], taskId: taskId() })],
    control: ANSWERED,
    likelyCause: 'State of one frame is left over when the next one is read.',
  },
  {
    id: 'transport/half-close-without-a-frame',
    clause: 'T5',
    level: 'MUST',
    requirement: 'A connection that its peer ends before a frame has begun is closed, without an answer.',
    steps: [pause(20), fin()],
    accept: [closes()],
    control: ANSWERED,
    likelyCause: 'The end of the stream is not noticed while a header is awaited.',
  },
  {
    id: 'transport/half-close-after-a-while',
    clause: 'T4',
    level: 'SHOULD',
    requirement: 'A frame whose last segment comes together with the half-close is answered.',
    steps: [send(slice(submit(), 0, HEADER_BYTES)), pause(20), send(slice(submit(), HEADER_BYTES)), fin()],
    accept: [answers()],
    control: ANSWERED,
    likelyCause: 'The end of the stream is handled before the bytes that came with it.',
  },
];

/** What another peer does, and then nothing more. */
const PEERS: readonly (readonly [name: string, what: string, steps: readonly Step[]])[] = [
  ['silent', 'says nothing', []],
  ['half-header', 'has sent half a header', [send(slice(submit(), 0, 4))]],
  ['header-only', 'has sent a header and no payload', [send(slice(submit(), 0, HEADER_BYTES))]],
  ['declared-16-mib', 'has declared 16 MiB and sent nothing of it', [send(header(SUBMIT, PAYLOAD_CAP))]],
  ['half-payload', 'has sent half a payload', [send(slice(submit(), 0, HEADER_BYTES + 60))]],
  ['half-closed', 'has half-closed inside a header', [send(slice(submit(), 0, 4)), fin()]],
  ['reset', 'has reset its connection inside a payload', [send(slice(submit(), 0, 40)), reset()]],
  ['answered', 'has got its answer and not closed', [send(submit({ task_id: quoted(taskId(2)) }))]],
];

/** A legal SUBMIT beside peers that stand in the way of a receiver that serves one after another. */
function beside(name: string, level: Level, count: number, what: string, steps: readonly Step[]): Scenario {
  return {
    id: `transport/${name}`,
    clause: 'T3',
    level,
    requirement: `A SUBMIT is answered while each of ${count} other peers ${what}.`,
    steps: [send(submit())],
    accept: [answers({ taskId: taskId() })],
    control: ANSWERED,
    company: { count, steps },
    likelyCause: 'A frame is read inside the accept loop, or by too few workers.',
  };
}

const company: readonly Scenario[] = [
  ...PEERS.map(([name, what, steps]) => beside(`beside-${name}`, 'MUST', 4, what, steps)),
  // How many peers a receiver admits at a time is not bounded by any clause, and not promised either.
  ...PEERS.filter(([name]) => name === 'silent' || name === 'half-payload').map(([name, what, steps]) => ({
    ...beside(`beside-many-${name}`, 'SHOULD', 64, what, steps),
    heavy: true,
  })),
];

const crowds: readonly Scenario[] = [
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
      requirement: `Of ${count} peers that submit ${arrangement === 'at-once' ? 'at once' : 'one after another'}, each gets the answer to its own SUBMIT.`,
      steps: [send(submit())],
      accept: [answers({ taskId: taskId() })],
      control: ANSWERED,
      copies: { count, arrangement },
      likelyCause:
        'Connections share a buffer, or the answer is kept where another connection overwrites it.',
    }),
  ),
  {
    id: 'transport/100-half-closed-in-turn',
    clause: 'T3',
    level: 'MUST',
    requirement: 'Each of 100 peers that submit and half-close, one after another, is answered or closed.',
    steps: [send(submit()), fin()],
    // Whether an answer gets through a half-close is free (T4).
    accept: [answers({ taskId: taskId() }), closes()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'in-turn' },
    likelyCause: 'A connection, a thread or a file is not given back.',
  },
  {
    id: 'transport/interleaved-segments',
    clause: 'T3',
    level: 'MUST',
    requirement:
      'Of 8 peers whose frames arrive at once in three segments each, every one gets its own answer.',
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
    likelyCause: 'Connections share the buffer in which a frame is put together.',
  },
];

/** Where a peer is when it resets its connection. */
const RESETS: readonly (readonly [name: string, where: string, bytes: Bytes | undefined])[] = [
  ['at-once', 'before it has sent a byte', undefined],
  ['in-header', 'inside a header', slice(submit(), 0, 3)],
  ['in-payload', 'inside a payload', slice(submit(), 0, size(submit()) - 1)],
  ['after-frame', 'right behind a frame', submit()],
];

const resets: readonly Scenario[] = [
  ...RESETS.map(
    ([name, where, bytes]): Scenario => ({
      id: `transport/reset-${name}`,
      clause: 'T5',
      level: 'MUST',
      requirement: `A receiver takes it for closed, and no more, when each of 20 peers resets its connection ${where}.`,
      steps: [...(bytes ? [send(bytes)] : []), reset()],
      // The answer to a whole frame can be quicker than the reset.
      accept: [gone(), ...(name === 'after-frame' ? [answers()] : [])],
      control: ANSWERED,
      copies: { count: 20, arrangement: 'at-once' },
      likelyCause: 'An error of one socket is thrown where nobody catches it, and ends the process.',
    }),
  ),
];

const memory: readonly Scenario[] = [
  {
    id: 'transport/memory-of-idle-peers',
    clause: 'F5',
    level: 'SHOULD',
    requirement:
      'While each of 100 idle peers has declared 16 MiB and sent nothing of it, memory grows by less than 1 MiB for each.',
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    company: { count: 100, steps: [send(header(SUBMIT, PAYLOAD_CAP))] },
    // What runs for each connection costs some too, and a garbage collector takes its time.
    maxGrowth: { memoryBytes: 100 * MiB },
    alone: true,
    heavy: true,
    likelyCause: 'The declared length is allocated before the payload has arrived.',
  },
  {
    id: 'transport/memory-after-broken-peers',
    clause: 'F5',
    level: 'SHOULD',
    requirement:
      'After each of 100 peers has declared 16 MiB and reset, memory has grown by less than a tenth of what they declared.',
    // Without a pause, the reset could overtake the reading of the header.
    steps: [send(header(SUBMIT, PAYLOAD_CAP)), pause(50), reset()],
    accept: [gone()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once' },
    // Wide: garbage that nobody has collected yet is no leak, and 100 connections make some in any runtime.
    maxGrowth: { memoryBytes: 160 * MiB },
    alone: true,
    heavy: true,
    likelyCause: 'The declared length is allocated at once, and given back late or never.',
  },
  {
    id: 'transport/memory-of-past-peers',
    clause: 'T3',
    level: 'SHOULD',
    requirement:
      'Each of 200 peers that submitted and are gone leaves less than 128 KiB of memory behind, once 200 before them have filled every pool.',
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    copies: { count: 200, arrangement: 'at-once', warmUp: true },
    maxGrowth: { memoryBytes: 200 * 128 * KiB },
    alone: true,
    heavy: true,
    likelyCause: 'A connection is kept in a list that nobody takes it out of, with all its buffers.',
  },
  {
    id: 'transport/descriptors-of-past-peers',
    clause: 'T3',
    level: 'SHOULD',
    requirement:
      'Once 100 peers that submitted are gone, at most 10 file descriptors more than before are open.',
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once', warmUp: true },
    maxGrowth: { descriptors: 10 },
    alone: true,
    heavy: true,
    likelyCause: 'A file or a socket is opened for each task and not closed.',
  },
  {
    id: 'transport/threads-of-past-peers',
    clause: 'T3',
    level: 'SHOULD',
    requirement:
      'Once 100 peers that reset inside a frame are gone, at most 10 threads more than before run.',
    steps: [send(slice(submit(), 0, size(submit()) - 1)), reset()],
    accept: [gone()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once', warmUp: true },
    maxGrowth: { threads: 10 },
    alone: true,
    heavy: true,
    likelyCause: 'A thread waits for the rest of a frame whose peer is gone.',
  },
];

export const transportScenarios: readonly Scenario[] = [
  ...first,
  ...company,
  ...crowds,
  ...resets,
  ...memory,
];
