/** Mutations of the header and the size of a frame, and of the actions of a connection. */

import fc from 'fast-check';
import { PAYLOAD_CAP } from '../../../conformance/scenario/bytes.ts';
import { type Action, type Case, type Declared, encodeAction } from '../../case/case.ts';
import type { Edit, Frame } from '../../case/edits.ts';
import { declaredLengths, indexAt, lengths, offsetAt, position, uint32 } from '../arbitraries/pools.ts';
import type { Mutation } from './mutation.ts';

function frame(apply: (frame: Frame) => Frame): Edit {
  return { stage: 'frame', apply };
}

function declares(of: fc.Arbitrary<Declared>): fc.Arbitrary<Edit> {
  return of.map((declared) => frame((one) => ({ ...one, declared })));
}

function whole(apply: (value: Case) => Case): Edit {
  return { stage: 'case', apply };
}

/** An edit of the actions of the first connection. */
function first(apply: (actions: readonly Action[]) => readonly Action[]): Edit {
  return whole((value) => ({
    ...value,
    connections: value.connections.map((actions, index) => (index === 0 ? apply(actions) : actions)),
  }));
}

/** Most actions on a connection: more would take too long. */
const MOST_ACTIONS = 24;

const KiB = 1024;

/**
 * In bytes, for a number from 0 to 511. The larger, the rarer, because the cost of a case grows with its size. The rare ones are
 * in the middle, because a biased draw prefers the ends.
 */
function largeSize(which: number): number {
  if (which === 200) return PAYLOAD_CAP;
  if (which > 200 && which < 206) return KiB * KiB;
  return which > 206 && which < 240 ? 64 * KiB : 8 * KiB;
}

/** The payload with letters in its last string, or with spaces at its end, up to this size. */
function grown(payload: Uint8Array, size: number, inString: boolean): Uint8Array {
  if (payload.length >= size) return payload;
  const isString =
    inString && payload.length > 2 && Buffer.from(payload).toString('latin1', payload.length - 2) === '"}';
  const rest = isString ? 2 : 0;
  const bytes = Buffer.alloc(size, isString ? 'a' : ' ');
  bytes.set(payload.subarray(0, payload.length - rest));
  bytes.set(payload.subarray(payload.length - rest), size - rest);
  return bytes;
}

const type = (): fc.Arbitrary<number> => fc.oneof(fc.nat({ max: 6 }), uint32());

const LINES = ['GET / HTTP/1.1\r\n\r\n', '\n', '{}', 'EHLO x\r\n', '\x16\x03\x01\x02\x00'];

export const WIRE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'header/type',
    weight: 4,
    edits: type().map((value) => frame((one) => ({ ...one, type: value }))),
  },
  {
    name: 'length/short',
    weight: 2,
    edits: declares(lengths(0xffff).map((by): Declared => ({ kind: 'short', by: by + 1 }))),
  },
  {
    name: 'length/long',
    weight: 2,
    edits: declares(lengths(0x1000000).map((by): Declared => ({ kind: 'long', by: by + 1 }))),
  },
  {
    name: 'length/absolute',
    weight: 4,
    edits: declares(declaredLengths().map((length): Declared => ({ kind: 'absolute', length }))),
  },
  {
    name: 'header/only',
    weight: 3,
    edits: fc.tuple(type(), declaredLengths()).map(([value, length]) =>
      frame((one) => ({
        ...one,
        type: value,
        declared: { kind: 'absolute', length },
        payload: new Uint8Array(),
      })),
    ),
  },
  {
    name: 'header/cut',
    weight: 2,
    edits: position().map((at) =>
      first((actions) => {
        const [head, ...rest] = actions;
        if (head?.do !== 'frame') return actions;
        const bytes = encodeAction(head);
        return [{ do: 'bytes', bytes: bytes.subarray(0, offsetAt(at, bytes.length - 1)) }, ...rest];
      }),
    ),
  },
  {
    name: 'header/byte-order',
    weight: 1,
    edits: fc.constant(
      first((actions) => {
        const [head, ...rest] = actions;
        if (head?.do !== 'frame') return actions;
        const bytes = Buffer.from(encodeAction(head));
        bytes.subarray(0, 8).swap32();
        return [{ do: 'bytes', bytes }, ...rest];
      }),
    ),
  },
  {
    name: 'stream/segments',
    weight: 1,
    edits: fc
      .integer({ min: 1, max: 64 })
      .map((segmentBytes) =>
        frame((one) => (one.payload.length / segmentBytes > 512 ? one : { ...one, segmentBytes })),
      ),
  },
  {
    name: 'stream/repeat',
    weight: 2,
    edits: fc
      .integer({ min: 1, max: 4 })
      .map((times) =>
        first((actions) =>
          [...actions, ...Array.from({ length: times }, () => actions).flat()].slice(0, MOST_ACTIONS),
        ),
      ),
  },
  {
    name: 'stream/behind',
    weight: 2,
    edits: fc
      .oneof(
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        fc.constantFrom(...LINES).map((line) => Uint8Array.from(Buffer.from(line, 'latin1'))),
      )
      .map((bytes) => first((actions) => [...actions, { do: 'bytes', bytes }])),
  },
  {
    name: 'stream/before',
    weight: 1,
    edits: fc
      .oneof(
        fc.uint8Array({ minLength: 1, maxLength: 16 }),
        fc.constantFrom(...LINES).map((line) => Uint8Array.from(Buffer.from(line, 'latin1'))),
      )
      .map((bytes) => first((actions) => [{ do: 'bytes', bytes }, ...actions])),
  },
  {
    name: 'stream/pause',
    weight: 1,
    edits: fc.tuple(position(), position(), fc.integer({ min: 1, max: 5 })).map(([which, at, ms]) =>
      first((actions) => {
        const index = indexAt(which, actions.length);
        const cut = actions[index];
        if (cut === undefined) return actions;
        const bytes = encodeAction(cut);
        const offset = offsetAt(at, bytes.length);
        return actions.toSpliced(
          index,
          1,
          { do: 'bytes', bytes: bytes.subarray(0, offset) },
          { do: 'pause', ms },
          { do: 'bytes', bytes: bytes.subarray(offset) },
        );
      }),
    ),
  },
  {
    name: 'end/fin',
    weight: 1,
    edits: fc.constant(first((actions) => [...actions, { do: 'fin' }])),
  },
  {
    name: 'end/reset',
    weight: 1,
    edits: fc.constant(first((actions) => [...actions, { do: 'pause', ms: 1 }, { do: 'reset' }])),
  },
  {
    name: 'frame/large',
    weight: 1,
    edits: fc
      .tuple(fc.nat({ max: 511 }), fc.integer({ min: -1, max: 1 }), fc.boolean())
      .map(([which, delta, inString]) =>
        frame((one) => ({ ...one, payload: grown(one.payload, largeSize(which) + delta, inString) })),
      ),
  },
];
