/** Bounds, extensions, times and ids. */

import type { Expectation } from '../cases/case.ts';
import { type Answer, isObject } from '../pipe/interface.ts';
import { type Cause, type Finding, fail, pass, shownValue, WRONG_SHAPE } from './finding.ts';

type Of<K extends Expectation['kind']> = Extract<Expectation, { readonly kind: K }>;

export function judgeValidity({ valid, bound }: Of<'validity'>, answer: Answer, clause: string): Finding {
  const value = valueIn(answer);
  const got = isObject(value) ? value['valid'] : answer.kind === 'refused' ? false : undefined;
  if (typeof got !== 'boolean') return fail(shownValue(value), '{"valid": true} or false', WRONG_SHAPE);
  if (got === valid) return pass(valid ? 'valid' : 'not valid');
  const shown = (is: boolean) => (is ? 'valid' : 'not valid');
  if (bound === undefined)
    return fail(shown(got), shown(valid), { cause: `a field without a bound is refused (${clause})` });
  const { field, maxBytes, bytes, characters } = bound;
  const facts = `${field} has ${bytes} bytes and ${characters} characters; the bound is ${maxBytes} bytes`;
  return fail(`${shown(got)}: ${facts}`, shown(valid), boundCause(bound, got, clause));
}

function boundCause(
  { field, maxBytes, bytes, characters }: NonNullable<Of<'validity'>['bound']>,
  got: boolean,
  clause: string,
): Cause {
  // Valid by its characters, but not by its bytes.
  if (got && bytes > maxBytes && characters <= maxBytes && characters < bytes)
    return {
      cause: 'a bound counts characters where bytes are meant',
      likely: 'measure the UTF-8 of the text, not the length of the string',
    };
  if (!got && bytes === maxBytes)
    return {
      cause: `the bound of ${field} is refused itself (${clause})`,
      likely: 'all bounds are inclusive: refuse only what is larger (>, not >=)',
    };
  if (got)
    return {
      cause: `the bound of ${field} is not checked (${clause})`,
      likely: `refuse more than ${maxBytes} bytes`,
    };
  return { cause: `${field} is refused within its bound (${clause})` };
}

export function judgeExtension({ filename, allowed, forbidden }: Of<'extension'>, answer: Answer): Finding {
  const value = valueIn(answer);
  if (!isObject(value) || typeof value['allowed'] !== 'boolean' || typeof value['forbidden'] !== 'boolean')
    return fail(shownValue(value), '{"allowed": …, "forbidden": …}', WRONG_SHAPE);
  const got = { allowed: value['allowed'], forbidden: value['forbidden'] };
  if (got.allowed === allowed && got.forbidden === forbidden) return pass(verdictOf({ allowed, forbidden }));
  return fail(
    verdictOf(got),
    verdictOf({ allowed, forbidden }),
    extensionCause(filename, got.allowed, allowed),
  );
}

function verdictOf({
  allowed,
  forbidden,
}: {
  readonly allowed: boolean;
  readonly forbidden: boolean;
}): string {
  return allowed
    ? forbidden
      ? 'allowed and forbidden'
      : 'allowed'
    : forbidden
      ? 'forbidden'
      : 'in neither list';
}

function extensionCause(filename: string, got: boolean, wanted: boolean): Cause {
  const dots = filename.split('.').length - 1;
  if (dots > 1)
    return {
      cause: 'the extension is not taken from the last dot (R4)',
      likely: 'search the last dot of the name, not the first; what ends in a dot has an empty extension',
    };
  const extension = filename.slice(filename.lastIndexOf('.'));
  if (extension !== extension.toLowerCase() && extension.length > 1)
    return { cause: 'an extension in upper case is not recognised (R4)', likely: 'compare it in lower case' };
  if (filename.startsWith('.'))
    return {
      cause: 'a name that begins with its only dot has no extension (R4)',
      likely: 'functions of file names take .txt for a name without extension; search the dot yourself',
    };
  if (/[\s\0]$/.test(filename))
    return { cause: 'white space after an extension is cut off (R4)', likely: 'a trim() on the name' };
  return got && !wanted
    ? { cause: 'an extension is allowed that is not in the list (R4)' }
    : { cause: 'the lists of extensions differ from R4' };
}

