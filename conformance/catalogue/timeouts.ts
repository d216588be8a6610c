/**
 * The timeouts of the protocol (L1, L3, T6). Each scenario waits for a minute or more, so it runs only on request.
 *
 * An implementation may look for overdue tasks every two minutes, or only when it uses a task (L4). So a status that must
 * change gets two minutes more than its timeout. A submitted task is then used by an update; no message uses a received
 * task, and the scenario is skipped if its status has not changed.
 */

import { slice, taskId } from '../scenario/bytes.ts';
import { quoted, statusUpdate, string, submit } from '../scenario/messages.ts';
import type { Scenario, Step, StoreCondition, StoreTime } from '../scenario/scenario.ts';
import { ANYTHING, closes, fin, NOT_ANSWERED, pause, send, silent } from '../scenario/steps.ts';
import { ANSWERED } from './submit/answer.ts';

/** The timeout of one minute; then two minutes until the sweep (L4), and time for the sweep itself. */
const OVERDUE: StoreTime = { fromMs: 60_000, untilMs: 210_000 };
/** The same for a task that is overdue from the beginning. */
const OVERDUE_AT_ONCE: StoreTime = { fromMs: 0, untilMs: 150_000 };
/** Less than one minute, with time for preloading the task, for connecting and for a difference between clocks. */
const IN_TIME: StoreTime = { afterMs: 50_000 };
/** The timeout of one minute plus one and a half sweep intervals of the deployed implementation (L4). */
const AFTER_SWEEP: StoreTime = { afterMs: 75_000 };
/** One and a half intervals of its sweeps of the queue. */
const AFTER_QUEUE_SWEEP: StoreTime = { afterMs: 45_000 };
/** Longer than the time for which most servers keep a connection that is idle inside a request. */
const IDLE_MS = 65_000;
/** Twice the timeout of the head of the queue. */
const STAGED_MS_AGO = 2 * 3_600_000;

const TASK = taskId();

/** One message. The connection then ends, because a target may serve one connection at a time. */
function message(bytes: Parameters<typeof send>[0]): readonly Step[] {
  return [send(bytes), pause(2000), fin()];
}

type Timeout = Pick<Scenario, 'steps' | 'accept' | 'control' | 'preloaded' | 'slow'>;

/** A received task. The only message sent is an update of an unknown task, which has no effect. */
function received(status: string, stagedMsAgo?: number): Timeout {
  return {
    steps: message(statusUpdate({ task_id: quoted(taskId(2)) })),
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [{ side: 'received', taskId: TASK, status, ...(stagedMsAgo && { stagedMsAgo }) }],
    slow: true,
  };
}

/** A submitted task that becomes ACCEPTED and then gets no result. */
const STALLED: Timeout = {
  steps: message(statusUpdate({ status: string('ACCEPTED') })),
  accept: NOT_ANSWERED,
  control: ANSWERED,
  preloaded: [{ side: 'submitted', taskId: TASK, status: 'NEW' }],
  slow: true,
};

function task(
  side: 'received' | 'submitted',
  status: string | readonly string[],
  present: readonly string[] = [],
): readonly StoreCondition[] {
  return [{ kind: 'task', side, taskId: TASK, fields: { status }, present }];
}

/** Statuses to which a receiver may move a task that it finds in its store. */
const DECIDED = ['ACCEPTED', 'DECLINED', 'EXECUTING', 'COMPLETED', 'SUCCEEDED'];
const NOT_SWEPT: Scenario['undecided'] = {
  store: task('received', ['NEW', ...DECIDED]),
  reason:
    'the target left the task alone, as one does that looks for overdue tasks only when it uses them (L4)',
};
const SWEEP_CAUSE = 'The code never checks for overdue tasks, or checks only when the process starts.';
const STATUS_CAUSE = 'The sweep sets another status, or writes the task incompletely.';
const EARLY_CAUSE = 'The timeout is shorter than documented, or is counted from another time.';

