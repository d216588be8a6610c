/** Section 6 of the protocol in the store: texts and files that are stored, and their forms on the wire (R2, R6, R7, M10). */

import { type Bytes, concat, inBytes, RESULT_TEXT_CAP, repeat, taskId, text } from '../../scenario/bytes.ts';
import { fileResult, quoted, string, textResult } from '../../scenario/messages.ts';
import type { Level } from '../../scenario/requirement.ts';
import type {
  FieldValue,
  LikelyCause,
  PreloadedTask,
  Scenario,
  StoreCondition,
} from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

/** A file and a text that are stored: the controls of results that must not be stored, or that take another form. */
export const STORED_FILE = 'results/store-file';
export const STORED_TEXT = 'results/store-text';

const TASK = taskId();

/** A submitted task that waits for its results. */
const DUE: PreloadedTask = { side: 'submitted', taskId: TASK, status: 'COMPLETED' };

/** The name of a result file (R6). */
export function resultName(name: string): Bytes {
  return concat(TASK, text(`_${name}`));
}

/** What `results` of a file may hold: its name on the wire, or that in the store (R6). */
function namesOf(name: string): readonly FieldValue[] {
  return [name, resultName(name)];
}

/** The result file, and the task that has become SUCCEEDED. */
export function succeeded(
  name: string,
  bytes: Bytes,
  type: string,
  results: FieldValue | readonly FieldValue[],
): readonly StoreCondition[] {
  return [
    { kind: 'result-file', name: resultName(name), bytes },
    {
      kind: 'task',
      side: 'submitted',
      taskId: TASK,
      fields: { status: 'SUCCEEDED', result_type: type, results },
    },
  ];
}

const TASK_CAUSE: LikelyCause = {
  when: ['stored field'],
  cause: 'The result is written, but the task is not updated, or a field has another value.',
};

/** A legal result of a task that waits for it, and what the store then holds. */
export function stored(
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
    preloaded: [DUE],
    store,
    likely: [
      {
        when: ['result file missing'],
        cause:
          'Results are read but not stored, or tasks are kept in memory and the store is not read when a result arrives.',
      },
      {
        when: ['result file content'],
        cause: 'The result is not decoded, or is stored in another encoding.',
      },
      ...(store.some(({ kind }) => kind === 'task') ? [TASK_CAUSE] : []),
    ],
  };
}

/** The bytes of the text and of the file that a legal result carries. */
export const DATA = text('Forty-two');
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

