/** The protocol's timeouts (L1, L3, T6). Each scenario waits one out, so they are only played when asked for. */

import { quoted, slice, statusUpdate, string, submit, taskId } from '../scenario/bytes.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { closes, NOT_ANSWERED, pause, send, silent } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

/** A timeout of a minute, and an interval between two sweeps of the deployed implementation and half of one (L4). */
const OVERDUE_MS = 75_000;
/** Short of a minute by more than a plant, a connection and a clock take. */
const IN_TIME_MS = 50_000;
/** Longer than most servers leave a peer in the middle of a request. */
const IDLE_MS = 65_000;

const TASK = taskId();
const NOBODY = quoted(taskId(2));

/** A received task that nobody accepts, beside an update of a task that there is not. */
function unaccepted(
  id: string,
  ms: number,
): Pick<Scenario, 'id' | 'steps' | 'accept' | 'control' | 'planted' | 'storeAt' | 'slow'> {
  return {
    id: `timeouts/${id}`,
    steps: [send(statusUpdate({ task_id: NOBODY }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [{ side: 'received', taskId: TASK, status: 'NEW' }],
    storeAt: { afterMs: ms },
    slow: true,
  };
}

/** A submitted task that is accepted, and of which nothing is heard any more. */
function stalled(
  id: string,
  ms: number,
): Pick<Scenario, 'id' | 'steps' | 'accept' | 'control' | 'planted' | 'storeAt' | 'slow'> {
  return {
    id: `timeouts/${id}`,
    steps: [send(statusUpdate({ status: string('ACCEPTED') }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [{ side: 'submitted', taskId: TASK, status: 'NEW' }],
    storeAt: { afterMs: ms },
    slow: true,
  };
}

const SWEEP_CAUSE = 'Nobody looks for tasks that are overdue, or only when the process starts.';
const EARLY_CAUSE = 'The timeout is shorter than documented, or counts from another time.';

export const timeoutScenarios: readonly Scenario[] = [
  {
    ...unaccepted('accept', OVERDUE_MS),
    clause: 'L1',
    // Any interval between two sweeps will do (L4).
    level: 'SHOULD',
    requirement: 'A received task that nobody accepts is CANCELLED soon after a minute.',
    store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: 'CANCELLED' } }],
    likelyCause: SWEEP_CAUSE,
  },
  {
    ...unaccepted('accept-times', OVERDUE_MS),
    clause: 'L3',
    level: 'SHOULD',
    requirement: 'A received task that is CANCELLED has accepted_at and time_idle_ms.',
    store: [
      {
        kind: 'task',
        side: 'received',
        taskId: TASK,
        fields: { status: 'CANCELLED' },
        present: ['accepted_at', 'time_idle_ms'],
      },
    ],
    likelyCause: 'Only accepting sets the times, and cancelling does not.',
  },
  {
    ...unaccepted('accept-not-early', IN_TIME_MS),
    control: 'timeouts/accept',
    clause: 'L1',
    // A receiver may well accept what it finds in its store.
    level: 'SHOULD',
    requirement: 'A received task that nobody accepts is still NEW after 50 seconds.',
    store: [{ kind: 'task', side: 'received', taskId: TASK, fields: { status: 'NEW' } }],
    likelyCause: EARLY_CAUSE,
  },
  {
    ...stalled('stall', OVERDUE_MS),
    clause: 'L1',
    level: 'SHOULD',
    requirement:
      'A submitted task of which nothing is heard is EXPIRED soon after a minute from its acceptance.',
    store: [{ kind: 'task', side: 'submitted', taskId: TASK, fields: { status: 'EXPIRED' } }],
    likelyCause: SWEEP_CAUSE,
  },
  {
    ...stalled('stall-not-early', IN_TIME_MS),
    clause: 'L1',
    level: 'MUST',
    requirement: 'A submitted task of which nothing is heard is still ACCEPTED after 50 seconds.',
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
      requirement: `A peer that falls silent inside a ${name} is closed within about a minute, or kept.`,
      steps: [send(bytes), pause(IDLE_MS)],
      accept: [closes(), silent()],
      control: ANSWERED,
      slow: true,
      likelyCause: 'What a peer has left unfinished is processed when the time is over.',
    }),
  ),
];
