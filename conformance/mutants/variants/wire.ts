/** Freedoms of the connection and of the answer: when a server closes, and how it encodes an answer. */

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SubmitResponse } from '../../../reference/index.ts';
import type { ConformingVariant } from '../server/mutant.ts';
import { changesAnswer, delaysAnswers, servesLastFirst, writesPayload } from '../server/replacements.ts';

const wire = ({ taskId, status, message }: SubmitResponse) => ({
  task_id: taskId,
  status: Number(status),
  message,
});

/** A JSON string in which every character is a Unicode escape. */
function escaped(text: string): string {
  const units = [...text].flatMap((character) =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at)),
  );
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
}

export const closing: readonly ConformingVariant[] = [
  {
    name: 'closes-late',
    clause: 'T2',
    freedom: 'The server closes a connection 300 ms after its answer.',
    touches: [
      'frame/coalesced*',
      'frame/then-garbage',
      'submit/*',
      'transport/second-frame-in-turn',
      'status/then-submit',
    ],
    does: () => ({ finish: (socket) => void delay(300).then(() => socket.end()) }),
  },
  {
    name: 'keeps-open',
    clause: 'T2',
    freedom: 'The server serves any number of frames on a connection and never closes it.',
    touches: ['frame/*', 'submit/a*', 'status/unanswered-*', 'transport/*'],
    does: () => ({ maxFrames: Number.POSITIVE_INFINITY }),
  },
  {
    name: 'two-frames',
    clause: 'T2',
    freedom: 'The server serves two frames on a connection.',
    touches: [
      'frame/coalesced*',
      'frame/second-*',
      'frame/next-*',
      'submit/same-id-twice',
      '*/then-submit',
      'transport/second-*',
    ],
    does: () => ({ maxFrames: 2 }),
  },
  {
    name: 'answers-in-any-order',
    clause: 'T2',
    freedom:
      'The server serves all frames of a connection, and answers those that arrive together in reverse order.',
    touches: [
      'frame/coalesced*',
      'frame/second-*',
      'frame/next-*',
      'frame/then-*',
      'submit/same-id-twice',
      '*/then-submit',
      'transport/second-*',
    ],
    does: (...all) => ({ ...servesLastFirst(...all), maxFrames: Number.POSITIVE_INFINITY }),
  },
  {
    name: 'closes-by-reset',
    clause: 'T5',
    freedom: 'The server ends every connection with a reset, 20 ms after an answer.',
    touches: [
      'frame/length-*',
      'frame/type-*',
      'frame/stranger-*',
      'submit/a*',
      'submit/malformed-*',
      'status/unanswered-*',
    ],
    does: () => ({
      finish: (socket) => void delay(20).then(() => socket.resetAndDestroy()),
      refuse: (socket) => socket.resetAndDestroy(),
    }),
  },
  {
    name: 'closes-what-it-refuses-late',
    clause: 'F2',
    freedom: 'The server waits 200 ms before it closes the connection of a malformed frame.',
    touches: [
      'frame/length-*',
      'frame/type-*',
      'frame/stranger-*',
      'frame/truncated-*',
      'submit/malformed-*',
    ],
    does: () => ({ refuse: (socket) => void delay(200).then(() => socket.destroy()) }),
  },
  {
    name: 'updates-left-open',
    clause: 'U1',
    freedom: 'The server leaves a connection open after a message that gets no answer.',
    touches: ['status/*', 'results/unanswered-*', 'results/then-submit', 'results/store-text'],
    does: ({ finish }) => {
      const answered = new WeakSet<Socket>();
      return {
        send: async (socket, bytes) => {
          answered.add(socket);
          await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
        },
        finish: (socket) => {
          if (answered.has(socket) || socket.readableEnded) finish(socket);
        },
      };
    },
  },
  {
    name: 'idle-limit',
    clause: 'T6',
    freedom: 'The server closes a connection after one second of silence.',
    touches: ['transport/*', 'frame/long-pause-*', 'frame/length-at-cap-header', 'frame/payload-awaited'],
    does: () => ({
      open: async (socket) => {
        socket.setTimeout(1000, () => socket.destroy());
      },
    }),
  },
  {
    name: 'idle-limit-of-slow-server',
    clause: 'T6',
    freedom: 'The server answers after 0.6 s, and closes a connection after a second of silence.',
    touches: [
      'submit/answered-once',
      'frame/length-at-cap-header',
      'frame/length-over-cap',
      'frame/length-all-ones',
    ],
    does: (correct, environment) => ({
      ...delaysAnswers(600)(correct, environment),
      open: async (socket) => {
        socket.setTimeout(1000, () => socket.destroy());
      },
    }),
  },
  {
    name: 'nothing-read-behind-the-frame',
    clause: 'T5',
    freedom:
      'The server closes a connection immediately after its answer, even if part of the next frame has arrived.',
    touches: ['frame/coalesced*', 'frame/next-*', 'frame/then-*', 'submit/same-id-twice', '*/then-submit'],
    does: () => ({ finish: (socket) => socket.destroySoon() }),
  },
  {
    name: 'keep-alive',
    clause: 'T2',
    freedom:
      'The server serves any number of frames on a connection, and closes it after a second of silence.',
    touches: [
      'frame/coalesced*',
      'frame/length-*',
      'frame/long-pause-*',
      'frame/truncated-*',
      'submit/a*',
      'json/comment-*',
      'status/then-submit',
      'results/store-t*',
      'transport/*',
    ],
    does: () => ({
      maxFrames: Number.POSITIVE_INFINITY,
      open: async (socket) => {
        socket.setTimeout(1000, () => socket.destroy());
      },
    }),
  },
  {
    name: 'closes-what-it-refuses-after-2-s',
    clause: 'F7',
    freedom: 'The server waits two seconds before it closes the connection of a malformed frame.',
    touches: [
      'frame/length-*',
      'frame/type-*',
      'frame/truncated-*',
      'submit/malformed-*',
      'json/comment-*',
      'json/escape-*',
      'status/unanswered-*',
    ],
    does: () => ({
      refuse: (socket) => void delay(2000, undefined, { ref: false }).then(() => socket.destroy()),
    }),
  },
];

