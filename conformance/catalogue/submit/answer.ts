/** A legal SUBMIT and its one answer, field by field (S1–S4, S8). */

import { concat, KiB, quoted, repeat, string, submit, taskId } from '../../scenario/bytes.ts';
import type { AnswerOutcome, Scenario } from '../../scenario/scenario.ts';
import { answers, fin, send } from '../../scenario/steps.ts';

/** The control of whatever differs from a legal SUBMIT. */
export const ANSWERED = 'submit/answered-once';

/** One legal SUBMIT, looked at clause by clause, so that a report names the very sentence that broke. */
function legal(
  name: string,
  clause: string,
  level: Scenario['level'],
  requirement: string,
  conditions: Omit<AnswerOutcome, 'kind'>,
  likelyCause: string,
): Scenario {
  return {
    id: `submit/${name}`,
    clause,
    level,
    requirement,
    steps: [send(submit())],
    accept: [answers(conditions)],
    ...(name !== 'answered-once' && { control: ANSWERED }),
    likelyCause,
  };
}

export const submitAnswer: readonly Scenario[] = [
  legal(
    'answered-once',
    'S1',
    'MUST',
    'A legal SUBMIT gets exactly one frame back, a SubmitResponse, of type 1 or 2 and no other.',
    { types: [1, 2], isResponse: true },
    'No answer is written before the connection is closed, or more than one is.',
  ),
  legal(
    'answer-type',
    'S1',
    'SHOULD',
    'The answer to a SUBMIT is a frame of type 1.',
    { types: [1] },
    'The answer is sent as type 2, the type of the older result message.',
  ),
  legal(
    'status',
    'S2',
    'MUST',
    "The answer's status is the integer 200 or the integer 400.",
    { statuses: [200, 400] },
    'The status is written as a string or a float, or another code is used.',
  ),
  legal(
    'task-id-echoed',
    'S3',
    'MUST',
    "The answer's task_id is a string that equals the request's.",
    { taskId: taskId() },
    'The receiver makes up an id of its own, or shares one answer between connections.',
  ),
  legal(
    'message',
    'S4',
    'MUST',
    "The answer's message is a string.",
    { message: 'string' },
    'The field is left out when it is empty, or is null.',
  ),
  legal(
    'message-not-empty',
    'S4',
    'SHOULD',
    "The answer's message is not empty.",
    { message: 'not-empty' },
    'No reason is given for the decision.',
  ),
  legal(
    'answer-within-1s',
    'S8',
    'SHOULD',
    'The answer comes within one second.',
    { withinMs: 1000 },
    'The receiver works on the task before it answers.',
  ),
  legal(
    'answer-within-deadline',
    'S8',
    'MUST',
    'The answer comes within the documented deadline of 5 seconds.',
    { withinMs: 5000 },
    'The receiver works on the task before it answers.',
  ),
  {
    id: 'submit/half-close',
    clause: 'T4',
    level: 'SHOULD',
    requirement: 'A sender that shuts down its sending side behind a complete frame still gets its answer.',
    steps: [send(submit()), fin()],
    accept: [answers()],
    control: ANSWERED,
    likelyCause: 'The end of the stream closes the connection before the answer is written.',
  },
  {
    id: 'submit/same-id-twice',
    clause: 'S3',
    level: 'MUST',
    requirement: 'A SUBMIT is answered with its id also if the same SUBMIT stands right behind it.',
    steps: [send(concat(submit(), submit()))],
    accept: [answers({ frames: [1, 2], taskId: taskId() })],
    control: ANSWERED,
    likelyCause: 'The second SUBMIT of an id, which a receiver may reject, costs the first one its answer.',
  },
  {
    id: 'submit/empty-fields',
    clause: 'S1',
    level: 'MUST',
    requirement:
      'A SUBMIT with an empty description and empty addresses is legal, and answered with 200 or 400.',
    steps: [send(submit({ task_description: string(''), from_addr: string(''), to_addr: string('') }))],
    accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: taskId() })],
    control: ANSWERED,
    likelyCause:
      'An empty field is taken for a missing one, and the connection closed instead of 400 answered.',
  },
  {
    id: 'submit/long-addresses',
    clause: 'S1',
    level: 'MUST',
    requirement: 'A SUBMIT with addresses of 64 KiB, which no clause bounds, is answered with 200 or 400.',
    steps: [
      send(submit({ from_addr: quoted(repeat('a', 64 * KiB)), to_addr: quoted(repeat('b', 64 * KiB)) })),
    ],
    accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: taskId() })],
    control: ANSWERED,
    likelyCause: 'A buffer of a fixed size holds the message.',
  },
];
