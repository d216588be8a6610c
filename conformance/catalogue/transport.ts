/** Section 1 of the protocol: which side sends first, closing, and the independence of connections (T1–T6, F5). */

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
import { answers, closes, fin, pause, reset, send, silent, silentUntilReset } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

const first: readonly Scenario[] = [
  {
    id: 'transport/does-not-speak-first',
    clause: 'T1',
    level: 'MUST',
    requirement: 'A receiver sends nothing to a peer that has connected and sent nothing.',
    steps: [pause(50)],
    accept: [silent(), closes()],
    control: ANSWERED,
    likelyCause: 'A greeting or a banner is sent when a connection is accepted.',
  },
  {
    id: 'transport/late-first-byte',
    clause: 'T6',
    level: 'SHOULD',
    requirement: 'A receiver answers a peer that sends its frame 300 ms after it has connected.',
    steps: [pause(300), send(submit())],
    accept: [answers()],
    control: ANSWERED,
    likelyCause: 'The idle timeout is shorter than the delays of a slow network.',
  },
  {
    id: 'transport/second-frame-in-turn',
    clause: 'T2',
    level: 'MAY',
    requirement:
      'A receiver closes after one frame or serves a second one, and answers each frame that it serves exactly once.',
    steps: [send(submit()), pause(50), send(submit({ task_id: quoted(taskId(2)) }))],
    accept: [answers({ frames: [1, 2], taskId: taskId() })],
    control: ANSWERED,
    likelyCause: 'State of the first frame is still set when the second one is read.',
  },
  {
    id: 'transport/half-close-without-a-frame',
    clause: 'T5',
    level: 'MUST',
    requirement: 'A receiver closes without an answer when the peer half-closes before it has sent any byte.',
    steps: [pause(20), fin()],
    accept: [closes()],
    control: ANSWERED,
    likelyCause: 'The end of the stream is not handled while a header is awaited.',
  },
  {
    id: 'transport/half-close-after-a-while',
    clause: 'T4',
    level: 'SHOULD',
    requirement: 'A receiver answers a frame whose last segment arrives together with the half-close.',
    steps: [send(slice(submit(), 0, HEADER_BYTES)), pause(20), send(slice(submit(), HEADER_BYTES)), fin()],
    accept: [answers()],
    control: ANSWERED,
    likelyCause: 'The end of the stream is handled before the bytes that arrived with it.',
  },
];

/** The state in which each other peer stays while the scenario runs. */
const PEER_STATES: readonly (readonly [name: string, what: string, steps: readonly Step[]])[] = [
  ['silent', 'sends nothing', []],
  ['half-header', 'has sent half a header', [send(slice(submit(), 0, 4))]],
  ['header-only', 'has sent a header and no payload', [send(slice(submit(), 0, HEADER_BYTES))]],
  ['declared-16-mib', 'has declared 16 MiB and sent no payload', [send(header(SUBMIT, PAYLOAD_CAP))]],
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
    likelyCause: 'A frame is read inside the accept loop, or by too few workers.',
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
      likelyCause:
        'Connections share a buffer, or the answer is stored in a variable that another connection overwrites.',
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
    likelyCause: 'A connection, a thread or a file is not released.',
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
    likelyCause: 'Connections share the buffer that collects the bytes of a frame.',
  },
];

/** The bytes that a peer has sent when it resets its connection. */
const RESETS: readonly (readonly [name: string, where: string, bytes: Bytes | undefined])[] = [
  ['at-once', 'before its first byte', undefined],
  ['in-header', 'inside a header', slice(submit(), 0, 3)],
  ['in-payload', 'inside a payload', slice(submit(), 0, size(submit()) - 1)],
  ['after-frame', 'right after a frame', submit()],
];

const resets: readonly Scenario[] = [
  ...RESETS.map(
    ([name, where, bytes]): Scenario => ({
      id: `transport/reset-${name}`,
      clause: 'T5',
      level: 'MUST',
      requirement: `A receiver takes a reset as a closed connection, and keeps running, when each of 20 peers resets ${where}.`,
      steps: [...(bytes ? [send(bytes)] : []), reset()],
      // The answer to a complete frame can arrive before the reset is sent.
      accept: [silentUntilReset(), ...(name === 'after-frame' ? [answers()] : [])],
      control: ANSWERED,
      copies: { count: 20, arrangement: 'at-once' },
      likelyCause: 'An error of one socket is not caught, and ends the process.',
    }),
  ),
];

const memory: readonly Scenario[] = [
  {
    id: 'transport/memory-of-idle-peers',
    clause: 'F5',
    level: 'SHOULD',
    requirement:
      'A receiver uses at most 1 MiB of additional memory per peer while each of 100 idle peers has declared 16 MiB and sent no payload.',
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    background: { count: 100, steps: [send(header(SUBMIT, PAYLOAD_CAP))] },
    // A connection needs some memory without a payload, and a garbage collector frees memory with a delay.
    maxGrowth: { memoryBytes: 100 * MiB },
    alone: true,
    heavy: true,
    likelyCause: 'Memory for the declared length is allocated before the payload has arrived.',
  },
  {
    id: 'transport/memory-after-broken-peers',
    clause: 'F5',
    level: 'SHOULD',
    requirement:
      'A receiver uses at most 160 MiB of additional memory after each of 100 peers has declared 16 MiB and reset its connection.',
    // Without the pause, the reset could arrive before the header has been read.
    steps: [send(header(SUBMIT, PAYLOAD_CAP)), pause(50), reset()],
    accept: [silentUntilReset()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once' },
    // The bound is wide, because uncollected garbage is not a leak, and 100 connections produce some in any runtime.
    maxGrowth: { memoryBytes: 160 * MiB },
    alone: true,
    heavy: true,
    likelyCause: 'Memory for the declared length is allocated at once, and released late or never.',
  },
  {
    id: 'transport/memory-of-past-peers',
    clause: 'T3',
    level: 'SHOULD',
    requirement:
      'A receiver keeps at most 128 KiB of memory for each of 200 peers that have submitted and disconnected, after 200 earlier peers have filled all pools.',
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    copies: { count: 200, arrangement: 'at-once', warmUp: true },
    maxGrowth: { memoryBytes: 200 * 128 * KiB },
    alone: true,
    heavy: true,
    likelyCause: 'A connection and its buffers are kept in a list from which they are never removed.',
  },
  {
    id: 'transport/descriptors-of-past-peers',
    clause: 'T3',
    level: 'SHOULD',
    requirement:
      'A receiver has at most 10 more file descriptors open than before after 100 peers have submitted and disconnected.',
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once', warmUp: true },
    maxGrowth: { descriptors: 10 },
    alone: true,
    heavy: true,
    likelyCause: 'A file or a socket is opened for each task and never closed.',
  },
  {
    id: 'transport/threads-of-past-peers',
    clause: 'T3',
    level: 'SHOULD',
    requirement:
      'A receiver runs at most 10 more threads than before after 100 peers have reset their connections inside a frame.',
    steps: [send(slice(submit(), 0, size(submit()) - 1)), reset()],
    accept: [silentUntilReset()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once', warmUp: true },
    maxGrowth: { threads: 10 },
    alone: true,
    heavy: true,
    likelyCause: 'A thread waits for the rest of a frame after its peer has reset the connection.',
  },
];

export const transportScenarios: readonly Scenario[] = [
  ...first,
  ...openConnections,
  ...manyConnections,
  ...resets,
  ...memory,
];
