/** Several messages of one task at the same moment, each on its own connection (U2, R6). */

import { concat, taskId, text } from '../../scenario/bytes.ts';
import { statusUpdate, string, textResult } from '../../scenario/messages.ts';
import type { Sign } from '../../scenario/mismatch-kind.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { Scenario, Step, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';

const TASK = taskId();
const OF_TASK: readonly Sign[] = ['task file missing', 'task file unreadable', 'stored field'];
const OF_FILE: readonly Sign[] = ['result file missing', 'result file content'];

/** Updates to one status, each with another justification. */
function updates(status: string): readonly (readonly Step[])[] {
  return Array.from({ length: 8 }, (_, index) => [
    send(statusUpdate({ status: string(status), justification: string(`Update ${index + 1}`) })),
  ]);
}

/** A result and eight updates of one task at once, five times. `status` is the status before and `update` that of the updates. */
function atOnce(
  name: string,
  clause: string,
  level: Level,
  [status, update]: readonly [string, string],
  requirement: string,
  store: readonly StoreCondition[],
): Scenario {
  return {
    id: `results/at-once-${name}`,
    clause,
    level,
    requirement,
    steps: [send(textResult())],
    accept: NOT_ANSWERED,
    control: name === 'result-kept' ? 'results/store-text' : 'status/store-accepted',
    simultaneous: updates(update),
    rounds: 5,
    preloaded: [{ side: 'submitted', taskId: TASK, status }],
    store,
    // A task that is overwritten is correct for a moment, so it is read when all writes have ended.
    storeAt: { afterMs: 200 },
    likely: [
      {
        when: store.some(({ kind }) => kind === 'result-file') ? [...OF_TASK, ...OF_FILE] : OF_TASK,
        cause:
          'A task is read, changed and written without a lock, so one message overwrites the effect of another.',
      },
    ],
  };
}

export const resultsAtOnce: readonly Scenario[] = [
  atOnce(
    'task-file',
    'U2',
    'MUST',
    ['NEW', 'ACCEPTED'],
    'A receiver leaves a complete task file, with the effect of a message, when 8 STATUS_UPDATEs and a SEND_RESULTS of one task arrive at the same time.',
    [{ kind: 'task', side: 'submitted', taskId: TASK, fields: { status: ['ACCEPTED', 'SUCCEEDED'] } }],
  ),
  atOnce(
    'result-kept',
    'R6',
    'MUST',
    // In any order of the messages, the task has its result at the end. Its status may be that of a later update.
    ['COMPLETED', 'COMPLETED'],
    'A receiver stores a result, in its file and in the task, when 8 STATUS_UPDATEs of the task arrive at the same time.',
    [
      { kind: 'result-file', name: concat(TASK, text('_result.txt')), bytes: text('Forty-two') },
      {
        kind: 'task',
        side: 'submitted',
        taskId: TASK,
        fields: { result_type: 'text', results: 'Forty-two' },
      },
    ],
  ),
];
