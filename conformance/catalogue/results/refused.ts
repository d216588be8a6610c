/** Results of which nothing is stored: over a bound, malformed, or for an unknown task (R2, M4, M9, M10, R6). */

import {
  type Bytes,
  base64,
  concat,
  FILENAME_CAP,
  inBytes,
  RESULT_TEXT_CAP,
  repeat,
  size,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { fileResult, quoted, string, textResult } from '../../scenario/messages.ts';
import { FILE_CHANGED } from '../../scenario/mismatch-kind.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { type WrongValue, wrongForInteger, wrongForString } from '../../scenario/wrong-types.ts';
import { STORED_FILE } from './kept.ts';

const TASK = taskId();

/** What a message carries. It shows which scenario a file belongs to. */
const MARKED = concat(text('For '), TASK);
const markedText = (overrides: Fields) => textResult({ result_text: quoted(MARKED), ...overrides });
const markedFile = (overrides: Fields) => fileResult({ file_data: quoted(base64(MARKED)), ...overrides });
type Fields = Parameters<typeof textResult>[0];

/** `data` is what the message carries. Default: the marked text. */
type OverBound = readonly [name: string, what: string, bytes: Bytes, data?: Bytes];

const TEXT_OVER_CAP = concat(TASK, repeat('a', RESULT_TEXT_CAP + 1 - size(TASK)));
const TWO_BYTE_TEXT_OVER_CAP = concat(TASK, repeat('é', (RESULT_TEXT_CAP + 2 - size(TASK)) / 2));
const FILENAME_OVER_CAP = concat(repeat('a', FILENAME_CAP - 3), text('.txt'));

const OVER_BOUND: readonly OverBound[] = [
  [
    'text-over-cap',
    `a text of ${inBytes(RESULT_TEXT_CAP)} and one byte`,
    textResult({ result_text: quoted(TEXT_OVER_CAP) }),
    TEXT_OVER_CAP,
  ],
  [
    'text-over-cap-two-byte',
    'a text of 524307 characters that are 1048578 bytes',
    textResult({ result_text: quoted(TWO_BYTE_TEXT_OVER_CAP) }),
    TWO_BYTE_TEXT_OVER_CAP,
  ],
  ['filename-over-cap', 'a filename of 257 bytes', markedFile({ filename: quoted(FILENAME_OVER_CAP) })],
  [
    'filename-over-cap-two-byte',
    'a filename of 131 characters that are 258 bytes',
    markedFile({ filename: quoted(concat(repeat('é', 127), text('.txt'))) }),
  ],
  [
    'text-with-filename-over-cap',
    'a text and a filename of 257 bytes',
    markedText({ filename: quoted(FILENAME_OVER_CAP) }),
  ],
];

/** The fields of a legal text. */
const TEXT_FIELDS = {
  task_id: quoted(TASK),
  result_type: string('text'),
  result_text: quoted(MARKED),
  completed_at: string('2025-06-01T12:00:00Z'),
};
const FILE_FIELDS = { filename: string('result.txt'), file_data: quoted(base64(MARKED)) };
const TIMES = ['time_idle_ms', 'time_staged_ms', 'time_cpu_ms'];

/** Ids of scenarios that have other names. */
const NAMES: Readonly<Record<string, string>> = {
  'result-text-array': 'text-array',
  'time-cpu-ms-string': 'time-string',
};

/** A value of each wrong type for each field. */
function wrongTypes(): readonly Malformed[] {
  const row = (field: string, [type, what]: WrongValue, bytes: Bytes): Malformed => {
    const name = `${field.replaceAll('_', '-')}-${type}`;
    return [NAMES[name] ?? name, 'M4', 'MUST', `${what} for ${field}`, bytes];
  };
  return [
    ...Object.entries(TEXT_FIELDS).flatMap(([field, legal]) =>
      wrongForString(legal).map((wrong) =>
        row(field, wrong, textResult({ ...TEXT_FIELDS, [field]: wrong[2] })),
      ),
    ),
    ...Object.entries(FILE_FIELDS).flatMap(([field, legal]) =>
      wrongForString(legal).map((wrong) => row(field, wrong, markedFile({ [field]: wrong[2] }))),
    ),
    ...TIMES.flatMap((field) =>
      wrongForInteger('60000').map((wrong) =>
        row(field, wrong, textResult({ ...TEXT_FIELDS, [field]: wrong[2] })),
      ),
    ),
  ];
}

/** `isDocumented` is a property of the condition on the task. */
type Undocumented = readonly [
  name: string,
  clause: string,
  what: string,
  bytes: Bytes,
  isDocumented?: boolean,
];

/** Values that the documentation does not name. A receiver refuses the message, or leaves the value out of the task. */
const UNDOCUMENTED: readonly Undocumented[] = [
  ['completed-at-words', 'L3', 'a word for completed_at', textResult({ completed_at: string('yesterday') })],
  [
    'completed-at-date-only',
    'L3',
    'a date without a time for completed_at',
    textResult({ completed_at: string('2025-06-01') }),
  ],
  [
    'completed-at-month-13',
    'L3',
    'a month that does not exist in completed_at',
    textResult({ completed_at: string('2025-13-01T12:00:00Z') }),
  ],
  [
    'result-type-unknown',
    'M13',
    'a result_type that is neither text nor file',
    textResult({ result_type: string('image') }),
    true,
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
  ...wrongTypes(),
  ['time-fraction', 'M9', 'SHOULD', '1.5 for time_cpu_ms', markedText({ time_cpu_ms: text('1.5') })],
  ['time-point-zero', 'M9', 'SHOULD', '200.0 for time_cpu_ms', markedText({ time_cpu_ms: text('200.0') })],
  ['time-exponent', 'M9', 'SHOULD', '2e2 for time_cpu_ms', markedText({ time_cpu_ms: text('2e2') })],
  [
    'time-above-int64',
    'M9',
    'SHOULD',
    '2^63 for time_cpu_ms',
    markedText({ time_cpu_ms: text('9223372036854775808') }),
  ],
];

function refused(
  name: string,
  clause: string,
  level: Level,
  requirement: string,
  bytes: Bytes,
  store: StoreCondition,
  cause: string,
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
    // A task whose id is lost has a file without an id, which no scenario at the same time may have made.
    ...(/task-id/.test(name) && { alone: true }),
    likely: [{ when: store.kind === 'valid-task' ? ['stored field'] : FILE_CHANGED, cause }],
  };
}

export const resultsRefused: readonly Scenario[] = [
  ...OVER_BOUND.map(([name, what, bytes, data = MARKED]) =>
    refused(
      name,
      'R2',
      'MUST',
      `A receiver stores nothing of a SEND_RESULTS with ${what}.`,
      bytes,
      // R2 does not say whether the task may record the refusal.
      { kind: 'only-task', side: 'submitted', taskId: TASK, data },
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
      { kind: 'unchanged', data: MARKED },
      'The decoder accepts or converts the value, or the result is stored before the whole message is checked.',
    ),
  ),
  ...UNDOCUMENTED.map(
    ([name, clause, what, bytes, isDocumented = false]): Scenario => ({
      ...refused(
        name,
        clause,
        'SHOULD',
        `A receiver refuses a SEND_RESULTS with ${what}, or leaves the value out of the task.`,
        bytes,
        { kind: 'valid-task', side: 'submitted', taskId: TASK, isDocumented },
        'The value is copied from the message to the task without a check.',
      ),
      storeAt: { afterMs: 200 },
    }),
  ),
  refused(
    'unknown-task',
    'R6',
    'MAY',
    'A receiver may leave its store unchanged after a SEND_RESULTS for an unknown task.',
    markedText({ task_id: quoted(taskId(2)) }),
    { kind: 'unchanged', data: MARKED },
    'The result is stored without a check that the task exists, which is permitted.',
  ),
];
