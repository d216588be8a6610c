/** The one answer to a legal SUBMIT, field by field (S1–S4, S8, T4). */

import { ANSWER_WITHIN_MS } from '../../scenario/answer-deadline.ts';
import { concat, KiB, repeat, taskId } from '../../scenario/bytes.ts';
import { quoted, string, submit } from '../../scenario/messages.ts';
import { NO_ANSWER } from '../../scenario/mismatch-kind.ts';
import type { AnswerOutcome, LikelyCause, Scenario } from '../../scenario/scenario.ts';
import { answers, answersSome, fin, pause, send } from '../../scenario/steps.ts';

/** The control of every scenario that differs from a legal SUBMIT. */
export const ANSWERED = 'submit/answered-once';

/** One legal SUBMIT with one condition on its answer, so that a report names the one requirement that failed. */
function legal(
  name: string,
  clause: string,
  level: Scenario['level'],
  requirement: string,
  conditions: Omit<AnswerOutcome, 'kind'>,
  likely: readonly LikelyCause[],
): Scenario {
  return {
    id: `submit/${name}`,
    clause,
    level,
    requirement,
    steps: [send(submit())],
    accept: [answers(conditions)],
    ...(name !== 'answered-once' && { control: ANSWERED }),
    likely,
  };
}

export const submitAnswer: readonly Scenario[] = [
  legal(
    'answered-once',
    'S1',
    'MUST',
    'A receiver answers a legal SUBMIT with exactly one frame: a SubmitResponse of type 1 or 2.',
    { types: [1, 2], isResponse: true },
    [
      {
        when: ['no answer, closed'],
        cause:
          'The connection is closed before the answer is written, or an error occurs while the message is handled.',
      },
      {
        when: ['no answer, open'],
        cause:
          'The header is read wrongly, such as in another byte order, so that the receiver waits for more bytes.',
      },
    ],
  ),
  legal(
    'answer-type',
    'S1',
    'SHOULD',
    'A receiver answers a SUBMIT with a frame of type 1.',
    { types: [1] },
    [
      {
        when: ['frame type'],
        cause:
          'The answer is written with the type of another message, such as 2, the type of the legacy RESULT.',
      },
    ],
  ),
  legal(
    'status',
    'S2',
    'MUST',
    'A receiver sets the status of its answer to the integer 200 or the integer 400.',
    { statuses: [200, 400] },
    [],
  ),
  legal(
    'task-id-echoed',
    'S3',
    'MUST',
    'A receiver returns the task_id of the request in its answer, as an equal string.',
    { taskId: taskId() },
    [
      {
        when: ['task_id wrong value'],
        cause:
          'The receiver generates a new id or changes the id, or several connections share one response object.',
      },
    ],
  ),
  legal(
    'message',
    'S4',
    'MUST',
    'A receiver sends a string as the message of its answer.',
    { message: 'string' },
    [
      {
        when: ['message missing', 'message wrong type'],
        cause: 'The message is omitted when it is empty, or is encoded as null.',
      },
    ],
  ),
  legal(
    'message-not-empty',
    'S4',
    'SHOULD',
    'A receiver sends an answer whose message is not empty.',
    { message: 'not-empty' },
    [
      {
        when: ['message missing', 'message wrong value'],
        cause: 'The answer is built without a reason for the decision.',
      },
    ],
  ),
  legal(
    'answer-within-1s',
    'S8',
    'SHOULD',
    'A receiver answers a SUBMIT within 1 second.',
    { withinMs: 1000 },
    [
      {
        when: ['late', 'no answer, open'],
        cause: 'The receiver executes the task before it answers.',
      },
    ],
  ),
  legal(
    'answer-within-deadline',
    'S8',
    'MUST',
    'A receiver answers a SUBMIT within 5 seconds, or within the deadline of the run if that is longer.',
    { withinMs: ANSWER_WITHIN_MS },
    [
      {
        when: ['late', 'no answer, open'],
        cause: 'The receiver executes the task before it answers.',
      },
    ],
  ),
  {
    id: 'submit/half-close',
    clause: 'T4',
    level: 'SHOULD',
    requirement: 'A receiver answers a complete SUBMIT even if the sender has shut down its sending side.',
    steps: [send(submit()), fin()],
    accept: [answers()],
    control: ANSWERED,
    likely: [
      {
        when: ['no answer, closed'],
        cause: 'The receiver closes the connection at the end of the stream, before the answer is written.',
      },
    ],
  },
  {
    id: 'submit/answered-once-later',
    clause: 'S1',
    level: 'MUST',
    requirement:
      'A receiver sends nothing after its answer for 2 seconds, while the sender keeps the connection open.',
    steps: [send(submit()), pause(2000)],
    accept: [answers()],
    control: ANSWERED,
    likely: [
      {
        when: ['number of frames'],
        cause: 'The result of the task is sent as a second frame on the connection of its SUBMIT.',
      },
    ],
  },
  {
    id: 'submit/same-id-twice',
    clause: 'S3',
    level: 'MUST',
    requirement:
      'A receiver answers a SUBMIT with its task_id even if an identical SUBMIT follows immediately.',
    steps: [send(concat(submit(), submit()))],
    accept: [answersSome([taskId(), taskId()])],
    control: ANSWERED,
    likely: [
      {
        when: NO_ANSWER,
        cause:
          'The receiver rejects the second SUBMIT as a duplicate, and discards the answer to the first one.',
      },
    ],
  },
  {
    id: 'submit/empty-fields',
    clause: 'S1',
    level: 'MUST',
    requirement:
      'A receiver answers 200 or 400 to a SUBMIT whose description and addresses are empty strings.',
    steps: [send(submit({ task_description: string(''), from_addr: string(''), to_addr: string('') }))],
    accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: taskId() })],
    control: ANSWERED,
    likely: [
      {
        when: ['no answer, closed'],
        cause: 'The receiver treats an empty field as an error, and closes the connection without an answer.',
      },
    ],
  },
  {
    id: 'submit/long-addresses',
    clause: 'S1',
    level: 'MUST',
    requirement:
      'A receiver answers 200 or 400 to a SUBMIT with addresses of 64 KiB, since no clause limits their length.',
    steps: [
      send(submit({ from_addr: quoted(repeat('a', 64 * KiB)), to_addr: quoted(repeat('b', 64 * KiB)) })),
    ],
    accept: [answers({ types: [1, 2], statuses: [200, 400], taskId: taskId() })],
    control: ANSWERED,
    likely: [{ when: [...NO_ANSWER, 'died'], cause: 'The message is read into a buffer of a fixed size.' }],
  },
];
