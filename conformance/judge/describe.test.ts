import t from 'tap';
import { taskId, text } from '../scenario/bytes.ts';
import type { Outcome } from '../scenario/scenario.ts';
import {
  accepts,
  answers,
  answersSome,
  closes,
  rejects,
  silent,
  silentUntilReset,
} from '../scenario/steps.ts';
import { describeOutcome } from './describe.ts';

const WORDS: readonly (readonly [outcome: Outcome, words: string])[] = [
  [closes(), 'the target closes the connection without an answer'],
  [silent(), 'the target sends nothing and keeps the connection open'],
  [
    silentUntilReset(),
    'the target sends nothing before the kit resets the connection, and serves other peers afterwards',
  ],
  [answers({}), 'one answer'],
  [answers(), 'one answer with a SubmitResponse as its payload'],
  [answers({ types: [1] }), 'one answer of type 1'],
  [answers({ frames: [2] }), '2 answers'],
  [answers({ frames: [1, 2] }), '1 or 2 answers'],
  [answers({ frames: [1, 2, 3] }), '1 to 3 answers'],
  [
    answersSome([taskId(1), taskId(2), taskId(3)]),
    '1 to 3 answers with the task_ids of as many requests, the first one among them',
  ],
  [rejects(), 'one answer with the integer status 400'],
  [accepts(), 'one answer with the integer status 200 and the task_id of the request'],
  [
    answers({ types: [1, 2], statuses: [200, 400], taskId: taskId(2), message: 'string', withinMs: 1000 }),
    'one answer of type 1 or 2 with the integer status 200 or 400, the second task_id that was sent and a string as its message, within 1000 ms',
  ],
  [
    answers({ taskId: text(''), message: 'not-empty' }),
    'one answer with an empty task_id and a message that is not empty',
  ],
];

t.test('each outcome is a phrase after "expected:"', async (t) => {
  for (const [outcome, words] of WORDS) t.equal(describeOutcome(outcome), words);
});
