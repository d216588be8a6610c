import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { TASK_STATUSES, type TaskStatus } from '../protocol/constants.ts';
import { TransitionError } from '../protocol/errors.ts';
import { fromUnixMs, type Instant, parseTime } from '../protocol/time.ts';
import { isFinal } from './state-machine.ts';
import {
  accept,
  applyStatusUpdate,
  cancel,
  complete,
  decline,
  execute,
  expire,
  newTaskFile,
  stage,
  succeed,
} from './task.ts';
import { marshalTaskFile, type TaskFile, unmarshalTaskFile } from './task-file.ts';

const START_MS = Date.UTC(2026, 0, 2);
const START = fromUnixMs(START_MS);
const TASK = newTaskFile({ taskId: 'id', taskDescription: 'd', from: 'a', to: 'b' }, START);
const OUTCOME = { resultType: 'text', results: 'ok' } as const;

interface Transition {
  readonly from: TaskStatus;
  readonly to: TaskStatus;
  readonly run: (task: TaskFile, justification: string, now: Instant) => TaskFile;
}

/** The model: the status before each step and the status after it. */
const TRANSITIONS: readonly Transition[] = [
  { from: 'NEW', to: 'ACCEPTED', run: accept },
  { from: 'NEW', to: 'DECLINED', run: decline },
  { from: 'NEW', to: 'CANCELLED', run: cancel },
  { from: 'ACCEPTED', to: 'ACCEPTED', run: (task, _, now) => stage(task, now) },
  { from: 'ACCEPTED', to: 'EXECUTING', run: execute },
  { from: 'ACCEPTED', to: 'EXPIRED', run: expire },
  { from: 'EXECUTING', to: 'COMPLETED', run: complete },
  { from: 'COMPLETED', to: 'SUCCEEDED', run: (task) => succeed(task, OUTCOME, 'receiver') },
];

/** One step of a random walk. `legal` picks among the legal steps, because few walks of any steps would go far. */
interface WalkStep {
  readonly pick: number;
  readonly legal: boolean;
  readonly elapsedMs: number;
}

const walks = fc.array(
  fc.record({ pick: fc.nat(), legal: fc.boolean(), elapsedMs: fc.integer({ min: -5000, max: 90_000 }) }),
  { maxLength: 14 },
);

function transitionOf({ pick, legal }: WalkStep, status: TaskStatus): Transition | undefined {
  const permitted = TRANSITIONS.filter(({ from }) => from === status);
  const choice = legal && permitted.length > 0 ? permitted : TRANSITIONS;
  return choice[pick % choice.length];
}

/** The times of a task in the order in which its life sets them. */
function timesOf(task: TaskFile): readonly Instant[] {
  const { createdAt, acceptedAt, stagedAt, executeStartedAt, completedAt } = task;
  return [createdAt, acceptedAt, stagedAt, executeStartedAt, completedAt].flatMap((time) =>
    time === undefined ? [] : [parseTime(time)],
  );
}

/** Makes the steps of a walk, compares each with the model, and returns the task after each. */
function tasksAlong(walk: readonly WalkStep[]): readonly TaskFile[] {
  const stops = [TASK];
  let task = TASK;
  let status: TaskStatus = 'NEW';
  let clockMs = 0;
  for (const stride of walk) {
    const step = transitionOf(stride, status);
    if (step === undefined) break;
    clockMs += stride.elapsedMs;
    try {
      task = step.run(Object.freeze({ ...task }), 'j', fromUnixMs(START_MS + clockMs));
      equal(status, step.from, 'an illegal step succeeded');
      status = step.to;
    } catch (error) {
      if (!(error instanceof TransitionError)) throw error;
      ok(status !== step.from, 'a legal step was refused');
      equal(error.from, status);
    }
    equal(task.status, status);
    stops.push(task);
  }
  return stops;
}

t.test('every random walk through the life cycle agrees with the model', (t) => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(walks, (walk) => {
      const stops = tasksAlong(walk);
      stops.forEach((task, index) => {
        reached.add(task.status);
        const previous = stops[index - 1] ?? TASK;
        if (isFinal(previous.status)) deepEqual(task, previous, 'a task in a final status does not change');
        for (const [key, value] of Object.entries(previous)) {
          const kept = key === 'status' || key === 'statusJustification' || Reflect.get(task, key) === value;
          ok(kept, `${key} was set before and has changed`);
        }
        for (const ms of [task.timeIdleMs, task.timeStagedMs, task.timeCpuMs]) {
          ok(
            ms === undefined || (Number.isSafeInteger(ms) && ms >= 0),
            'a duration is a whole number and not negative',
          );
        }
        const bytes = marshalTaskFile(task);
        deepEqual(marshalTaskFile(unmarshalTaskFile(bytes)), bytes, 'the file holds every field');
      });
    }),
    { numRuns: 1000 },
  );
  t.same([...reached].sort(), [...TASK_STATUSES].sort(), 'the walks reached every status');
  t.end();
});

t.test('when the clock runs forward, times are in order and durations fit between them', (t) => {
  fc.assert(
    fc.property(walks, (walk) => {
      const task =
        tasksAlong(walk.map((stride) => ({ ...stride, elapsedMs: Math.abs(stride.elapsedMs) }))).at(-1) ??
        TASK;
      const ms = timesOf(task).map(({ seconds, nanosecond }) => seconds * 1000 + nanosecond / 1e6);
      deepEqual(
        ms,
        ms.toSorted((a, b) => a - b),
      );
      const total = [task.timeIdleMs, task.timeStagedMs, task.timeCpuMs].reduce<number>(
        (sum, t) => sum + Number(t ?? 0),
        0,
      );
      ok(total <= (ms.at(-1) ?? 0) - (ms[0] ?? 0), 'the durations do not overlap');
    }),
  );
  t.end();
});

t.test('updates in any order never move the task of a submitter back', (t) => {
  const FINAL = 4;
  const progress: Readonly<Record<TaskStatus, number>> = {
    NEW: 0,
    ACCEPTED: 1,
    EXECUTING: 2,
    COMPLETED: 3,
    SUCCEEDED: FINAL,
    DECLINED: FINAL,
    CANCELLED: FINAL,
    EXPIRED: FINAL,
  };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TASK_STATUSES)), (updates) => {
      let task = TASK;
      let held: TaskStatus = 'NEW';
      for (const status of updates) {
        try {
          task = applyStatusUpdate(
            Object.freeze({ ...task }),
            { taskId: 'id', status, justification: 'j' },
            START,
          );
          ok(status === held ? progress[held] < FINAL : progress[status] > progress[held]);
          held = status;
        } catch (error) {
          if (!(error instanceof TransitionError)) throw error;
        }
        equal(task.status, held);
      }
      equal(
        held === 'NEW',
        updates.every((status) => status === 'NEW'),
        'from NEW, every update is accepted',
      );
    }),
  );
  t.end();
});
