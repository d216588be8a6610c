import t from 'tap';
import type { TaskFileVector } from '../../conformance/vectors/build/vector.ts';
import { TASK_STATUSES } from '../protocol/constants.ts';
import { TransitionError } from '../protocol/errors.ts';
import { fromUnixMs, type Instant, parseTime } from '../protocol/time.ts';
import { vectors } from '../testing/vectors.ts';
import { isFinal } from './state-machine.ts';
import {
  accept,
  applyStatusUpdate,
  calculateTimeCpu,
  calculateTimeIdle,
  calculateTimeStaged,
  cancel,
  complete,
  decline,
  execute,
  isAcceptedStalled,
  isExpiredForAccept,
  isExpiredInQueue,
  newTaskFile,
  stage,
  succeed,
  timeSinceCreation,
  timeSinceStaged,
} from './task.ts';
import { marshalTaskFile, type TaskFile } from './task-file.ts';

const START = parseTime('2026-01-02T03:04:05Z');
const TASK = newTaskFile({ taskId: 'id', taskDescription: 'd', from: 'a', to: 'b' }, START);
const ACCEPTED = accept(TASK, 'yes', START);
const OUTCOME = { resultType: 'text', results: 'ok\n' } as const;

const after = (ms: number, nanosecond = 0): Instant => {
  const { seconds, nanosecond: ofMs } = fromUnixMs(START.seconds * 1000 + ms);
  return { seconds, nanosecond: ofMs + nanosecond };
};

t.test('a new task and a succeeded task have the files of the vectors', (t) => {
  const textOf = (id: string) =>
    vectors<TaskFileVector>('vectors/task-files').find((vector) => vector.id === id)?.text;
  const text = (task: TaskFile) => Buffer.from(marshalTaskFile(task)).toString();
  const fresh = {
    taskId: 'id',
    taskDescription: 'd <&> \u2028',
    from: '0:0000.0000.0001',
    to: '0:0000.0000.0002',
  };
  t.equal(text(newTaskFile(fresh, parseTime('2026-01-02T03:04:05.123456789Z'))), textOf('task-files-new'));

  const staged = stage(accept(TASK, '', after(1000)), after(2000));
  const completed = complete(execute(staged, '', after(3000)), '', after(63_000));
  t.equal(text(succeed(completed, OUTCOME, 'receiver')), textOf('task-files-succeeded'));
  t.end();
});

t.test('accept, decline and cancel set acceptedAt and timeIdleMs (L3)', (t) => {
  for (const [step, status] of [
    [accept, 'ACCEPTED'],
    [decline, 'DECLINED'],
    [cancel, 'CANCELLED'],
  ] as const) {
    const task = step(TASK, 'because', after(1234, 999_999));
    t.strictSame(task, {
      ...TASK,
      status,
      statusJustification: 'because',
      acceptedAt: '2026-01-02T03:04:06.234999999Z',
      timeIdleMs: 1234,
    });
  }
  t.end();
});

t.test('only an ACCEPTED task becomes the head of the queue, and only once (L2)', (t) => {
  t.throws(() => stage(TASK, START), { name: 'TransitionError', from: 'NEW', to: 'staged' });
  const staged = stage(ACCEPTED, after(1000));
  t.equal(staged.stagedAt, '2026-01-02T03:04:06Z');
  t.equal(stage(staged, after(2000)).stagedAt, '2026-01-02T03:04:06Z');
  t.equal(
    execute(ACCEPTED, '', START).timeStagedMs,
    undefined,
    'a task that was never staged has no staged time',
  );
  t.end();
});

t.test(
  'a submitter succeeds from any status that is not final, a receiver only from COMPLETED (L1, R6)',
  (t) => {
    for (const status of TASK_STATUSES) {
      const task = { ...TASK, status };
      const refused = { name: 'TransitionError', from: status, to: 'SUCCEEDED' };
      if (status === 'COMPLETED')
        t.match(succeed(task, OUTCOME, 'receiver'), { ...OUTCOME, status: 'SUCCEEDED' });
      else t.throws(() => succeed(task, OUTCOME, 'receiver'), refused);
      if (isFinal(status) && status !== 'SUCCEEDED') t.throws(() => succeed(task, OUTCOME), refused);
      else t.match(succeed(task, OUTCOME), { ...OUTCOME, status: 'SUCCEEDED' });
    }
    t.throws(() => succeed(succeed(TASK, OUTCOME), OUTCOME), TransitionError, 'results are delivered once');
    t.end();
  },
);

