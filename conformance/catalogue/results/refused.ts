/** Results of which nothing is kept: over a bound, malformed, or for a task that there is not (R2, M4, M9, M10). */

import {
  type Bytes,
  concat,
  FILENAME_CAP,
  fileResult,
  quoted,
  RESULT_TEXT_CAP,
  repeat,
  string,
  taskId,
  text,
  textResult,
} from '../../scenario/bytes.ts';
import type { Level, Scenario } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { STORED_FILE } from './kept.ts';

const TASK = taskId();

type Refused = readonly [name: string, clause: string, level: Level, what: string, bytes: Bytes];

const OVER_CAP = concat(repeat('a', FILENAME_CAP - 3), text('.txt'));

/** What is over a bound, or malformed: nothing of it is kept. */
const REFUSED: readonly Refused[] = [
  [
    'text-over-cap',
    'R2',
    'MUST',
    'a text of 1 MiB and a byte',
    textResult({ result_text: quoted(repeat('a', RESULT_TEXT_CAP + 1)) }),
  ],
  [
    'text-over-cap-two-byte',
    'R2',
    'MUST',
    'a text of 524289 characters of 2 bytes each',
    textResult({ result_text: quoted(repeat('é', RESULT_TEXT_CAP / 2 + 1)) }),
  ],
  ['filename-over-cap', 'R2', 'MUST', 'a filename of 257 bytes', fileResult({ filename: quoted(OVER_CAP) })],
  [
    'filename-over-cap-two-byte',
    'R2',
    'MUST',
    'a filename of 130 characters that are 258 bytes',
    fileResult({ filename: quoted(concat(repeat('é', 127), text('.txt'))) }),
  ],
  [
    'text-with-filename-over-cap',
    'R2',
    'MUST',
    'a text beside a filename of 257 bytes',
    textResult({ filename: quoted(OVER_CAP) }),
  ],
  ['base64-url-safe', 'M10', 'SHOULD', 'URL-safe base64', fileResult({ file_data: string('-_-_') })],
  ['base64-unpadded', 'M10', 'SHOULD', 'base64 without padding', fileResult({ file_data: string('YQ') })],
  [
    'base64-foreign',
    'M10',
    'SHOULD',
    'base64 with a foreign sign',
    fileResult({ file_data: string('Rm9y*HktdHdv') }),
  ],
  [
    'base64-spaces',
    'M10',
    'SHOULD',
    'base64 with spaces',
    fileResult({ file_data: string('Rm9y dHkt dHdv') }),
  ],
  ['file-data-number', 'M4', 'MUST', 'a number for file_data', fileResult({ file_data: text('7') })],
  ['text-array', 'M4', 'MUST', 'an array for result_text', textResult({ result_text: text('["a"]') })],
  ['filename-number', 'M4', 'MUST', 'a number for filename', fileResult({ filename: text('7') })],
  ['time-string', 'M4', 'MUST', 'a string for a time', textResult({ time_cpu_ms: string('60000') })],
  ['time-fraction', 'M9', 'SHOULD', 'a fraction for a time', textResult({ time_cpu_ms: text('1.5') })],
  ['time-point-zero', 'M9', 'SHOULD', '200.0 for a time', textResult({ time_cpu_ms: text('200.0') })],
  ['time-exponent', 'M9', 'SHOULD', '2e2 for a time', textResult({ time_cpu_ms: text('2e2') })],
  [
    'time-above-int64',
    'M9',
    'SHOULD',
    '2^63 for a time',
    textResult({ time_cpu_ms: text('9223372036854775808') }),
  ],
  ['unknown-task', 'R6', 'MAY', 'the id of an unknown task', textResult({ task_id: quoted(taskId(2)) })],
];

export const resultsRefused: readonly Scenario[] = REFUSED.map(
  ([name, clause, level, what, bytes]): Scenario => ({
    id: `results/store-refuses-${name}`,
    clause,
    level,
    requirement: `A SEND_RESULTS with ${what} changes nothing in the store.`,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    planted: [{ side: 'submitted', taskId: TASK, status: 'COMPLETED' }],
    // A bound keeps results out; that the task may tell of it is left open.
    store:
      clause === 'R2' ? [{ kind: 'only-task', side: 'submitted', taskId: TASK }] : [{ kind: 'unchanged' }],
    likelyCause: 'The result is written before all of its message was checked.',
  }),
);