const ANSWERS = ['submit/*', 'json/escape*', 'frame/legal', 'transport/20-in-turn'];

export const forms: readonly ConformingVariant[] = [
  {
    name: 'answers-in-segments',
    clause: 'F3',
    freedom: 'The server sends its answer byte by byte.',
    touches: ANSWERS,
    does: ({ send }) => ({
      send: async (socket, bytes) => {
        for (let at = 0; at < bytes.length; at += 1) await send(socket, bytes.subarray(at, at + 1));
      },
    }),
  },
  {
    name: 'answers-header-first',
    clause: 'F3',
    freedom: 'The server sends the header of its answer 30 ms before the payload.',
    touches: ANSWERS,
    does: ({ send }) => ({
      send: async (socket, bytes) => {
        await send(socket, bytes.subarray(0, 8));
        await delay(30);
        await send(socket, bytes.subarray(8));
      },
    }),
  },
  {
    name: 'answers-indented',
    clause: 'M12',
    freedom: 'The server indents the JSON of its answer and surrounds it with white space.',
    touches: ANSWERS,
    does: writesPayload((response) => `\r\n${JSON.stringify(wire(response), null, '\t')} \n`),
  },
  {
    name: 'answers-reordered',
    clause: 'M12',
    freedom: 'The server writes the fields of its answer in a different order.',
    touches: ANSWERS,
    does: writesPayload(({ taskId, status, message }) =>
      JSON.stringify({ message, status: Number(status), task_id: taskId }),
    ),
  },
  {
    name: 'answers-with-more-fields',
    clause: 'M1',
    freedom: 'The server adds fields to its answer that the protocol does not define.',
    touches: ANSWERS,
    does: writesPayload((response) =>
      JSON.stringify({ $: [1.5, null, { task_id: '' }], ...wire(response), Status: 1, queue: { place: 3 } }),
    ),
  },
  {
    name: 'answers-escaped',
    clause: 'M12',
    freedom: 'The server escapes every character of the strings in its answer.',
    touches: ANSWERS,
    does: writesPayload(
      ({ taskId, status, message }) =>
        `{${escaped('task_id')}:${escaped(taskId)},"status":${status},"message":${escaped(message)}}`,
    ),
  },
  {
    name: 'answers-at-length',
    clause: 'S4',
    freedom: 'The server answers with a message of 64 KiB that contains several scripts.',
    touches: ANSWERS,
    does: changesAnswer((answer) => ({ ...answer, message: '可以 да ✅ \u0000 '.repeat(3500) })),
  },
];