const effects: readonly Scenario[] = [
  stored(
    'store-text',
    'R6',
    'MUST',
    'A receiver writes a text to results/<task_id>_result.txt, and then sets the submitted task to SUCCEEDED.',
    textResult(),
    succeeded('result.txt', DATA, 'text', 'Forty-two'),
  ),
  stored(
    'store-text-unicode',
    'R6',
    'MUST',
    'A receiver decodes the escapes of a text, and writes the text as UTF-8.',
    textResult({ result_text: text('"é\\u00e9\\n\\ud83d\\ude80"') }),
    succeeded('result.txt', text('éé\n🚀'), 'text', 'éé\n🚀'),
  ),
  stored(
    'store-file',
    'R6',
    'MUST',
    'A receiver writes a file to results/<task_id>_<filename>, and then sets the submitted task to SUCCEEDED.',
    fileResult(),
    succeeded('result.txt', DATA, 'file', namesOf('result.txt')),
  ),
  stored(
    'store-file-binary',
    'R6',
    'MUST',
    'A receiver writes every byte of a file unchanged, also bytes that are not text.',
    fileResult({ filename: string('all.bin'), file_data: string(Buffer.from(ALL_BYTES).toString('base64')) }),
    succeeded('all.bin', { raw: ALL_BYTES }, 'file', namesOf('all.bin')),
  ),
  {
    ...stored(
      'store-times',
      'R7',
      // A receiver may compute the reward when the message arrives, and store no times.
      'MAY',
      'A receiver may store the three times of the message in the submitted task, to compute the reward from them.',
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
    likely: [
      {
        when: ['stored time_idle_ms', 'stored time_staged_ms', 'stored time_cpu_ms'],
        cause:
          'The reward is computed when the message arrives and the times are not stored, which is permitted.',
      },
    ],
  },
  stored(
    'store-file-without-data',
    'R6',
    'MAY',
    'A receiver may treat a result of type file without data as a text.',
    fileResult({ file_data: string(''), result_text: string('Forty-two') }),
    [{ kind: 'result-file', name: resultName('result.txt'), bytes: DATA }],
  ),
  {
    ...stored(
      'store-text-at-cap',
      'R2',
      'MUST',
      `A receiver stores a text of ${inBytes(RESULT_TEXT_CAP)}, exactly the bound.`,
      textResult({ result_text: quoted(repeat('é', RESULT_TEXT_CAP / 2)) }),
      [{ kind: 'result-file', name: resultName('result.txt'), bytes: repeat('é', RESULT_TEXT_CAP / 2) }],
    ),
    likely: [
      { when: ['result file missing'], cause: 'The check excludes the bound itself, or uses a lower bound.' },
      { when: ['result file content'], cause: 'The text is cut when it is stored.' },
    ],
  },
  {
    ...stored(
      'store-text-at-cap-escaped',
      'R2',
      'MUST',
      `A receiver stores a text of ${inBytes(RESULT_TEXT_CAP)}, exactly the bound, that is sent as 6 MiB of escapes.`,
      textResult({ result_text: quoted(repeat('\\u0061', RESULT_TEXT_CAP)) }),
      [{ kind: 'result-file', name: resultName('result.txt'), bytes: repeat('a', RESULT_TEXT_CAP) }],
    ),
    likely: [
      {
        when: ['result file missing'],
        cause:
          'The bound counts the bytes of the escaped text instead of those of the decoded text, or excludes itself.',
      },
      {
        when: ['result file content'],
        cause: 'The text is stored with its escapes, or cut when it is stored.',
      },
    ],
  },
];

/** Forms of file_data, and the bytes that each one stands for. */
const BASE64: readonly (readonly [name: string, level: Level, what: string, token: string, data: Bytes])[] = [
  ['padded-once', 'MUST', 'in base64 with one padding character', '"YWI="', text('ab')],
  ['padded-twice', 'MUST', 'in base64 with two padding characters', '"YQ=="', text('a')],
  [
    'plus-and-slash',
    'MUST',
    'in base64 with a plus and a slash',
    '"+/+/"',
    { raw: Uint8Array.of(0xfb, 0xff, 0xbf) },
  ],
  [
    'escaped',
    'MUST',
    'in base64 with an escaped slash and an escaped plus',
    '"+\\/\\u002b/"',
    { raw: Uint8Array.of(0xfb, 0xff, 0xbf) },
  ],
  ['line-breaks', 'MAY', 'in base64 with line breaks', '"Rm9y\\r\\ndHkt\\ndHdv"', DATA],
  ['stray-bits', 'MAY', 'in base64 with bits set after the last byte', '"YR=="', text('a')],
  ['array', 'MAY', 'in the form of a JSON array of byte values', '[97,98]', text('ab')],
];

const base64: readonly Scenario[] = BASE64.map(([name, level, what, token, data]) => ({
  ...stored(
    `store-base64-${name}`,
    'M10',
    level,
    `A receiver ${level === 'MAY' ? 'may decode' : 'decodes'} file_data ${what}.`,
    fileResult({ file_data: text(token) }),
    [{ kind: 'result-file', name: resultName('result.txt'), bytes: data }],
  ),
  likely: [
    {
      when: ['result file missing', 'result file content'],
      cause:
        level === 'MAY'
          ? 'The decoder accepts only a string of strict base64, which is permitted.'
          : 'The base64 decoder uses another alphabet or other padding, or does not decode JSON escapes first.',
    },
  ],
}));

export const resultsStore: readonly Scenario[] = [...effects, ...base64];
