/** Section 7 of the protocol across a crash: what is stored after the process was killed (S9). */

import { taskId } from '../../scenario/bytes.ts';
import { submit } from '../../scenario/messages.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { accepts, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';

export const storeDurability: readonly Scenario[] = [
  {
    id: 'store/kept-after-kill',
    clause: 'S9',
    level: 'SHOULD',
    requirement:
      'A receiver has an accepted task in its store when its process is killed right after the answer of 200 and started again.',
    steps: [send(submit())],
    accept: [accepts()],
    needs: 'keeping',
    control: ANSWERED,
    // Any status, because the receiver may accept or decline the task when it starts again.
    store: [{ kind: 'task', side: 'received', taskId: taskId(), fields: {}, present: ['status'] }],
    storeAt: 'answer',
    kill: true,
    alone: true,
    heavy: true,
    likely: [
      {
        when: ['task file missing'],
        cause: 'The task is kept in memory when it is accepted, and written later or by another thread.',
      },
      {
        when: ['task file unreadable', 'stored status'],
        cause: 'The file is written in place, so that a kill leaves a part of it.',
      },
      { when: ['died'], cause: 'The process does not start again after it was killed.' },
    ],
  },
];
