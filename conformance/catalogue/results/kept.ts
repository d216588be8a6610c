/** Section 6 of the protocol in the store: texts and files that are kept, and their forms on the wire (R2, R6, M10). */

import {
  type Bytes,
  concat,
  fileResult,
  quoted,
  RESULT_TEXT_CAP,
  repeat,
  string,
  taskId,
  text,
  textResult,
} from '../../scenario/bytes.ts';
import type { Level, Planted, Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

/** A file that is kept: beside it, one that is not says something. */
export const STORED_FILE = 'results/store-file';

const TASK = taskId();

/** A task whose results are due. */
const DUE: Planted = { side: 'submitted', taskId: TASK, status: 'COMPLETED' };

/** The name of a kept result (R6). */
function kept(name: string): Bytes {
  return concat(TASK, text(`_${name}`));
}

/** `results/` and the task after a result that was taken. */
function taken(name: string, bytes: Bytes, type: string, results: string): readonly StoreCondition[] {
  return [
    { kind: 'result-file', name: kept(name), bytes },
    {
      kind: 'task',
      side: 'submitted',
      taskId: TASK,
      fields: { status: 'SUCCEEDED', result_type: type, results },
    },
  ];
}

function stored(
  name: string,
  clause: string,
  level: Level,
  requirement: string,
  bytes: Bytes,
  store: readonly StoreCondition[],
): Scenario {
  return {
    id: `results/${name}`,
    clause,
    level,
    requirement,
    steps: [send(bytes)],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [DUE],
    store,
    likelyCause:
      'Results are read and dropped, or tasks are kept in memory and the store is not looked at when one comes.',
  };
}

const DATA = text('Forty-two');
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

const effects: readonly Scenario[] = [
  stored(
    'store-text',
    'R6',
    'MUST',
    'A text is written to results/<task_id>_result.txt, and its task becomes SUCCEEDED.',
    textResult(),
    taken('result.txt', DATA, 'text', 'Forty-two'),
  ),
  stored(
    'store-text-unicode',
    'R6',
    'MUST',
    'A text is written as UTF-8, as it reads once its escapes are decoded.',
    textResult({ result_text: text('"é\\u00e9\\n\\ud83d\\ude80"') }),
    taken('result.txt', text('éé\n🚀'), 'text', 'éé\n🚀'),
  ),
  stored(
    'store-file',
    'R6',
    'MUST',
    'A file is written to results/<task_id>_<filename>, and its task becomes SUCCEEDED.',
    fileResult(),
    taken('result.txt', DATA, 'file', 'result.txt'),
  ),
  stored(
    'store-file-binary',
    'R6',
    'MUST',
    'A file keeps every one of its bytes, be they text or not.',
    fileResult({ filename: string('all.bin'), file_data: string(Buffer.from(ALL_BYTES).toString('base64')) }),
    taken('all.bin', { raw: ALL_BYTES }, 'file', 'all.bin'),
  ),
  stored(
    'store-times',
    'R7',
    // The reward may be computed on arrival, and the times be kept nowhere.
    'MAY',
    'The submitted task takes the three times from the message, so that the reward follows from them.',
    textResult(),
    [
      {
        kind: 'task',
        side: 'submitted',
        taskId: TASK,
        fields: { status: 'SUCCEEDED', time_idle_ms: 1500, time_staged_ms: 250, time_cpu_ms: 60_000 },
      },
    ],
  ),
  stored(
    'store-file-without-data',
    'R6',
    'SHOULD',
    'A result of type file without data is treated as its text.',
    fileResult({ file_data: string(''), result_text: string('Forty-two') }),
    [{ kind: 'result-file', name: kept('result.txt'), bytes: DATA }],
  ),
  stored(
    'store-text-at-cap',
    'R2',
    'MUST',
    'A text of 1 MiB is within the bound, and kept.',
    textResult({ result_text: quoted(repeat('é', RESULT_TEXT_CAP / 2)) }),
    [{ kind: 'result-file', name: kept('result.txt'), bytes: repeat('é', RESULT_TEXT_CAP / 2) }],
  ),
  stored(
    'store-text-at-cap-escaped',
    'R2',
    'MUST',
    'A text of 1 MiB that is written as 6 MiB of escapes is within the bound, and kept.',
    textResult({ result_text: quoted(repeat('\\u0061', RESULT_TEXT_CAP)) }),
    [{ kind: 'result-file', name: kept('result.txt'), bytes: repeat('a', RESULT_TEXT_CAP) }],
  ),
];

/** Forms of base64 that say `Forty-two`, or something near it. */
const BASE64: readonly (readonly [name: string, level: Level, what: string, token: string, data: Bytes])[] = [
  ['padded-once', 'MUST', 'with one sign of padding', '"YWI="', text('ab')],
  ['padded-twice', 'MUST', 'with two signs of padding', '"YQ=="', text('a')],
  ['plus-and-slash', 'MUST', 'with a plus and a slash', '"+/+/"', { raw: Uint8Array.of(0xfb, 0xff, 0xbf) }],
  [
    'escaped',
    'MUST',
    'with a slash and a letter escaped',
    '"+\\/\\u002b/"',
    { raw: Uint8Array.of(0xfb, 0xff, 0xbf) },
  ],
  ['line-breaks', 'MAY', 'broken into lines', '"Rm9y\\r\\ndHkt\\ndHdv"', DATA],
  ['stray-bits', 'MAY', 'with bits set behind the last byte', '"YR=="', text('a')],
  ['array', 'MAY', 'replaced by an array of bytes', '[97,98]', text('ab')],
];

const base64: readonly Scenario[] = BASE64.map(([name, level, what, token, data]) =>
  stored(
    `store-base64-${name}`,
    'M10',
    level,
    `File data in base64 ${what} is decoded to its bytes.`,
    fileResult({ file_data: text(token) }),
    [{ kind: 'result-file', name: kept('result.txt'), bytes: data }],
  ),
);

export const resultsStore: readonly Scenario[] = [...effects, ...base64];
