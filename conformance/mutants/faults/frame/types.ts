/** Servers that misread the type of a frame, or answer a type that gets no answer (F1, F6, F7). */

import { MAX_PAYLOAD_BYTES as CAP, ProtocolError } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { type Replacement, rejection } from '../../server/pipeline.ts';
import { crashesOn, rewritesHeader, textOf } from '../../server/replacements.ts';

/** Changes the type of each frame. */
function changesType(retype: (type: number) => number): Replacement {
  return ({ parse }) => ({ parse: (frame) => parse({ ...frame, type: retype(frame.type) }) });
}

export const types: readonly Mutant[] = [
  {
    name: 'type-low-byte',
    clause: 'F6',
    fault: 'The server reads only the last byte of a type.',
    fails: [
      'frame/type-low-byte-only-unanswered',
      'frame/type-second-byte-too-unanswered',
      'frame/type-sign-bit-too-unanswered',
    ],
    breaks: changesType((type) => type & 0xff),
  },
  {
    name: 'type-low-half',
    clause: 'F6',
    fault: 'The server reads only the last 16 bits of a type.',
    fails: ['frame/type-second-byte-too-unanswered', 'frame/type-sign-bit-too-unanswered'],
    breaks: changesType((type) => type & 0xffff),
  },
  {
    name: 'type-without-sign',
    clause: 'F6',
    fault: 'The server ignores the highest bit of a type.',
    fails: ['frame/type-sign-bit-too-unanswered'],
    breaks: changesType((type) => type & 0x7fffffff),
  },
  {
    name: 'type-in-either-order',
    clause: 'F1',
    fault: 'The server accepts the type of a SUBMIT in little-endian byte order, too.',
    fails: ['frame/type-high-byte-only-unanswered'],
    breaks: changesType((type) => (type === 0x01000000 ? 1 : type)),
  },
  {
    name: 'type-ignored',
    clause: 'F6',
    fault: 'The server processes every frame as a SUBMIT.',
    fails: ['frame/type-*-unanswered', 'store/nothing-of-type-five'],
    breaks: changesType(() => 1),
  },
  {
    name: 'type-zero-is-submit',
    clause: 'F7',
    fault: 'The server processes a frame of type 0 as a SUBMIT.',
    fails: ['frame/type-zero-unanswered'],
    breaks: changesType((type) => type || 1),
  },
  {
    name: 'result-answered',
    clause: 'F7',
    fault: 'The server processes a RESULT as a SUBMIT and answers it.',
    fails: ['frame/type-result-unanswered', 'frame/type-result-closed'],
    breaks: changesType((type) => (type === 2 ? 1 : type)),
  },
  {
    name: 'payload-decides',
    clause: 'F6',
    fault:
      'The server processes every frame that has a task_description as a SUBMIT, regardless of its type.',
    fails: ['frame/type-*-unanswered'],
    breaks: ({ parse }) => ({
      parse: (frame) => parse(textOf(frame).includes('"task_description"') ? { ...frame, type: 1 } : frame),
    }),
  },
  {
    name: 'type-unknown-answered',
    clause: 'F7',
    fault: 'The server answers a frame of an unknown type with 400.',
    fails: [
      'frame/type-zero-unanswered',
      'frame/type-result-*',
      'frame/type-five-*',
      'frame/type-byte-max-unanswered',
      'frame/type-all-ones-unanswered',
      'frame/stranger-tls',
      'frame/stranger-zeros',
      'frame/stranger-spaces',
      'store/nothing-of-type-five',
    ],
    breaks: (correct, environment) => ({
      ...rewritesHeader((header) => {
        const type = header.readUInt32BE(0);
        if ((type > 4 || type === 0) && header.readUInt32BE(4) <= CAP)
          throw new ProtocolError('unexpected-type', 'F7', 'unknown');
      })(correct, environment),
      refuse: (socket, error) => {
        if (error.code !== 'unexpected-type') socket.destroy();
        else void correct.send(socket, correct.encode(rejection(''))).then(() => socket.end());
      },
    }),
  },
  {
    name: 'type-unknown-ignored',
    clause: 'F7',
    fault: 'The server skips a frame of an unknown type and waits for the next frame.',
    fails: ['frame/type-result-closed', 'frame/type-five-closed'],
    breaks: () => ({
      refuse: (socket, error) => {
        if (error.code !== 'unexpected-type') socket.destroy();
      },
    }),
  },
  {
    name: 'type-unknown-deadly',
    clause: 'F7',
    fault: 'The server crashes on a frame of an unknown type.',
    fails: ['frame/reset-in-unknown-type', 'frame/type-five-*', 'frame/stranger-zeros'],
    breaks: crashesOn((_, { type }) => type > 4 || type === 0),
  },
];
