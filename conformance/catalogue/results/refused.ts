/** Results of which nothing is stored: over a bound, malformed, or for an unknown task (R2, M4, M9, M10, R6). */

import {
  type Bytes,
  concat,
  FILENAME_CAP,
  RESULT_TEXT_CAP,
  repeat,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { fileResult, quoted, string, textResult } from '../../scenario/messages.ts';
import type { Level, Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { STORED_FILE } from './kept.ts';

const TASK = taskId();

type OverBound = readonly [name: string, what: string, bytes: Bytes];

const FILENAME_OVER_CAP = concat(repeat('a', FILENAME_CAP - 3), text('.txt'));

const OVER_BOUND: readonly OverBound[] = [
  [
    'text-over-cap',
    'a text of 1 MiB and one byte',
    textResult({ result_text: quoted(repeat('a', RESULT_TEXT_CAP + 1)) }),
  ],
  [
    'text-over-cap-two-byte',
    'a text of 524289 characters of 2 bytes each',
    textResult({ result_text: quoted(repeat('é', RESULT_TEXT_CAP / 2 + 1)) }),
  ],
  ['filename-over-cap', 'a filename of 257 bytes', fileResult({ filename: quoted(FILENAME_OVER_CAP) })],
  [
    'filename-over-cap-two-byte',
    'a filename of 131 characters that are 258 bytes',
    fileResult({ filename: quoted(concat(repeat('é', 127), text('.txt'))) }),
  ],
  [
    'text-with-filename-over-cap',
    'a text and a filename of 257 bytes',
    textResult({ filename: quoted(FILENAME_OVER_CAP) }),
  ],
];

type Malformed = readonly [name: string, clause: string, level: Level, what: string, bytes: Bytes];

const MALFORMED: readonly Malformed[] = [
  ['base64-url-safe', 'M10', 'SHOULD', 'URL-safe base64', fileResult({ file_data: string('-_-_') })],
  ['base64-unpadded', 'M10', 'SHOULD', 'base64 without padding', fileResult({ file_data: string('YQ') })],
  [
    'base64-foreign',
    'M10',
    'SHOULD',
    'base64 that contains an asterisk',
    fileResult({ file_data: string('Rm9y*HktdHdv') }),
  ],
  [
    'base64-spaces',
    'M10',
    'SHOULD',
    'base64 that contains spaces',
    fileResult({ file_data: string('Rm9y dHkt dHdv') }),
  ],
  ['file-data-number', 'M4', 'MUST', 'a number for file_data', fileResult({ file_data: text('7') })],
  ['text-array', 'M4', 'MUST', 'an array for result_text', textResult({ result_text: text('["a"]') })],
  ['filename-number', 'M4', 'MUST', 'a number for filename', fileResult({ filename: text('7') })],
  ['time-string', 'M4', 'MUST', 'a string for time_cpu_ms', textResult({ time_cpu_ms: string('60000') })],
  ['time-fraction', 'M9', 'SHOULD', '1.5 for time_cpu_ms', textResult({ time_cpu_ms: text('1.5') })],
  ['time-point-zero', 'M9', 'SHOULD', '200.0 for time_cpu_ms', textResult({ time_cpu_ms: text('200.0') })],
  ['time-exponent', 'M9', 'SHOULD', '2e2 for time_cpu_ms', textResult({ time_cpu_ms: text('2e2') })],
  [
    'time-above-int64',
    'M9',
    'SHOULD',
    '2^63 for time_cpu_ms',
    textResult({ time_cpu_ms: text('9223372036854775808') }),
  ],
];

function refused(
  name: string,
  clause: string,
  level: Level,
  requirement: string,
  bytes: Bytes,
  store: StoreCondition,
  likelyCause: string,
): Scenario {
  return {
    id: `results/store-refuses-${name}`,
    clause,
    level,
    requirement,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    preloaded: [{ side: 'submitted', taskId: TASK, status: 'COMPLETED' }],
    store: [store],
    likelyCause,
  };
}

export const resultsRefused: readonly Scenario[] = [
  ...OVER_BOUND.map(([name, what, bytes]) =>
    refused(
      name,
      'R2',
      'MUST',
      `A receiver stores nothing of a SEND_RESULTS with ${what}.`,
      bytes,
      // R2 does not say whether the task may record the refusal.
      { kind: 'only-task', side: 'submitted', taskId: TASK },
      'The bound is not checked, counts characters instead of bytes, or is checked after the result is stored.',
    ),
  ),
  ...MALFORMED.map(([name, clause, level, what, bytes]) =>
    refused(
      name,
      clause,
      level,
      `A receiver leaves its store unchanged after a SEND_RESULTS with ${what}.`,
      bytes,
      { kind: 'unchanged' },
      'The decoder accepts or converts the value, or the result is stored before the whole message is checked.',
    ),
  ),
  refused(
    'unknown-task',
    'R6',
    'MAY',
    'A receiver may leave its store unchanged after a SEND_RESULTS for an unknown task.',
    textResult({ task_id: quoted(taskId(2)) }),
    { kind: 'unchanged' },
    'The result is stored without a check that the task exists, which is permitted.',
  ),
];