t.test('an update sets status and justification; ACCEPTED sets acceptedAt if it is not set (U2, U3)', (t) => {
  const update = (status: string, justification = 'j') => ({ taskId: 'id', status, justification });
  const accepted = applyStatusUpdate(TASK, update('ACCEPTED'), after(1000));
  t.strictSame(accepted, {
    ...TASK,
    status: 'ACCEPTED',
    statusJustification: 'j',
    acceptedAt: '2026-01-02T03:04:06Z',
  });
  const again = applyStatusUpdate(accepted, update('ACCEPTED', 'still'), after(2000));
  t.strictSame(again, { ...accepted, statusJustification: 'still' }, 'repeated: the time stays');
  t.equal(applyStatusUpdate(TASK, update('EXECUTING'), START).acceptedAt, undefined);
  t.throws(() => applyStatusUpdate(TASK, update('LOST'), START), {
    name: 'TransitionError',
    from: 'NEW',
    to: 'LOST',
  });
  t.throws(() => applyStatusUpdate({ ...TASK, status: 'LOST' }, update('LOST'), START), TransitionError);
  t.throws(
    () => applyStatusUpdate(applyStatusUpdate(TASK, update('EXECUTING'), START), update('ACCEPTED'), START),
    {
      name: 'TransitionError',
      from: 'EXECUTING',
      to: 'ACCEPTED',
    },
  );
  const expired = applyStatusUpdate(accepted, update('EXPIRED'), START);
  t.throws(() => applyStatusUpdate(expired, update('EXPIRED'), START), TransitionError, 'final');
  t.end();
});

t.test('each timeout has an inclusive bound and applies to one status (L1)', (t) => {
  const timeouts = [
    { expired: isExpiredForAccept, status: 'NEW', field: 'createdAt', ms: 60_000 },
    { expired: isExpiredInQueue, status: 'ACCEPTED', field: 'stagedAt', ms: 3_600_000 },
    { expired: isAcceptedStalled, status: 'ACCEPTED', field: 'acceptedAt', ms: 60_000 },
  ] as const;
  for (const { expired, status, field, ms } of timeouts) {
    const task = { ...TASK, status, [field]: '2026-01-02T03:04:05Z' };
    t.notOk(expired(task, after(ms)), `${field}: exactly the bound`);
    t.ok(expired(task, after(ms, 1)), `${field}: one nanosecond more`);
    t.notOk(expired(task, after(-ms - 1)), `${field}: clock set back`);
    for (const time of ['', 'yesterday', '2026-01-02']) {
      t.notOk(expired({ ...task, [field]: time }, after(ms * 2)), `${field}: ${JSON.stringify(time)}`);
    }
    for (const other of TASK_STATUSES.filter((other) => other !== status)) {
      t.notOk(expired({ ...task, status: other }, after(ms * 2)), `${field}: ${other}`);
    }
  }
  t.notOk(isExpiredInQueue(ACCEPTED, after(7_200_000)), 'it never became the head');
  t.end();
});

t.test('a duration needs its beginning, sets its end, and is never negative', (t) => {
  const times = {
    createdAt: '2026-01-02T03:04:05Z',
    stagedAt: '2026-01-02T04:04:05+01:00',
    executeStartedAt: '2026-01-02T03:04:05,0Z',
  };
  const task = { ...TASK, ...times };
  const calculations = [
    [calculateTimeIdle, 'createdAt', 'timeIdleMs', 'acceptedAt'],
    [calculateTimeStaged, 'stagedAt', 'timeStagedMs', 'executeStartedAt'],
    [calculateTimeCpu, 'executeStartedAt', 'timeCpuMs', 'completedAt'],
  ] as const;
  for (const [calculate, since, field, end] of calculations) {
    t.strictSame(calculate(task, after(1500)), { ...task, [field]: 1500, [end]: '2026-01-02T03:04:06.5Z' });
    const back = { ...task, [field]: 0, [end]: '2026-01-02T03:04:03.5Z' };
    t.strictSame(calculate(task, after(-1500)), back, 'clock set back');
    const broken = { ...task, [since]: 'soon' };
    t.equal(calculate(broken, START), broken, 'malformed: the task is unchanged');
  }
  t.equal(calculateTimeStaged(TASK, START), TASK, 'missing: the task is unchanged');
  t.equal(calculateTimeCpu(TASK, START), TASK, 'missing: the task is unchanged');
  t.end();
});

t.test('time since creation and since the head of the queue', (t) => {
  t.equal(timeSinceCreation(TASK, after(1500, 999_999)), 1500);
  t.equal(timeSinceCreation(TASK, after(-1500)), -1500);
  t.equal(timeSinceStaged(stage(ACCEPTED, START), after(7)), 7);
  t.throws(() => timeSinceCreation({ ...TASK, createdAt: 'now' }, START), { code: 'malformed-time' });
  t.throws(() => timeSinceStaged(ACCEPTED, START), { code: 'malformed-time' });
  t.end();
});