export function judgeInstant(
  { text, seconds, nanosecond }: Of<'instant'>,
  answer: Answer,
  isFree: boolean,
): Finding {
  const unixMs = seconds * 1000 + Math.floor(nanosecond / 1e6);
  const wanted = `unix_ms ${unixMs}, nanosecond ${nanosecond}`;
  if (answer.kind === 'refused')
    return fail(`a refusal: ${shownValue(answer.error)}`, wanted, refusedTime(text, isFree));
  const value = valueIn(answer);
  if (!isObject(value)) return fail(shownValue(value), wanted, WRONG_SHAPE);
  const got = { unixMs: value['unix_ms'], nanosecond: value['nanosecond'] };
  if (got.unixMs === unixMs && got.nanosecond === nanosecond) return pass(wanted);
  const shown = `unix_ms ${shownValue(got.unixMs)}, nanosecond ${shownValue(got.nanosecond)}`;
  return fail(shown, wanted, isFree ? freeTime(text) : instantCause(text, Number(got.unixMs) - unixMs));
}

export function judgeNoTime({ text }: Of<'no-time'>, answer: Answer, isFree: boolean): Finding {
  if (answer.kind === 'refused') return pass('refused');
  return fail(
    `a time: ${shownValue(valueIn(answer))}`,
    'a refusal',
    isFree ? freeTime(text) : takenTime(text),
  );
}

/** Parts of what looks like a time; undefined for other texts. */
const PARTS = /^\d{4}-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/;

function takenTime(text: string): Cause {
  const parts = PARTS.exec(text);
  if (parts === null)
    return {
      cause: 'a text that is not RFC 3339 is taken for a time (L3)',
      likely: 'the parser of the platform is lenient; check the form first',
    };
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 6).map(Number);
  const part =
    month < 1 || month > 12
      ? 'month'
      : hour > 23
        ? 'hour'
        : minute > 59
          ? 'minute'
          : second > 59
            ? 'second'
            : day < 1 || day > 28
              ? 'day'
              : 'offset';
  return {
    cause: `the ${part} of a time is not checked (L3)`,
    likely: `the ${part} is computed with, or carried over, without a look at its range`,
  };
}

function refusedTime(text: string, isFree: boolean): Cause {
  return isFree
    ? freeTime(text)
    : { cause: 'a legal time is refused (L3)', likely: 'the parser knows only some forms of RFC 3339' };
}

function freeTime(text: string): Cause {
  const what = /[+-](24:|\d\d:60)/.test(text)
    ? 'an offset of 24 hours or 60 minutes'
    : /[.,]\d{10,}/.test(text)
      ? 'more than nine digits of fraction'
      : text.includes(',')
        ? 'a decimal comma'
        : 'this form of a time';
  return { cause: `treated otherwise, as is permitted: ${what} (L3)` };
}

function instantCause(text: string, differenceMs: number): Cause {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  if (sign !== undefined && offsetMs !== 0) {
    if (Math.abs(differenceMs) === 2 * offsetMs)
      return {
        cause: 'the offset of a time is applied with the wrong sign (L3)',
        likely: 'to get UTC, subtract an offset with +, and add one with -',
      };
    if (Math.abs(differenceMs) === offsetMs)
      return {
        cause: 'the offset of a time is ignored (L3)',
        likely: 'the digits after the seconds are not read',
      };
  }
  if (Math.abs(differenceMs) < 1000)
    return {
      cause: 'the fraction of a second is lost or rounded (L3)',
      likely: 'keep nine digits, and round unix_ms down, also before 1970',
    };
  return { cause: 'a time is read as another instant (L3)' };
}

export const IDS_REPEAT: Cause = {
  cause: 'generated ids repeat, or their number is wrong (S10)',
  likely: 'the source of randomness is seeded with the time, or is not one',
};

/** The form of a generated id. */
export const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function judgeIds({ count }: Of<'ids'>, answer: Answer): Finding {
  const ids = idsIn(answer);
  const wanted = `${count} different ids such as 3b9f0c52-7a1e-e6d4-1c88-90f5ab27d163`;
  if (ids === undefined) return fail(shownValue(valueIn(answer)), wanted, WRONG_SHAPE);
  const odd = ids.find((id) => !ID.test(id));
  if (odd !== undefined)
    return fail(shownValue(odd), wanted, { cause: 'a generated id has another form (S10)' });
  const different = new Set(ids).size;
  if (different === count) return pass(`${count} different ids`);
  return fail(`${different} different ids of ${ids.length}`, wanted, IDS_REPEAT);
}

/** Undefined if the answer has another form. */
export function idsIn(answer: Answer): readonly string[] | undefined {
  const value = valueIn(answer);
  const ids: unknown = isObject(value) ? value['ids'] : undefined;
  return Array.isArray(ids) && ids.every((id) => typeof id === 'string') ? ids : undefined;
}

function valueIn(answer: Answer): unknown {
  return answer.kind === 'value'
    ? answer.value
    : answer.kind === 'refused'
      ? { error: answer.error }
      : undefined;
}
