/** SUBMITs with a field of another JSON type, of which nothing is stored (M4). */

import { DESCRIPTION, SUBMIT_FIELDS, submit } from '../../scenario/messages.ts';
import { FILE_CHANGED } from '../../scenario/mismatch-kind.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { NOT_ACCEPTED, send } from '../../scenario/steps.ts';
import { wrongForString } from '../../scenario/wrong-types.ts';
import { ANSWERED } from '../submit/answer.ts';

/** The table of the other ignored SUBMITs already has this scenario, as `store/nothing-of-wrong-type`. */
const ELSEWHERE = 'store/nothing-of-from-addr-number';

export const storeWrongTypes: readonly Scenario[] = Object.entries(SUBMIT_FIELDS)
  .flatMap(([field, legal]) =>
    wrongForString(legal).map(
      ([name, what, token]): Scenario => ({
        id: `store/nothing-of-${field.replaceAll('_', '-')}-${name}`,
        clause: 'M4',
        level: 'MUST',
        requirement: `A receiver leaves its store unchanged after a SUBMIT whose ${field} is ${what}.`,
        steps: [send(submit({ [field]: token }))],
        accept: NOT_ACCEPTED,
        control: ANSWERED,
        needs: 'keeping',
        store: [{ kind: 'unchanged', data: DESCRIPTION }],
        // A task whose id is lost has a file without an id, which no scenario at the same time may have made.
        ...(field === 'task_id' && { alone: true }),
        likely: [
          {
            when: ['accepted'],
            cause:
              'The decoder converts a value of another type to a string, or takes a falsy value as missing.',
          },
          {
            when: FILE_CHANGED,
            cause: 'The decoder converts the value, or the task is written before the message is checked.',
          },
        ],
      }),
    ),
  )
  .filter(({ id }) => id !== ELSEWHERE);
