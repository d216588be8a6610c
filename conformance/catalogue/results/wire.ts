/** Section 6 of the protocol on the wire: a receiver never answers a SEND_RESULTS (R1, F3, F4). */

import {
  concat,
  FILENAME_CAP,
  inBytes,
  MiB,
  RESULT_TEXT_CAP,
  repeat,
  SEND_RESULTS,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { fileResult, frame, header, quoted, string, textResult } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Row, type Unanswered, unanswered, unansweredArrivals } from '../../scenario/unanswered.ts';
import { ANSWERED } from '../submit/answer.ts';

const MESSAGE: Unanswered = { section: 'results', type: 'SEND_RESULTS', clause: 'R1', control: ANSWERED };

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

export const resultsScenarios: readonly Scenario[] = [
  ...unanswered(MESSAGE, LEGAL, 'MUST'),
  ...unanswered(MESSAGE, REFUSED, 'SHOULD'),
  ...unansweredArrivals(MESSAGE, {
    message: fileResult(),
    beforeSubmit: textResult(),
    inSegments: ['in-segments', '16 bytes at a time', 16],
  }),
];
