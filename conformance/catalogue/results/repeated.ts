/** Results that must not replace anything: of a final task, of a task that has one, and under a name in use (L1, R5, R6). */

import { type Bytes, concat, taskId, text } from '../../scenario/bytes.ts';
import { fileResult, quoted, string, textResult } from '../../scenario/messages.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { STORED_FILE, STORED_TEXT } from './kept.ts';

const TASK = taskId();
/** A target that changes a file wrongly can do so after it has closed the connection. */
const STAYS = { afterMs: 200 };

/**
 * Each final state, the states that a result may leave the task in, and the level. A submitter whose stall timeout has
 * expired a task may still take its result, or not.
 */
const FINAL: readonly (readonly [status: string, left: string | readonly string[], level: Level])[] = [
  ['DECLINED', 'DECLINED', 'MUST'],
  ['CANCELLED', 'CANCELLED', 'MUST'],
  ['EXPIRED', ['EXPIRED', 'SUCCEEDED'], 'SHOULD'],
];

const final: readonly Scenario[] = FINAL.map(
  ([status, left, level]): Scenario => ({
    id: `results/store-final-${status.toLowerCase()}`,
    clause: 'L1',
    level,
    requirement:
      left === status
        ? `A receiver does not change the status of a submitted task from ${status}, which is final, to SUCCEEDED.`
        : `A receiver that gets a result of a submitted task that is ${status} leaves the status, or sets it to SUCCEEDED.`,
    steps: [send(textResult())],
    accept: NOT_ANSWERED,
    control: STORED_TEXT,
    preloaded: [{ side: 'submitted', taskId: TASK, status }],
    store: [{ kind: 'task', side: 'submitted', taskId: TASK, fields: { status: left } }],
    storeAt: STAYS,
    likely: [
      {
        when: ['stored status'],
        cause: 'A result is stored without a check of the current status of its task.',
      },
    ],
  }),
);

const second: Scenario = {
  id: 'results/store-second-result',
  clause: 'R6',
  level: 'SHOULD',
  requirement: 'A receiver keeps the first result of a submitted task when a second, different one arrives.',
  preloaded: [{ side: 'submitted', taskId: TASK, status: 'COMPLETED' }],
  earlier: [send(textResult({ result_text: string('The first result') }))],
  steps: [send(textResult({ result_text: string('The second result') }))],
  accept: NOT_ANSWERED,
  control: STORED_TEXT,
  store: [
    { kind: 'result-file', name: concat(TASK, text('_result.txt')), bytes: text('The first result') },
    {
      kind: 'task',
      side: 'submitted',
      taskId: TASK,
      fields: { status: 'SUCCEEDED', results: 'The first result' },
    },
  ],
  storeAt: STAYS,
  likely: [
    {
      when: ['result file content', 'stored results'],
      cause: 'A result is stored without a check whether its task has one already.',
    },
  ],
};

/** Two pairs of task id and filename with the same text between them: id, id suffix, filename. */
const SHORT = { task_id: quoted(TASK), filename: string('b_c.txt') };
const LONG = { task_id: quoted(concat(TASK, text('_b'))), filename: string('c.txt') };
type Pair = Readonly<Record<'task_id' | 'filename', Bytes>>;

const joined: readonly Scenario[] = (
  [
    ['longer-id', 'a longer task_id and a shorter filename', SHORT, LONG],
    ['longer-filename', 'a shorter task_id and a longer filename', LONG, SHORT],
  ] as const
).map(([name, what, first, other]: readonly [string, string, Pair, Pair]): Scenario => {
  const file = (pair: Pair, data: string): Bytes =>
    fileResult({ ...pair, file_data: string(Buffer.from(data).toString('base64')) });
  return {
    id: `results/filename-joined-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A receiver does not replace the result file of a task by that of another task, whose ${what} join to the same name.`,
    preloaded: [
      { side: 'submitted', taskId: TASK, status: 'COMPLETED' },
      { side: 'submitted', taskId: TASK, idSuffix: '_b', status: 'COMPLETED' },
    ],
    earlier: [send(file(first, 'Of the first task'))],
    steps: [send(file(other, 'Of the other task'))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    store: [{ kind: 'result-file', name: concat(TASK, text('_b_c.txt')), bytes: text('Of the first task') }],
    storeAt: STAYS,
    likely: [
      {
        when: ['result file content'],
        cause: 'The file is opened for writing under <task_id>_<filename> without a check that it exists.',
      },
    ],
  };
});

const valid: Scenario = {
  id: 'results/store-valid-task',
  clause: 'M13',
  level: 'MUST',
  requirement: 'A receiver leaves a legal task file when it stores a result.',
  steps: [send(textResult())],
  accept: NOT_ANSWERED,
  control: STORED_TEXT,
  preloaded: [{ side: 'submitted', taskId: TASK, status: 'COMPLETED' }],
  store: [
    { kind: 'task', side: 'submitted', taskId: TASK, fields: { status: 'SUCCEEDED' } },
    { kind: 'valid-task', side: 'submitted', taskId: TASK },
  ],
  likely: [
    {
      when: ['stored field'],
      cause: 'A field of the result is written to the task file with another type or format.',
    },
  ],
};

export const resultsRepeated: readonly Scenario[] = [...final, second, ...joined, valid];
