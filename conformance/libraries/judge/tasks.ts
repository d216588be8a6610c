/** New tasks, timeouts and durations. A library without a clock of the kit is judged with a margin. */

import type { Expectation } from '../cases/case.ts';
import { type Answer, isObject } from '../pipe/interface.ts';
import { type Cause, type Finding, fail, pass, shownValue, WRONG_SHAPE } from './finding.ts';

/** The present time that the library can have taken, in milliseconds since 1970. Both are equal if it took that of the kit. */
export interface Present {
  /** The time in the request. */
  readonly givenMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

type Of<K extends Expectation['kind']> = Extract<Expectation, { readonly kind: K }>;

/** How far created_at may be from the present time of the kit if it is written in whole seconds, in milliseconds. */
const WHOLE_SECOND_MS = 999;
const CUT_OFF = 'the fraction of a second of a time is cut off';

export function judgeNewTask(
  { fields, isExact = false }: Of<'new-task'>,
  answer: Answer,
  present: Present,
): Finding {
  if (answer.kind !== 'value' || !isObject(answer.value))
    return fail(shownValue(answer), 'a task', WRONG_SHAPE);
  const { value } = answer;
  for (const [name, wanted] of Object.entries(fields)) {
    const got = value[name] ?? '';
    if (got !== wanted)
      return fail(`${name} = ${shownValue(got)}`, `${name} = ${shownValue(wanted)}`, {
        cause: `a new task has another ${name} (L1)`,
      });
  }
  const text = value['created_at'];
  const created = typeof text === 'string' && RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  const isIn = (marginMs: number): boolean =>
    created >= present.fromMs - marginMs && created <= present.toMs + marginMs;
  // The margin of a library with a clock of its own is larger.
  const takesTime = present.fromMs === present.toMs;
  if (isIn(takesTime && !isExact ? WHOLE_SECOND_MS : 0)) return pass('a task that is NEW');
  const [got, wanted] = [
    `created_at = ${shownValue(value['created_at'])}`,
    new Date(present.givenMs).toISOString(),
  ];
  if (isExact && isIn(WHOLE_SECOND_MS))
    return fail(got, wanted, {
      cause: 'created_at of a new task lacks the milliseconds of the present time (L3)',
      likely: CUT_OFF,
    });
  return fail(got, wanted, {
    cause: 'created_at of a new task is not the present time in RFC 3339 (L1)',
    likely: 'the zone is missing, or the local time is written as UTC',
  });
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

const BOUND_MS = { accept: 60_000, queue: 3_600_000, stalled: 60_000 } as const;

export function judgeExpiry({ timeout, expired, ageMs }: Of<'expiry'>, answer: Answer): Finding {
  const got = answer.kind === 'value' && isObject(answer.value) ? answer.value[timeout] : undefined;
  const wanted = `${timeout}: ${expired}`;
  if (typeof got !== 'boolean')
    return fail(shownValue(answer), '{"accept": …, "queue": …, "stalled": …}', WRONG_SHAPE);
  if (got === expired) return pass(wanted);
  if (ageMs === undefined)
    return fail(`${timeout}: ${got}`, wanted, {
      cause: `treated otherwise, as is permitted: the ${timeout} timeout of a task in another state (L1)`,
    });
  const bound = BOUND_MS[timeout];
  const likely =
    ageMs === bound
      ? 'the bound is inclusive: a task expires when its age is more than the bound (>, not >=)'
      : `at an age of ${ageMs / 1000} s it has ${got ? '' : 'not '}expired, so the bound is taken ${got ? 'too small' : 'too large'}; it is ${bound / 1000} s`;
  return fail(`${timeout}: ${got} at an age of ${ageMs / 1000} s`, wanted, {
    cause: `the bound of the ${timeout} timeout is wrong (L1)`,
    likely,
  });
}

export function judgeDuration({ field, ms }: Of<'duration'>, answer: Answer, present: Present): Finding {
  const value = answer.kind === 'value' && isObject(answer.value) ? answer.value : undefined;
  const got = value?.[field ?? 'ms'] ?? 0;
  const [least, most] = [ms + present.fromMs - present.givenMs, ms + present.toMs - present.givenMs];
  const wanted = least === most ? String(ms) : `${least} to ${most}`;
  if (value === undefined || typeof got !== 'number') return fail(shownValue(answer), wanted, WRONG_SHAPE);
  if (got >= least && got <= most) return pass('the duration');
  return fail(String(got), wanted, durationCause(got, ms));
}

function durationCause(got: number, ms: number): Cause {
  if (got !== 0 && (got === Math.floor(ms / 1000) || got === ms * 1000 || got === ms * 1_000_000))
    return { cause: 'a duration has another unit than milliseconds (L3)' };
  if (got === -ms) return { cause: 'a duration has the wrong sign (L3)' };
  return { cause: 'a duration is wrong (L3)', ...(Math.abs(got - ms) < 1000 && { likely: CUT_OFF }) };
}
