/** Freedoms of parsing and policy: which tasks and which unusual JSON a server accepts (S6–S8, M1, M6–M11). */

import { isUtf8 } from 'node:buffer';
import { isSafeTaskId, unmarshalSubmitRequest } from '../../../reference/index.ts';
import type { ConformingVariant } from '../server/mutant.ts';
import { acceptance, type Replacement, rejection } from '../server/pipeline.ts';
import {
  delaysAnswers,
  hasDocumentedForm,
  isObject,
  LONE_ESCAPES,
  refusal,
  refusesText,
  rewritesPayload,
  rewritesText,
  textOf,
  writesPayload,
} from '../server/replacements.ts';

/** Answers a malformed SUBMIT with 400. Other malformed messages get no answer. */
const answersMalformed: Replacement = ({ parse, send, encode }) => {
  const submits = new WeakSet<Error>();
  return {
    parse: (frame) => {
      try {
        return parse(frame);
      } catch (error) {
        if (frame.type === 1 && error instanceof Error) submits.add(error);
        throw error;
      }
    },
    refuse: (socket, error) => {
      if (!submits.has(error)) socket.destroy();
      else void send(socket, encode(rejection('', 'malformed'))).then(() => socket.end());
    },
  };
};

export const policies: readonly ConformingVariant[] = [
  {
    name: 'rejects-everything',
    clause: 'S7',
    freedom: 'The server rejects every task.',
    touches: [
      'submit/*',
      'json/unknown-*',
      'json/missing-*',
      'store/*',
      'frame/legal',
      'frame/large-in-segments',
    ],
    does: () => ({ submit: async ({ taskId }) => rejection(taskId, 'not today') }),
  },
  {
    name: 'rejects-malformed-aloud',
    clause: 'S6',
    freedom: 'The server answers a malformed SUBMIT with 400 and closes the connection.',
    touches: ['submit/malformed-*', 'json/*', 'frame/zero-length', 'frame/length-one', 'store/nothing-of-*'],
    does: answersMalformed,
  },
  {
    name: 'rejects-unusual-ids',
    clause: 'S7',
    freedom: 'The server rejects task ids that do not have the documented form.',
    touches: [
      'submit/id-*',
      'json/*-in-id',
      'json/missing-*',
      'json/null-*',
      'json/repeated-*',
      'frame/length-two',
    ],
    does: ({ submit }) => ({
      submit: async (request) =>
        hasDocumentedForm(request.taskId)
          ? await submit(request)
          : rejection(request.taskId, 'no id of ours'),
    }),
  },
  {
    name: 'rejects-empty-fields',
    clause: 'S7',
    freedom: 'The server rejects a task with an empty field.',
    touches: [
      'submit/*',
      'json/missing-*',
      'json/null-*',
      'json/fields-*',
      'json/name-of-*',
      'frame/length-two',
    ],
    does: ({ submit }) => ({
      submit: async (request) =>
        Object.values(request).includes('') ? rejection(request.taskId, 'incomplete') : await submit(request),
    }),
  },
  {
    name: 'accepts-again',
    clause: 'S7',
    freedom: 'The server accepts a task id a second time and keeps the first task.',
    touches: ['submit/same-id-twice', 'submit/id-*', 'frame/coalesced*'],
    does: ({ submit }) => ({
      submit: async (request) => {
        const response = await submit(request);
        return isSafeTaskId(request.taskId) ? acceptance(request.taskId) : response;
      },
    }),
  },
  {
    name: 'latency',
    clause: 'S8',
    freedom: 'The server delays each answer by 40 ms.',
    touches: ['submit/*', 'frame/split-*', 'frame/coalesced*', 'transport/*-at-once', 'json/word'],
    does: delaysAnswers(40),
  },
];

/** Refuses only SUBMITs, so that the handling of other messages does not change. */
function refusesSubmitText(isRefused: (text: string) => boolean): Replacement {
  return refusesText((text) => text.includes('task_description') && isRefused(text));
}

const NAMES = ['task_id', 'task_description', 'from_addr', 'to_addr'];

