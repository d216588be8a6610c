/** Servers that depend on the segmentation of a stream, or on the bytes after a frame (F3, T2). */

import type { Socket } from 'node:net';
import { type Frame, FrameDecoder } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { type Replacement, rejection } from '../../server/pipeline.ts';
import { refusal, refusesSegments, replacesFramer, servesLastFirst } from '../../server/replacements.ts';

const SPLITS_IN_HEADER = [
  'frame/split-inside-type',
  'frame/split-between-type-and-length',
  'frame/split-inside-length',
  'frame/split-before-last-header-byte',
];

const SPLITS_IN_PAYLOAD = [
  'frame/split-behind-first-payload-byte',
  'frame/split-inside-payload',
  'frame/split-before-last-byte',
];

const AFTER_FRAME = [
  'frame/coalesced*',
  'frame/next-frame-incomplete',
  'frame/then-half-a-header',
  'frame/then-garbage',
  'submit/same-id-twice',
];

const SEVERAL_FRAMES = ['transport/second-frame-in-turn', 'frame/coalesced*'];

/** Serves several frames on a connection, and changes each answer after the first one. */
function changesLaterAnswers(change: (answer: Uint8Array, first: Uint8Array) => Uint8Array): Replacement {
  return ({ send }) => {
    const firsts = new WeakMap<Socket, Uint8Array>();
    return {
      maxFrames: 10,
      send: async (socket, bytes) => {
        const first = firsts.get(socket);
        if (first === undefined) firsts.set(socket, bytes);
        await send(socket, first === undefined ? bytes : change(bytes, first));
      },
    };
  };
}

export const boundaries: readonly Mutant[] = [
  {
    name: 'chunks-as-text',
    clause: 'F3',
    fault:
      'The server decodes each chunk that it reads on its own, and fails if it begins inside a character.',
    fails: ['frame/split-inside-character'],
    breaks: refusesSegments(
      ([first = 0], before, opening) => before > 8 && opening.length > 8 && (first & 0xc0) === 0x80,
    ),
  },
  {
    name: 'frame-in-one-read',
    clause: 'F3',
    fault: 'The server refuses a frame that does not arrive in one read.',
    fails: [
      'frame/one-byte-at-a-time',
      'frame/segments-of-*',
      'frame/split-*',
      'frame/long-pause-*',
      'frame/large-in-segments',
      'transport/interleaved-segments',
      'transport/half-close-after-a-while',
    ],
    breaks: refusesSegments((_, before) => before > 0),
  },
  {
    name: 'header-in-one-read',
    clause: 'F3',
    fault: 'The server refuses a header that does not arrive in one read.',
    fails: [
      ...SPLITS_IN_HEADER,
      'frame/long-pause-inside-type',
      'frame/one-byte-at-a-time',
      'frame/segments-of-2',
      'frame/segments-of-3',
      'frame/segments-of-7',
    ],
    breaks: refusesSegments((chunk, before) => before === 0 && chunk.length < 8),
  },
  {
    name: 'header-in-two-words',
    clause: 'F3',
    fault:
      'The server reads type and length in two calls and refuses either if its four bytes do not arrive together.',
    fails: [
      'frame/split-inside-type',
      'frame/split-inside-length',
      'frame/split-before-last-header-byte',
      'frame/segments-of-7',
    ],
    breaks: refusesSegments(
      (chunk, before) => before + chunk.length < 8 && (before + chunk.length) % 4 !== 0,
    ),
  },
  {
    name: 'payload-with-header',
    clause: 'F3',
    fault: 'The server refuses a frame whose payload arrives after its header.',
    fails: ['frame/split-between-header-and-payload', 'frame/long-pause-between-header-and-payload'],
    breaks: refusesSegments((chunk, before) => before + chunk.length === 8),
  },
  {
    name: 'payload-in-one-read',
    clause: 'F3',
    fault: 'The server refuses a payload that does not arrive in one read.',
    fails: [
      ...SPLITS_IN_PAYLOAD,
      'frame/long-pause-inside-payload',
      'frame/large-in-segments',
      'frame/one-byte-at-a-time',
      'frame/segments-of-*',
    ],
    breaks: refusesSegments((_, before) => before > 8),
  },
  {
    name: 'two-reads-at-most',
    clause: 'F3',
    fault: 'The server refuses a frame that arrives in more than two reads.',
    fails: ['frame/one-byte-at-a-time', 'frame/segments-of-*', 'transport/interleaved-segments'],
    breaks: refusesSegments((chunk, before, first) => before > first.length && chunk.length > 0),
  },
  {
    name: 'frame-alone',
    clause: 'F3',
    fault: 'The server refuses a frame that is followed by further bytes.',
    fails: AFTER_FRAME,
    breaks: replacesFramer((decoder) => ({
      next: () => {
        const frame = decoder.next();
        if (frame !== undefined && decoder.pendingBytes > 0) throw refusal();
        return frame;
      },
    })),
  },
  {
    name: 'rest-answered',
    clause: 'F3',
    fault: 'The server sends a second answer, a 400, if further bytes follow a frame.',
    fails: ['frame/next-frame-incomplete', 'frame/then-half-a-header', 'frame/then-garbage'],
    breaks: (correct) => {
      const followed = new WeakSet<Frame>();
      const followedIds = new Set<string>();
      return {
        framer: () => {
          const decoder = new FrameDecoder();
          return {
            push: (chunk) => decoder.push(chunk),
            next: () => {
              const frame = decoder.next();
              if (frame && decoder.pendingBytes > 0) followed.add(frame);
              return frame;
            },
            end: () => decoder.end(),
          };
        },
        parse: (frame) => {
          const message = correct.parse(frame);
          if (message.kind === 'submit' && followed.has(frame)) followedIds.add(message.request.taskId);
          return message;
        },
        encode: (response) => {
          const answer = correct.encode(response);
          return followedIds.delete(response.taskId)
            ? Buffer.concat([answer, correct.encode(rejection(''))])
            : answer;
        },
      };
    },
  },
  {
    name: 'every-second-frame-twice',
    clause: 'T2',
    fault: 'The server sends the answer to the second frame of a connection twice.',
    fails: ['transport/second-frame-in-turn', 'frame/coalesced', 'frame/coalesced-3', 'submit/same-id-twice'],
    breaks: (correct) => {
      const served = new WeakMap<object, number>();
      return {
        maxFrames: 10,
        send: async (socket, bytes) => {
          const count = (served.get(socket) ?? 0) + 1;
          served.set(socket, count);
          for (let times = 0; times < count; times += 1) await correct.send(socket, bytes);
        },
      };
    },
  },
  {
    name: 'later-answers-repeat-the-first',
    clause: 'S3',
    fault: 'The server answers each later frame of a connection with the task id of the first one.',
    fails: SEVERAL_FRAMES,
    breaks: changesLaterAnswers((_, first) => first),
  },
  {
    name: 'later-answers-of-type-99',
    clause: 'S1',
    fault: 'The server answers each later frame of a connection with a frame of type 99.',
    fails: [...SEVERAL_FRAMES, 'submit/same-id-twice'],
    breaks: changesLaterAnswers((answer) => {
      const changed = Buffer.from(answer);
      changed.writeUInt32BE(99, 0);
      return changed;
    }),
  },
  {
    name: 'last-frame-first',
    clause: 'F3',
    fault: 'The server processes frames that arrive together in reverse order.',
    fails: ['frame/coalesced-3', 'frame/coalesced-10'],
    breaks: servesLastFirst,
  },
];
