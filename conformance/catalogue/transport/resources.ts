/** Peers that reset, and the memory, descriptors and threads that idle and past peers cost (T3, T5, F5). */

import { type Bytes, inBytes, KiB, MiB, PAYLOAD_CAP, SUBMIT, size, slice } from '../../scenario/bytes.ts';
import { header, submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, pause, reset, send, silentUntilReset } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

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
      likely: [{ when: ['died'], cause: 'An error of one socket is not caught, and ends the process.' }],
    }),
  ),
];

const memory: readonly Scenario[] = [
  {
    id: 'transport/memory-of-idle-peers',
    clause: 'F5',
    level: 'SHOULD',
    requirement: `A receiver uses at most 1 MiB of memory per peer more for 100 idle peers that have declared ${inBytes(PAYLOAD_CAP)} and sent no payload than for 100 idle peers that have sent half a header, in each of three waves.`,
    steps: [send(submit())],
    accept: [answers()],
    control: ANSWERED,
    background: {
      count: 100,
      steps: [send(header(SUBMIT, PAYLOAD_CAP))],
      // The system provides memory only when it is written to. A runtime that clears memory which it used before writes
      // to it, so the memory can show in a later wave.
      waves: 3,
      // A connection needs memory without a payload: a thread, or a process.
      warmUp: [send(slice(submit(), 0, 4))],
    },
    // A garbage collector frees memory with a delay.
    maxGrowth: { memoryBytes: 100 * MiB },
    alone: true,
    heavy: true,
    likely: [
      {
        when: ['growth', 'died'],
        cause: 'Memory for the declared length is allocated before the payload has arrived.',
      },
    ],
  },
  {
    id: 'transport/memory-after-broken-peers',
    clause: 'F5',
    level: 'SHOULD',
    requirement: `A receiver uses at most 160 MiB of additional memory after each of 100 peers has declared ${inBytes(PAYLOAD_CAP)} and reset its connection.`,
    // Without the pause, the reset could arrive before the header has been read.
    steps: [send(header(SUBMIT, PAYLOAD_CAP)), pause(50), reset()],
    accept: [silentUntilReset()],
    control: ANSWERED,
    copies: { count: 100, arrangement: 'at-once' },
    // The bound is wide, because uncollected garbage is not a leak, and 100 connections produce some in any runtime.
    maxGrowth: { memoryBytes: 160 * MiB },
    alone: true,
    heavy: true,
    likely: [
      {
        when: ['growth', 'died'],
        cause: 'Memory for the declared length is allocated at once, and released late or never.',
      },
    ],
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
    likely: [
      {
        when: ['growth'],
        cause: 'A connection and its buffers are kept in a list from which they are never removed.',
      },
    ],
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
    likely: [{ when: ['growth'], cause: 'A file or a socket is opened for each task and never closed.' }],
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
    likely: [
      {
        when: ['growth'],
        cause: 'A thread waits for the rest of a frame after its peer has reset the connection.',
      },
    ],
  },
];

export const transportResources: readonly Scenario[] = [...resets, ...memory];
