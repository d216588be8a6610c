/**
 * Legal results in forms that senders use too, in the store: fields that are missing or null, unknown fields, other times, and a
 * file as large as a frame can carry (M1–M3, M9, R2, R6, L1, F2). What is dropped without an answer shows only there.
 */

import { type Bytes, inBytes, SEND_RESULTS, size, taskId, text } from '../../scenario/bytes.ts';
import { fileResult, frame, object, quoted, string, textResult } from '../../scenario/messages.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { DATA, resultName, STORED_TEXT, stored, succeeded } from './kept.ts';

const TASK = taskId();

/** The canonical message of a text whose times are 0 (M12). */
const WITHOUT_TIMES = frame(
  SEND_RESULTS,
  object({
    task_id: quoted(TASK),
    result_type: string('text'),
    result_text: string('Forty-two'),
    completed_at: string('2025-06-01T12:00:00Z'),
  }),
);
const NULL = text('null');

type Row = readonly [name: string, clause: string, level: Level, what: string, bytes: Bytes, cause: string];

const LACKS = 'A field is required that may be missing or null, so the message is refused.';
const TIME = 'The code parses completed_at with one format of RFC 3339 only, and refuses the message.';
const NARROW = 'A time is read into a type of 32 bits, or as a double.';

const TEXTS: readonly Row[] = [
  [
    'times-missing',
    'M2',
    'MUST',
    'without the three times, as it is written when they are 0',
    WITHOUT_TIMES,
    LACKS,
  ],
  [
    'times-null',
    'M3',
    'MUST',
    'whose three times are null',
    textResult({ time_idle_ms: NULL, time_staged_ms: NULL, time_cpu_ms: NULL }),
    LACKS,
  ],
  [
    'null-file-fields',
    'M3',
    'MUST',
    'whose filename and file_data are null',
    textResult({ filename: NULL, file_data: NULL }),
    LACKS,
  ],
  [
    'unknown-field',
    'M1',
    'MUST',
    'with an unknown field',
    textResult({ mood: string('good') }),
    'The decoder of this message refuses unknown fields.',
  ],
  [
    'completed-at-fraction',
    'R6',
    'MUST',
    'whose completed_at has nanoseconds',
    textResult({ completed_at: string('2025-06-01T12:00:00.123456789Z') }),
    TIME,
  ],
  [
    'completed-at-offset',
    'R6',
    'MUST',
    'whose completed_at has an offset from UTC',
    textResult({ completed_at: string('2025-06-01T14:00:00+02:00') }),
    TIME,
  ],
  [
    'times-above-32-bits',
    'M9',
    'SHOULD',
    'with a time of 3 000 000 000 ms',
    textResult({ time_idle_ms: text('3000000000') }),
    NARROW,
  ],
  [
    'times-of-64-bits',
    'M9',
    'SHOULD',
    'with the largest time of 64 bits',
    textResult({ time_idle_ms: text('9223372036854775807') }),
    NARROW,
  ],
];

const forms: readonly Scenario[] = TEXTS.map(([name, clause, level, what, bytes, cause]) => ({
  ...stored(
    `store-${name}`,
    clause,
    level,
    `A receiver stores the text of a SEND_RESULTS ${what}.`,
    bytes,
    succeeded('result.txt', DATA, 'text', 'Forty-two'),
  ),
  control: STORED_TEXT,
  likely: [{ when: ['result file missing', 'task file missing', 'stored field'], cause }],
}));

/** Bytes that are not text and do not repeat at the borders of blocks: a decoder of blocks shows its mistakes. */
const UNIT = Uint8Array.from({ length: 303 }, (_, index) => (index * 37 + 11) % 256);
/** As many as make base64 of more than 15 MiB, the bound of the decoded bytes, that still fits a frame. */
const UNITS = 39_603;
const LARGE: Bytes = { repeat: UNIT, times: UNITS };
const LARGE_BASE64: Bytes = { repeat: Buffer.from(Buffer.from(UNIT).toString('base64')), times: UNITS };

const large: Scenario = {
  ...stored(
    'store-file-large',
    'R2',
    'MUST',
    `A receiver stores a file of ${inBytes(size(LARGE))}, which is within the bound and fits a frame.`,
    fileResult({ filename: string('all.bin'), file_data: quoted(LARGE_BASE64) }),
    [{ kind: 'result-file', name: resultName('all.bin'), bytes: LARGE }],
  ),
  likely: [
    {
      when: ['result file missing'],
      cause: 'The bound is lower than documented, or counts the base64 instead of the decoded bytes.',
    },
    { when: ['result file content'], cause: 'The base64 is decoded in blocks that are no multiple of 4.' },
  ],
};

/** Received and submitted tasks are separate (L1). */
const ofReceived: Scenario = {
  id: 'results/store-ignores-received-task',
  clause: 'L1',
  level: 'MUST',
  requirement:
    'A receiver does not change a task that it has received when a SEND_RESULTS has the same task_id.',
  preloaded: [{ side: 'received', taskId: TASK, status: 'DECLINED' }],
  steps: [send(textResult())],
  accept: NOT_ANSWERED,
  control: STORED_TEXT,
  store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: 'DECLINED' } }],
  storeAt: { afterMs: 200 },
  likely: [
    {
      when: ['stored status', 'task file missing'],
      cause: 'Received and submitted tasks are kept in one table, with the task_id as the key.',
    },
  ],
};

export const resultsForms: readonly Scenario[] = [...forms, large, ofReceived];
