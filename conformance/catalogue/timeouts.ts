/** The timeouts of the protocol (L1, L3, T6). Each scenario waits for about a minute, so it runs only on request. */

import { slice, taskId } from '../scenario/bytes.ts';
import { quoted, statusUpdate, string, submit } from '../scenario/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { closes, NOT_ANSWERED, pause, send, silent } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

/** The timeout of one minute plus one and a half sweep intervals of the deployed implementation (L4). */
const OVERDUE_MS = 75_000;
/** Less than one minute, with time for preloading the task, for connecting and for a difference between clocks. */
const IN_TIME_MS = 50_000;
/** Longer than the time for which most servers keep a connection that is idle inside a request. */
const IDLE_MS = 65_000;

const TASK = taskId();
const UNKNOWN_TASK = quoted(taskId(2));

/** A received task that stays NEW. The only message sent is an update of an unknown task, which has no effect. */
function unaccepted(
  id: string,
  ms: number,
): Pick<Scenario, 'id' | 'steps' | 'accept' | 'control' | 'preloaded' | 'storeAt' | 'slow'> {
  return {
    id: `timeouts/${id}`,
    steps: [send(statusUpdate({ task_id: UNKNOWN_TASK }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [{ side: 'received', taskId: TASK, status: 'NEW' }],
    storeAt: { afterMs: ms },
    slow: true,
  };
}

/** A submitted task that becomes ACCEPTED and then gets no update and no result. */
function stalled(
  id: string,
  ms: number,
): Pick<Scenario, 'id' | 'steps' | 'accept' | 'control' | 'preloaded' | 'storeAt' | 'slow'> {
  return {
    id: `timeouts/${id}`,
    steps: [send(statusUpdate({ status: string('ACCEPTED') }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [{ side: 'submitted', taskId: TASK, status: 'NEW' }],
    storeAt: { afterMs: ms },
    slow: true,
  };
}

const SWEEP_CAUSE = 'The code never checks for overdue tasks, or checks only when the process starts.';
const EARLY_CAUSE = 'The timeout is shorter than documented, or is counted from another time.';

export const timeoutScenarios: readonly Scenario[] = [
  {
    ...unaccepted('accept', OVERDUE_MS),
    clause: 'L1',
    // SHOULD, because the interval between two sweeps is free (L4).
    level: 'SHOULD',
    requirement: 'A receiver sets a received task to CANCELLED soon after it has been NEW for one minute.',
    store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: 'CANCELLED' } }],
    likelyCause: SWEEP_CAUSE,
  },
  {
    ...unaccepted('accept-times', OVERDUE_MS),
    clause: 'L3',
    level: 'SHOULD',
    requirement:
      'A receiver sets accepted_at and time_idle_ms of a received task when it sets the task to CANCELLED.',
    store: [
      {
        kind: 'task',
        side: 'received',
        taskId: TASK,
        fields: { status: 'CANCELLED' },
        present: ['accepted_at', 'time_idle_ms'],
      },
    ],
    likelyCause: 'Only accepting a task sets these fields, and cancelling it does not.',
  },
  {
    ...unaccepted('accept-not-early', IN_TIME_MS),
    control: 'timeouts/accept',
    clause: 'L1',
    // SHOULD, because a receiver may accept a task that it finds in its store.
    level: 'SHOULD',
    requirement:
      'A receiver keeps a received task that it does not accept in state NEW for at least 50 seconds.',
    store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: 'NEW' } }],
    likelyCause: EARLY_CAUSE,
  },
  {
    ...stalled('stall', OVERDUE_MS),
    clause: 'L1',
    level: 'SHOULD',
    requirement:
      'A submitter sets a submitted task to EXPIRED soon after it has been ACCEPTED for one minute without a result.',
    store: [{ kind: 'task', side: 'submitted', taskId: TASK, fields: { status: 'EXPIRED' } }],
    likelyCause: SWEEP_CAUSE,
  },
  {
    ...stalled('stall-not-early', IN_TIME_MS),
    clause: 'L1',
    level: 'MUST',
    requirement:
      'A submitter keeps a submitted task without a result in state ACCEPTED for at least 50 seconds.',
    store: [{ kind: 'task', side: 'submitted', taskId: TASK, fields: { status: 'ACCEPTED' } }],
    likelyCause: EARLY_CAUSE,
  },
  ...(
    [
      ['header', slice(submit(), 0, 4)],
      ['payload', slice(submit(), 0, 60)],
    ] as const
  ).map(
    ([name, bytes]): Scenario => ({
      id: `timeouts/idle-in-${name}`,
      clause: 'T6',
      level: 'MAY',
      requirement: `A receiver closes or keeps the connection, without an answer, when a peer has sent nothing for about a minute inside a ${name}.`,
      steps: [send(bytes), pause(IDLE_MS)],
      accept: [closes(), silent()],
      control: ANSWERED,
      slow: true,
      likelyCause: 'The incomplete frame is processed when the idle timeout has passed.',
    }),
  ),
];
