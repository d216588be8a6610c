/** Section 6 of the protocol on the wire: a receiver never answers a SEND_RESULTS (R1, F3, F4). */

import {
  type Bytes,
  concat,
  FILENAME_CAP,
  inBytes,
  MiB,
  RESULT_TEXT_CAP,
  repeat,
  SEND_RESULTS,
  slice,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { fileResult, frame, header, quoted, string, submit, textResult } from '../../scenario/messages.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { answers, closes, fin, NOT_ANSWERED, send, sendInSegments, silent } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

type Row = readonly [name: string, what: string, bytes: Bytes];

const LEGAL: readonly Row[] = [
  ['unanswered-text', 'with a text', textResult()],
  ['unanswered-file', 'with a file', fileResult()],
  ['unanswered-empty-text', 'with an empty text', textResult({ result_text: string('') })],
  ['unanswered-file-without-data', 'of type file without data', fileResult({ file_data: string('') })],
  ['unanswered-empty-object', 'without any fields', frame(SEND_RESULTS, text('{}'))],
  ['unanswered-unknown-field', 'with an unknown field', textResult({ mood: string('good') })],
  [
    'unanswered-text-at-cap',
    `with a text of ${inBytes(RESULT_TEXT_CAP)}`,
    textResult({ result_text: quoted(repeat('a', RESULT_TEXT_CAP)) }),
  ],
  [
    'unanswered-file-8-mib',
    'with a file of 8 MiB',
    fileResult({ file_data: quoted(concat(repeat('AAAA', (8 * MiB - 2) / 3), text('AAA='))) }),
  ],
  [
    'unanswered-big-integers',
    'with times at the limits of a signed 64-bit integer',
    textResult({ time_idle_ms: text('9223372036854775807'), time_cpu_ms: text('-9223372036854775808') }),
  ],
  ['unanswered-id-path', 'whose task_id is a path', textResult({ task_id: string('../../etc/passwd') })],
  [
    'unanswered-filename-path',
    'whose filename is a path',
    fileResult({ filename: quoted(concat(text('../../'), taskId(), text('.txt'))) }),
  ],
];

/** Results that a receiver may refuse. It does not answer them either, since only a SUBMIT is answered with 400. */
const REFUSED: readonly Row[] = [
  ['unanswered-empty-payload', 'with an empty payload', header(SEND_RESULTS, 0)],
  ['unanswered-malformed', 'whose payload is incomplete JSON', frame(SEND_RESULTS, text('{"task_id":'))],
  ['unanswered-array', 'whose payload is an array', frame(SEND_RESULTS, text('[]'))],
  ['unanswered-trailing', 'with a letter after its object', frame(SEND_RESULTS, text('{}x'))],
  ['unanswered-text-number', 'whose result_text is a number', textResult({ result_text: text('42') })],
  ['unanswered-time-string', 'whose time_cpu_ms is a string', textResult({ time_cpu_ms: string('5') })],
  ['unanswered-base64-broken', 'whose file_data is not base64', fileResult({ file_data: string('#') })],
  [
    'unanswered-forbidden-extension',
    'with a file of source code',
    fileResult({ filename: string('main.go') }),
  ],
  [
    'unanswered-filename-over-cap',
    'with a filename of 257 bytes',
    fileResult({ filename: quoted(concat(repeat('a', FILENAME_CAP - 3), text('.txt'))) }),
  ],
  [
    'unanswered-text-over-cap',
    `with a text of ${inBytes(RESULT_TEXT_CAP)} and one byte`,
    textResult({ result_text: quoted(repeat('a', RESULT_TEXT_CAP + 1)) }),
  ],
  ['unanswered-type-unknown', 'with an unknown result_type', textResult({ result_type: string('image') })],
];

function unanswered([name, what, bytes]: Row, level: Level): Scenario {
  return {
    id: `results/${name}`,
    clause: 'R1',
    level,
    requirement: `A receiver does not answer a SEND_RESULTS ${what}.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likely: [
      {
        when: ['answered'],
        cause: 'The receiver answers every message, with an acknowledgement or with status 400.',
      },
    ],
  };
}

const endings: readonly Scenario[] = [
  {
    id: 'results/half-closed',
    clause: 'R1',
    level: 'MUST',
    requirement:
      'A receiver does not answer a SEND_RESULTS after which the sender half-closes the connection.',
    steps: [send(fileResult()), fin()],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likely: [{ when: ['answered'], cause: 'The receiver writes an answer when the stream ends.' }],
  },
  {
    id: 'results/in-segments',
    clause: 'F3',
    level: 'MUST',
    requirement: 'A receiver does not answer a SEND_RESULTS that arrives 16 bytes at a time.',
    steps: [sendInSegments(fileResult(), 16)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    likely: [{ when: ['answered'], cause: 'A part of a frame is processed as if it were the whole frame.' }],
  },
  {
    id: 'results/truncated',
    clause: 'F4',
    level: 'MUST',
    requirement:
      'A receiver closes the connection without an answer when the stream ends inside a SEND_RESULTS.',
    steps: [send(slice(fileResult(), 0, 60)), fin()],
    accept: [closes()],
    control: ANSWERED,
    likely: [
      {
        when: ['kept open', 'died'],
        cause: 'The end of the stream is not handled while the receiver waits for the rest of a payload.',
      },
      { when: ['answered'], cause: 'A part of a frame is processed as if it were the whole frame.' },
    ],
  },
  {
    id: 'results/then-submit',
    clause: 'R1',
    level: 'MUST',
    requirement:
      'A receiver answers only the SUBMIT, or nothing, when a SEND_RESULTS and a SUBMIT arrive together.',
    steps: [send(concat(textResult(), submit({ task_id: quoted(taskId(2)) })))],
    // A receiver may ignore the second frame (T2).
    accept: [answers({ taskId: taskId(2) }), closes(), silent()],
    control: ANSWERED,
    likely: [
      { when: ['number of frames', 'task_id wrong value'], cause: 'The receiver answers every message.' },
    ],
  },
];

export const resultsScenarios: readonly Scenario[] = [
  ...LEGAL.map((row) => unanswered(row, 'MUST')),
  ...REFUSED.map((row) => unanswered(row, 'SHOULD')),
  ...endings,
];