export const timeoutScenarios: readonly Scenario[] = [
  {
    ...received('NEW'),
    id: 'timeouts/accept',
    clause: 'L1',
    // SHOULD, because the interval between two sweeps is free (L4).
    level: 'SHOULD',
    requirement:
      'A receiver that looks for overdue tasks sets a received task that has been NEW for over one minute to CANCELLED.',
    store: task('received', 'CANCELLED'),
    storeAt: OVERDUE,
    undecided: NOT_SWEPT,
    likely: [{ when: ['stored status'], cause: STATUS_CAUSE }],
  },
  {
    ...received('NEW'),
    id: 'timeouts/accept-times',
    clause: 'L3',
    level: 'SHOULD',
    requirement:
      'A receiver sets accepted_at and time_idle_ms of a received task when it sets the task to CANCELLED.',
    store: task('received', 'CANCELLED', ['accepted_at', 'time_idle_ms']),
    storeAt: OVERDUE,
    undecided: NOT_SWEPT,
    likely: [
      {
        when: ['stored accepted_at', 'stored time_idle_ms'],
        cause: 'Only accepting a task sets these fields, and cancelling it does not.',
      },
      { when: ['stored status'], cause: STATUS_CAUSE },
    ],
  },
  {
    ...received('NEW'),
    control: 'timeouts/accept',
    id: 'timeouts/accept-not-early',
    clause: 'L1',
    // SHOULD, because a receiver may accept a task that it finds in its store.
    level: 'SHOULD',
    requirement:
      'A receiver keeps a received task that it does not accept in state NEW for at least 50 seconds.',
    store: task('received', 'NEW'),
    storeAt: IN_TIME,
    undecided: {
      store: task('received', DECIDED),
      reason: 'the target accepted or declined the task itself',
    },
    likely: [{ when: ['stored status'], cause: EARLY_CAUSE }],
  },
  {
    ...STALLED,
    id: 'timeouts/stall',
    clause: 'L1',
    level: 'SHOULD',
    requirement:
      'A submitter sets a submitted task that has been ACCEPTED for over one minute without a result to EXPIRED, in a sweep or before it applies a later update.',
    store: task('submitted', 'EXPIRED'),
    storeAt: OVERDUE,
    // Not to EXECUTING, which a submitter may apply to a task that it has expired.
    access: message(statusUpdate({ status: string('ACCEPTED'), justification: string('Again') })),
    likely: [{ when: ['stored status'], cause: SWEEP_CAUSE }],
  },
  {
    ...STALLED,
    id: 'timeouts/stall-not-early',
    clause: 'L1',
    level: 'MUST',
    requirement:
      'A submitter keeps a submitted task without a result in state ACCEPTED for at least 50 seconds.',
    store: task('submitted', 'ACCEPTED'),
    storeAt: IN_TIME,
    likely: [{ when: ['stored status'], cause: EARLY_CAUSE }],
  },
  {
    ...STALLED,
    steps: message(submit()),
    accept: ANYTHING,
    control: 'status/store-executing',
    preloaded: [{ side: 'submitted', taskId: TASK, status: 'EXECUTING' }],
    id: 'timeouts/own-id-submitted',
    clause: 'L1',
    level: 'MUST',
    requirement:
      'A submitter does not cancel a submitted task after a peer has submitted a task with the same id, which it does not accept.',
    // EXPIRED, because a submitter may give up waiting for the results.
    store: task('submitted', ['EXECUTING', 'EXPIRED']),
    storeAt: AFTER_SWEEP,
    likely: [
      {
        when: ['stored status'],
        cause:
          'The accept timeout of the received task is applied to the submitted task with the same id as well.',
      },
    ],
  },
  {
    ...received('ACCEPTED', STAGED_MS_AGO),
    id: 'timeouts/queue-head',
    clause: 'L1',
    level: 'SHOULD',
    requirement:
      'A receiver that looks for overdue tasks sets an ACCEPTED task that has been the head of the queue for two hours to EXPIRED.',
    store: task('received', 'EXPIRED'),
    storeAt: OVERDUE_AT_ONCE,
    undecided: {
      store: task('received', DECIDED),
      reason: 'the target did not take the task for the head of its queue, which it may keep in memory (L2)',
    },
    likely: [{ when: ['stored status'], cause: STATUS_CAUSE }],
  },
  {
    ...received('SUCCEEDED', STAGED_MS_AGO),
    control: 'timeouts/queue-head',
    id: 'timeouts/queue-finished',
    clause: 'L1',
    // SHOULD, as its control.
    level: 'SHOULD',
    requirement:
      'A receiver does not change the status of a SUCCEEDED task that was the head of the queue two hours ago.',
    store: task('received', 'SUCCEEDED'),
    storeAt: AFTER_QUEUE_SWEEP,
    likely: [
      {
        when: ['stored status'],
        cause: 'A finished task stays in the queue, and the sweep of the queue does not check its status.',
      },
    ],
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
      likely: [
        { when: ['answered'], cause: 'The incomplete frame is processed when the idle timeout has passed.' },
      ],
    }),
  ),
];
