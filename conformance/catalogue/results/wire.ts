/** Section 6 of the protocol on the wire: a SEND_RESULTS is never answered (R1), whatever it brings. */

import {
  type Bytes,
  concat,
  FILENAME_CAP,
  fileResult,
  frame,
  header,
  MiB,
  quoted,
  RESULT_TEXT_CAP,
  repeat,
  SEND_RESULTS,
  slice,
  string,
  submit,
  taskId,
  text,
  textResult,
} from '../../scenario/bytes.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { answers, closes, fin, NOT_ANSWERED, send, sendInSegments, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

type Row = readonly [name: string, what: string, bytes: Bytes];

const LEGAL: readonly Row[] = [
  ['unanswered-text', 'with a text', textResult()],
  ['unanswered-file', 'with a file', fileResult()],
  ['unanswered-empty-text', 'with an empty text', textResult({ result_text: string('') })],
  ['unanswered-file-without-data', 'of type file without data', fileResult({ file_data: string('') })],
  ['unanswered-empty-object', 'without any field', frame(SEND_RESULTS, text('{}'))],
  ['unanswered-unknown-field', 'with an unknown field', textResult({ mood: string('good') })],
  [
    'unanswered-text-at-cap',
    'with a text of 1 MiB',
    textResult({ result_text: quoted(repeat('a', RESULT_TEXT_CAP)) }),
  ],
  [
    'unanswered-file-8-mib',
    'with a file of 8 MiB',
    fileResult({ file_data: quoted(concat(repeat('AAAA', (8 * MiB - 2) / 3), text('AAA='))) }),
  ],
  [
    'unanswered-big-integers',
    'with times at the ends of their range',
    textResult({ time_idle_ms: text('9223372036854775807'), time_cpu_ms: text('-9223372036854775808') }),
  ],
  ['unanswered-id-path', 'whose task_id is a path', textResult({ task_id: string('../../etc/passwd') })],
  ['unanswered-filename-path', 'whose filename is a path', fileResult({ filename: string('../../a.txt') })],
];

/** What is refused is not answered either; an answer of 400 is due to a SUBMIT alone. */
const REFUSED: readonly Row[] = [
  ['unanswered-empty-payload', 'without a payload', header(SEND_RESULTS, 0)],
  ['unanswered-malformed', 'whose payload is no JSON', frame(SEND_RESULTS, text('{"task_id":'))],
  ['unanswered-array', 'whose payload is an array', frame(SEND_RESULTS, text('[]'))],
  ['unanswered-trailing', 'with a letter behind its object', frame(SEND_RESULTS, text('{}x'))],
  ['unanswered-text-number', 'whose result_text is a number', textResult({ result_text: text('42') })],
  ['unanswered-time-string', 'with a string for a time', textResult({ time_cpu_ms: string('5') })],
  ['unanswered-base64-broken', 'whose file_data is no base64', fileResult({ file_data: string('#') })],
  ['unanswered-forbidden-extension', 'with source code', fileResult({ filename: string('main.go') })],
  [
    'unanswered-filename-over-cap',
    'with a filename of 257 bytes',
    fileResult({ filename: quoted(concat(repeat('a', FILENAME_CAP - 3), text('.txt'))) }),
  ],
  [
    'unanswered-text-over-cap',
    'with a text of 1 MiB and a byte',
    textResult({ result_text: quoted(repeat('a', RESULT_TEXT_CAP + 1)) }),
  ],
  ['unanswered-type-unknown', 'of a type that there is not', textResult({ result_type: string('image') })],
];

function unanswered([name, what, bytes]: Row, level: Level): Scenario {
  return {
    id: `results/${name}`,
    clause: 'R1',
    level,
    requirement: `A SEND_RESULTS ${what} gets no answer.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likelyCause: 'Every message is acknowledged, or refused with an answer of status 400.',
  };
}

const endings: readonly Scenario[] = [
  {
    id: 'results/half-closed',
    clause: 'R1',
    level: 'MUST',
    requirement: 'A SEND_RESULTS whose sender half-closes gets no answer.',
    steps: [send(fileResult()), fin()],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likelyCause: 'An answer is written when the stream ends.',
  },
  {
    id: 'results/in-segments',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A SEND_RESULTS that arrives 16 bytes at a time gets no answer.',
    steps: [sendInSegments(fileResult(), 16)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likelyCause: 'A part of a frame is processed as if it were the whole.',
  },
  {
    id: 'results/truncated',
    clause: 'F4',
    level: 'MUST',
    requirement: 'A stream that ends inside a SEND_RESULTS gets no answer, and the connection is closed.',
    steps: [send(slice(fileResult(), 0, 60)), fin()],
    accept: [closes()],
    control: ANSWERED,
    likelyCause: 'The end of the stream is not noticed while a payload is awaited.',
  },
  {
    id: 'results/then-submit',
    clause: 'R1',
    level: 'MUST',
    requirement:
      'Of a SEND_RESULTS and a SUBMIT at once, the SUBMIT alone is answered, if it is served at all.',
    steps: [send(concat(textResult(), submit({ task_id: quoted(taskId(2)) })))],
    // Whether a second frame is served is free (T2).
    accept: [answers({ taskId: taskId(2) }), closes(), silent()],
    control: ANSWERED,
    likelyCause: 'Every message is acknowledged.',
  },
];

export const resultsScenarios: readonly Scenario[] = [
  ...LEGAL.map((row) => unanswered(row, 'MUST')),
  ...REFUSED.map((row) => unanswered(row, 'SHOULD')),
  ...endings,
];