export const readings: readonly ConformingVariant[] = [
  {
    name: 'names-by-case',
    clause: 'M7',
    freedom: 'The server distinguishes names by case: TASK_ID is an unknown field.',
    touches: ['json/repeated-*', 'json/*-name', 'json/unknown-*', 'json/byte-order-mark'],
    does: ({ parse }) => ({
      parse: (frame) => {
        if (frame.type !== 1) return parse(frame);
        const request = unmarshalSubmitRequest(frame);
        const value: unknown = JSON.parse(textOf(frame).replace(/^\ufeff/, ''));
        const exact = isObject(value) ? value['task_id'] : undefined;
        return { kind: 'submit', request: { ...request, taskId: typeof exact === 'string' ? exact : '' } };
      },
    }),
  },
  {
    name: 'repeated-names-refused',
    clause: 'M7',
    freedom: 'The server refuses a SUBMIT in which a documented name occurs twice.',
    touches: ['json/repeated-*', 'json/*-name', 'json/unknown-*', 'json/json-inside', 'submit/id-*'],
    does: refusesSubmitText((text) =>
      NAMES.some(
        (name) => text.toLowerCase().split(`"${name}":`).length > 2 && !text.includes('"not this one"'),
      ),
    ),
  },
  {
    name: 'broken-text-refused',
    clause: 'M8',
    freedom: 'The server refuses malformed UTF-8 and lone surrogates.',
    touches: [
      'json/no-utf8-*',
      'json/surrogate-*',
      'json/escape*',
      'json/four-byte',
      'json/highest-character',
      'submit/id-*',
      'results/filename-overlong-slash',
    ],
    does: ({ parse }) => ({
      parse: (frame) => {
        const text = textOf(frame);
        if (Buffer.compare(Buffer.from(text), frame.payload) !== 0) throw refusal();
        const decoded = text.replace(/\\u(d[89a-f][0-9a-f]{2})/gi, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        if (/[\ud800-\udfff]/u.test(decoded)) throw refusal();
        return parse(frame);
      },
    }),
  },
  {
    name: 'broken-text-by-sequence',
    clause: 'M8',
    freedom: 'The server replaces the beginning of a UTF-8 sequence that is incomplete by one U+FFFD.',
    touches: ['json/no-utf8-*', 'store/no-utf8-*', 'results/filename-overlong-slash'],
    does: rewritesText((text) => text),
  },
  {
    name: 'broken-text-as-question-mark',
    clause: 'M8',
    freedom: 'The server replaces broken text by question marks.',
    touches: ['json/no-utf8-*', 'json/surrogate-*', 'store/no-utf8-*', 'store/surrogates-*'],
    does: rewritesPayload((payload) => {
      const text = Buffer.from(payload).toString();
      const readable = isUtf8(payload) ? text : text.replaceAll('\ufffd', '?');
      return Buffer.from(readable.replace(LONE_ESCAPES, '?'));
    }),
  },
  {
    name: 'surrogates-kept',
    clause: 'M8',
    freedom: 'The server keeps lone surrogates, and returns them as escapes.',
    touches: ['json/surrogate-*', 'json/escape*', 'submit/id-*'],
    withoutStore: true,
    does: (correct, environment) => ({
      ...writesPayload(({ taskId, status, message }) => JSON.stringify({ task_id: taskId, status, message }))(
        correct,
        environment,
      ),
      parse: (frame) => {
        const message = correct.parse(frame);
        if (message.kind !== 'submit') return message;
        const { task_id: taskId }: { task_id?: unknown } = JSON.parse(textOf(frame));
        return typeof taskId === 'string' ? { ...message, request: { ...message.request, taskId } } : message;
      },
    }),
  },
  {
    name: 'null-and-marks-refused',
    clause: 'M6',
    freedom: 'The server refuses a payload of null, or with a byte-order mark at the beginning.',
    touches: ['json/top-level-null', 'json/byte-order-mark*', 'json/null-*'],
    does: refusesText((text) => text === 'null' || text.startsWith('\ufeff')),
  },
  {
    name: 'mark-skipped',
    clause: 'M6',
    freedom: 'The server skips a byte-order mark at the beginning of a payload.',
    touches: ['json/byte-order-mark*'],
    does: ({ parse }) => ({
      parse: (frame) =>
        parse(textOf(frame).startsWith('\ufeff') ? { ...frame, payload: frame.payload.subarray(3) } : frame),
    }),
  },
  {
    name: 'depth-1000',
    clause: 'M11',
    freedom: 'The server refuses more than 1000 levels of nesting.',
    touches: ['json/nested-*', 'json/opening-*', 'json/array-of-100000'],
    does: refusesText((text) => depthOf(text) > 1000),
  },
  {
    name: 'numbers-finite',
    clause: 'M1',
    freedom:
      'The server refuses numbers beyond the range of a double, numbers of thousands of digits, and names of 64 KiB.',
    touches: ['json/number-*', 'json/name-of-*', 'json/unknown-*'],
    does: refusesSubmitText((text) => /e-?999|\d{4000}|n{60000}/.test(text)),
  },
  {
    name: 'depth-40',
    clause: 'M11',
    freedom: 'The server refuses more than 40 levels of nesting.',
    touches: ['json/nested-*', 'json/opening-*', 'json/array-of-100000', 'json/unknown-*'],
    does: refusesText((text) => depthOf(text) > 40),
  },
  {
    name: 'numbers-as-doubles',
    clause: 'M1',
    freedom:
      'The server refuses every message with a number that a double cannot hold, or with more than 400 digits.',
    touches: ['json/number-*', 'json/unknown-*', 'status/unanswered-*', 'results/store-t*'],
    does: refusesText((text) => {
      const withoutStrings = text.replace(/\\./gs, '').replace(/"[^"]*"/g, '');
      const numbers = withoutStrings.match(/\d[\d.eE+-]*/g) ?? [];
      return numbers.some((number) => number.length > 400 || !Number.isFinite(Number(number)));
    }),
  },
];

/** The most levels of brackets of a text that are open at a time. Brackets within strings count, too. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const character of text) {
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    most = Math.max(most, depth);
  }
  return most;
}
