/**
 * Times as the protocol writes them: RFC 3339 text ⇄ Instant, and the span between two instants. No function of the
 * reference reads a clock; it takes a Clock or an Instant from its caller.
 */
import { ProtocolError } from './errors.ts';

/** A point in time, exact to the nanosecond. A `Date` would lose digits that `created_at` carries (L3). */
export interface Instant {
  /** Whole seconds since 1970-01-01T00:00:00Z, rounded down: negative before it. */
  readonly seconds: number;
  /** Nanoseconds after `seconds`, from 0 to 999 999 999. */
  readonly nanosecond: number;
}

/** Returns the present time. */
export type Clock = () => Instant;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const MAX_OFFSET_MINUTES = 24 * 60;

/**
 * Reads RFC 3339 as fixtures/vectors/times.json defines it (L3). It cuts digits of a fraction after the ninth. It
 * accepts a decimal comma, an hour of one digit and an offset of up to 24:00, inclusive. It refuses lower-case `t`
 * and `z`, and the second 60. Throws a ProtocolError 'malformed-time'.
 */
export function parseTime(text: string): Instant {
  const match = RFC_3339.exec(text);
  if (match === null) throw malformed(text);
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match;
  const [fraction = '', sign = '+', offsetHour = '0', offsetMinute = '0'] = match.slice(7);
  const offset = Number(offsetHour) * 60 + Number(offsetMinute);
  const inRange = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (!inRange || Number(offsetMinute) >= 60 || offset > MAX_OFFSET_MINUTES) throw malformed(text);

  // Date.UTC reads the years 0 to 99 as 1900 to 1999; setUTCFullYear does not. Both turn 31 April into 1 May.
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) throw malformed(text);

  const offsetSeconds = (sign === '-' ? -60 : 60) * offset;
  const secondOfDay = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return {
    seconds: date.getTime() / 1000 + secondOfDay - offsetSeconds,
    nanosecond: Number(fraction.slice(0, 9).padEnd(9, '0')),
  };
}

/**
 * Writes an instant in UTC. It writes a fraction only when that is not 0, and without trailing zeros (L3). Throws a
 * RangeError outside the years 0000 to 9999, and when `seconds` or `nanosecond` is not whole or not in its range.
 */
export function formatTime({ seconds, nanosecond }: Instant): string {
  if (
    !Number.isInteger(seconds) ||
    !Number.isInteger(nanosecond) ||
    nanosecond < 0 ||
    nanosecond > 999_999_999
  ) {
    throw new RangeError(`not an instant: ${seconds} s, ${nanosecond} ns`);
  }
  const iso = new Date(seconds * 1000).toISOString();
  if (!/^\d{4}-/.test(iso)) throw new RangeError(`RFC 3339 has only the years 0000 to 9999: ${iso}`);
  const digits = String(nanosecond).padStart(9, '0').replace(/0+$/, '');
  const fraction = digits === '' ? '' : `.${digits}`;
  return `${iso.slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}${fraction}Z`;
}

/**
 * The instant `ms` milliseconds after 1970-01-01T00:00:00Z, as `Date.now()` counts. Throws a RangeError unless whole.
 */
export function fromUnixMs(ms: number): Instant {
  if (!Number.isSafeInteger(ms)) throw new RangeError(`not a whole number of milliseconds: ${ms}`);
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanosecond: (ms - seconds * 1000) * 1_000_000 };
}

/** Nanoseconds from one instant to another, exact; negative when `to` is earlier. */
export function nanosecondsBetween(from: Instant, to: Instant): bigint {
  const seconds = BigInt(to.seconds) - BigInt(from.seconds);
  return seconds * NANOSECONDS_PER_SECOND + BigInt(to.nanosecond - from.nanosecond);
}

/**
 * Whole milliseconds from one instant to another, rounded toward zero. Exact for every time that formatTime can
 * write.
 */
export function millisecondsBetween(from: Instant, to: Instant): number {
  return Number(nanosecondsBetween(from, to) / NANOSECONDS_PER_MILLISECOND);
}

/** Whether `to` is more than `ms` milliseconds after `from`: at exactly `ms` false, one nanosecond later true (L1). */
export function isLongerThan(ms: number, from: Instant, to: Instant): boolean {
  return nanosecondsBetween(from, to) > BigInt(ms) * NANOSECONDS_PER_MILLISECOND;
}

function malformed(text: string): ProtocolError {
  return new ProtocolError(
    'malformed-time',
    'L3',
    `not an RFC 3339 time: ${JSON.stringify(text.slice(0, 64))}`,
  );
}
