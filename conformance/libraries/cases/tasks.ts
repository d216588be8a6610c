/** Task files and their times: creation, durations and timeouts. */

import { vectorFile } from '../../vectors/load.ts';
import { writtenValue } from '../pipe/field.ts';
import { type LibraryCase, levelOf, type Timeout } from './case.ts';
import { expectedFields, messageOf } from './messages.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const TASK = {
  task_id: '3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163',
  task_description: 'hello world',
  from: '0:0000.0000.0001',
  to: '0:0000.0000.0002',
};

/** RFC 3339 in UTC, with milliseconds. */
export function timeText(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** A task in this state, with times this number of milliseconds before the present. */
function taskBefore(
  nowMs: number,
  status: string,
  ages: Readonly<Record<string, number>>,
): Readonly<Record<string, string>> {
  const times = Object.entries(ages).map(([name, ms]) => [name, timeText(nowMs - ms)]);
  return {
    ...TASK,
    created_at: timeText(nowMs - 2 * HOUR),
    status,
    status_justification: '',
    ...Object.fromEntries(times),
  };
}

export function taskFileCases(): readonly LibraryCase[] {
  return vectorFile('vectors/task-files').vectors.flatMap((vector): LibraryCase[] => {
    const { id, clause, level, note, text } = vector;
    const slug = id.slice('task-files-'.length);
    const value = writtenValue(vector.value);
    const fields = () => expectedFields(messageOf('TaskFile'), vector.value);
    const facts = { clause, level: levelOf(level) };
    return [
      {
        id: `library-task-files/${slug}-written`,
        ...facts,
        requirement: `A library writes a task file with every required field and the exact values: ${note}`,
        op: 'marshal_task_file',
        args: () => ({ task: value }),
        input: JSON.stringify(value),
        expect: { kind: 'task-text', fields, canonical: text },
      },
      {
        id: `library-task-files/${slug}-read`,
        ...facts,
        requirement: `A library reads a task file, with the values that it holds: ${note}`,
        op: 'unmarshal_task_file',
        args: () => ({ text_base64: Buffer.from(text).toString('base64') }),
        input: text,
        expect: { kind: 'message', fields, payload: () => Buffer.from(text) },
      },
    ];
  });
}

export function newTaskCases(): readonly LibraryCase[] {
  const fresh = (slug: string, note: string, given: Partial<typeof TASK>): LibraryCase => ({
    id: `library-new-task/${slug}`,
    clause: 'L1',
    level: 'MUST',
    requirement: `A new task has the status NEW, the fields that were given, and the present time as created_at: ${note}`,
    op: 'new_task_file',
    args: (nowMs) => ({ ...TASK, ...given, now: timeText(nowMs) }),
    input: JSON.stringify({ ...TASK, ...given }),
    expect: { kind: 'new-task', fields: { ...TASK, ...given, status: 'NEW' } },
  });
  const exact = fresh('exact', 'created_at is the given time to the millisecond.', {});
  return [
    fresh('plain', 'an ordinary task.', {}),
    fresh('empty', 'every field is empty.', { task_id: '', task_description: '', from: '', to: '' }),
    fresh('unicode', 'a description beyond ASCII.', { task_description: 'é日🚀 <b>&amp;</b>' }),
    // L3 gives created_at a fraction, but not at the level MUST.
    {
      ...exact,
      ...{ clause: 'L3', level: 'SHOULD', needsClock: true },
      expect: { kind: 'new-task', fields: { ...TASK, status: 'NEW' }, isExact: true },
    },
  ];
}

const TIMEOUTS: Readonly<
  Record<Timeout, { readonly status: string; readonly since: string; readonly boundMs: number }>
> = {
  accept: { status: 'NEW', since: 'created_at', boundMs: MINUTE },
  queue: { status: 'ACCEPTED', since: 'staged_at', boundMs: HOUR },
  stalled: { status: 'ACCEPTED', since: 'accepted_at', boundMs: MINUTE },
};

/** Ages by their distance to the bound; those of less than some seconds need a library that takes the time. */
const DISTANCES: readonly (readonly [slug: string, words: string, ms: number])[] = [
  ['30s-below', '30 s below the bound', -30 * SECOND],
  ['10s-below', '10 s below the bound', -10 * SECOND],
  ['1s-below', '1 s below the bound', -SECOND],
  ['1ms-below', '1 ms below the bound', -1],
  ['at', 'at the bound, which is inclusive', 0],
  ['1ms-above', '1 ms above the bound', 1],
  ['1s-above', '1 s above the bound', SECOND],
  ['10s-above', '10 s above the bound', 10 * SECOND],
  ['50s-above', '50 s above the bound', 50 * SECOND],
];

const TOO_CLOSE_MS = 5 * SECOND;

export function expiryCases(): readonly LibraryCase[] {
  const bounds = (Object.keys(TIMEOUTS) as Timeout[]).flatMap((timeout) => {
    const { status, since, boundMs } = TIMEOUTS[timeout];
    return DISTANCES.map(([slug, words, ms]): LibraryCase => {
      const expired = ms > 0;
      const needsClock = Math.abs(ms) < TOO_CLOSE_MS;
      return {
        id: `library-expiry/${timeout}-${slug}`,
        clause: 'L1',
        level: 'MUST',
        requirement: `The ${timeout} timeout is ${boundMs / SECOND} s; ${words}, a task has ${expired ? '' : 'not '}expired.`,
        op: 'expiry',
        args: (nowMs) => ({
          task: taskBefore(nowMs, status, { [since]: boundMs + ms }),
          now: timeText(nowMs),
        }),
        input: `${status}, ${since} ${(boundMs + ms) / SECOND} s ago`,
        expect: { kind: 'expiry', timeout, expired, ageMs: boundMs + ms },
        ...(needsClock && { needsClock }),
      };
    });
  });
  const elsewhere = (
    timeout: Timeout,
    status: string,
    ages: Readonly<Record<string, number>>,
  ): LibraryCase => ({
    id: `library-expiry/${timeout}-not-when-${status.toLowerCase()}`,
    clause: 'L1',
    // The caller may ask only for tasks in the right state, so a function need not look at it.
    level: 'MAY',
    requirement: `The ${timeout} timeout does not apply to a task that is ${status}.`,
    op: 'expiry',
    args: (nowMs) => ({ task: taskBefore(nowMs, status, ages), now: timeText(nowMs) }),
    input: `${status}, its times long ago`,
    expect: { kind: 'expiry', timeout, expired: false },
  });
  const long = { accepted_at: 2 * HOUR, staged_at: 2 * HOUR };
  return [
    ...bounds,
    elsewhere('accept', 'ACCEPTED', {}),
    elsewhere('accept', 'DECLINED', {}),
    elsewhere('queue', 'EXECUTING', long),
    elsewhere('queue', 'SUCCEEDED', long),
    elsewhere('stalled', 'EXECUTING', long),
    elsewhere('stalled', 'SUCCEEDED', long),
  ];
}

const DURATIONS = [
  { what: 'idle', status: 'NEW', since: 'created_at', field: 'time_idle_ms' },
  { what: 'staged', status: 'ACCEPTED', since: 'staged_at', field: 'time_staged_ms' },
  { what: 'cpu', status: 'EXECUTING', since: 'execute_started_at', field: 'time_cpu_ms' },
] as const;

export function durationCases(): readonly LibraryCase[] {
  const calculated = DURATIONS.flatMap(({ what, status, since, field }) =>
    [
      { ms: 90 * SECOND, slug: '90s' },
      { ms: 26 * HOUR, slug: '26h' },
      { ms: 0, slug: 'none', needsClock: true },
      { ms: 1, slug: '1ms', needsClock: true },
      { ms: 61_001, slug: '61001ms', needsClock: true },
    ].map(
      ({ ms, slug, ...rest }): LibraryCase => ({
        id: `library-durations/${what}-${slug}`,
        clause: 'L3',
        level: 'MUST',
        requirement: `${field} is the time from ${since} to now in milliseconds: ${ms}.`,
        op: 'calculate',
        args: (nowMs) => ({ task: taskBefore(nowMs, status, { [since]: ms }), what, now: timeText(nowMs) }),
        input: `${what}, ${since} ${ms} ms ago`,
        expect: { kind: 'duration', field, ms },
        ...rest,
      }),
    ),
  );
  const since = (['creation', 'staged'] as const).flatMap((what) =>
    [
      { ms: 90 * SECOND, slug: '90s' },
      { ms: 1234, slug: '1234ms', needsClock: true },
    ].map(
      ({ ms, slug, ...rest }): LibraryCase => ({
        id: `library-durations/since-${what}-${slug}`,
        clause: 'L3',
        level: 'MUST',
        requirement: `The time since ${what} is counted in milliseconds: ${ms}.`,
        op: 'since',
        args: (nowMs) => ({
          task: taskBefore(nowMs, 'ACCEPTED', { [what === 'creation' ? 'created_at' : 'staged_at']: ms }),
          what,
          now: timeText(nowMs),
        }),
        input: `${what} ${ms} ms ago`,
        expect: { kind: 'duration', ms },
        ...rest,
      }),
    ),
  );
  return [...calculated, ...since];
}
