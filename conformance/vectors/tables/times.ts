/** RFC 3339 times (L3) and their instants, which were computed by hand or with the calendar of the platform. */
import type { Level, TimeVector } from '../build/vector.ts';

function vector(slug: string, note: string, level: Level, text: string) {
  return { id: `times-${slug}`, note, clause: 'L3', level, source: 'derived', text } as const;
}

/** `unixSeconds` is rounded down, so that `nanosecond` is never negative. */
function accepted(
  slug: string,
  note: string,
  level: Level,
  text: string,
  unixSeconds: number,
  nanosecond = 0,
): TimeVector {
  return { ...vector(slug, note, level, text), valid: true, unix_seconds: unixSeconds, nanosecond };
}

function refused(slug: string, note: string, level: Level, text: string): TimeVector {
  return { ...vector(slug, note, level, text), valid: false };
}

/** 2026-01-02T03:04:05Z. */
const T = 1_767_323_045;
const DAY = 86_400;

const fractions = Array.from({ length: 9 }, (_, index) => {
  const digits = '123456789'.slice(0, index + 1);
  const nanosecond = Number(digits.padEnd(9, '0'));
  return accepted(
    `fraction-${digits.length}`,
    'Digits of a fraction.',
    'must',
    `2026-01-02T03:04:05.${digits}Z`,
    T,
    nanosecond,
  );
});

export const times: readonly TimeVector[] = [
  accepted('epoch', 'The epoch.', 'must', '1970-01-01T00:00:00Z', 0),
  accepted(
    'before-epoch-fraction',
    'Seconds are rounded down.',
    'must',
    '1969-12-31T23:59:59.25Z',
    -1,
    250_000_000,
  ),
  accepted(
    '2-31',
    'A number of seconds that 32 signed bits cannot hold.',
    'must',
    '2038-01-19T03:14:08Z',
    2_147_483_648,
  ),
  accepted(
    'year-99',
    'A year below 100 is not one of the 1900s.',
    'must',
    '0099-01-01T00:00:00Z',
    -59_042_995_200,
  ),
  accepted(
    'last-nanosecond',
    'The last instant that can be written.',
    'must',
    '9999-12-31T23:59:59.999999999Z',
    253_402_300_799,
    999_999_999,
  ),
  ...fractions,
  accepted('fraction-zeros', 'A fraction of zeros.', 'must', '2026-01-02T03:04:05.000Z', T),
  accepted('fraction-smallest', 'One nanosecond.', 'must', '2026-01-02T03:04:05.000000001Z', T, 1),
  accepted(
    'fraction-cut',
    'Digits beyond the ninth are cut, not rounded.',
    'may',
    '2026-01-02T03:04:05.9999999999Z',
    T,
    999_999_999,
  ),
  accepted(
    'fraction-40-digits',
    'Any number of digits.',
    'may',
    `2026-01-02T03:04:05.${'5'.repeat(40)}Z`,
    T,
    555_555_555,
  ),
  accepted(
    'comma-nanoseconds',
    'Nine digits after a comma.',
    'may',
    '2026-01-02T03:04:05,123456789Z',
    T,
    123_456_789,
  ),
  accepted('offset-west', 'A negative offset is added.', 'must', '2026-01-01T22:04:05-05:00', T),
  accepted('offset-east', 'A positive offset is subtracted.', 'must', '2026-01-02T17:04:05+14:00', T),
  accepted('offset-minutes', 'An offset with minutes.', 'must', '2026-01-01T23:34:05-03:30', T),
  accepted(
    'offset-and-fraction',
    'Fraction and offset.',
    'must',
    '2026-01-02T04:04:05.5+01:00',
    T,
    500_000_000,
  ),
  accepted(
    'offset-over-year',
    'An offset that crosses the year.',
    'must',
    '2025-12-31T23:30:00-01:00',
    1_767_227_400,
  ),
  accepted(
    'offset-before-epoch',
    'An offset that crosses the epoch.',
    'must',
    '1970-01-01T00:00:00+01:00',
    -3600,
  ),
  accepted('midnight', 'Midnight.', 'must', '2026-01-02T00:00:00Z', T - 3 * 3600 - 4 * 60 - 5),
  accepted(
    'last-second-of-day',
    'The last second of a day.',
    'must',
    '2026-01-02T23:59:59Z',
    T - 3 * 3600 - 4 * 60 - 6 + DAY,
  ),
  accepted(
    'leap-year-2000',
    'A century year that 400 divides has a leap day.',
    'must',
    '2000-02-29T00:00:00Z',
    951_782_400,
  ),
  accepted('day-behind-leap-day', 'The day after a leap day.', 'must', '2024-03-01T00:00:00Z', 1_709_251_200),
  refused(
    'leap-year-1900',
    'A century year that 400 does not divide has no leap day.',
    'must',
    '1900-02-29T00:00:00Z',
  ),
  refused(
    'leap-year-2100',
    'A century year that 400 does not divide has no leap day.',
    'must',
    '2100-02-29T00:00:00Z',
  ),
  refused('february-30', 'No February has 30 days.', 'must', '2024-02-30T00:00:00Z'),
  ...['06', '09', '11'].map((month) =>
    refused(`day-31-of-${month}`, 'A month of 30 days.', 'must', `2026-${month}-31T00:00:00Z`),
  ),
  refused('hour-25', 'There is no hour 25.', 'must', '2026-01-02T25:00:00Z'),
  refused('second-61', 'There is no second 61.', 'must', '2026-01-02T03:04:61Z'),
  refused('second-60-elsewhere', 'A 60th second at any time of day.', 'should', '2026-01-02T03:04:60Z'),
  refused('minute-one-digit', 'Minutes have two digits.', 'should', '2026-01-02T03:4:05Z'),
  refused('second-one-digit', 'Seconds have two digits.', 'should', '2026-01-02T03:04:5Z'),
  refused('year-two-digits', 'Years have four digits.', 'should', '26-01-02T03:04:05Z'),
  refused('no-seconds', 'Seconds are not optional.', 'should', '2026-01-02T03:04Z'),
  refused('basic-format', 'Separators are not optional.', 'should', '20260102T030405Z'),
  refused('slashes', 'The date has dashes.', 'should', '2026/01/02T03:04:05Z'),
  refused('offset-hours-only', 'Offsets have minutes.', 'should', '2026-01-02T03:04:05+01'),
  refused('offset-one-digit', 'Offsets have two digits of hours.', 'should', '2026-01-02T03:04:05+1:00'),
  refused(
    'offset-24-01',
    'Above the largest offset that the reference accepts.',
    'may',
    '2026-01-02T03:04:05+24:01',
  ),
  refused('offset-minute-60', 'Offsets have 60 minutes an hour.', 'may', '2026-01-02T03:04:05+00:60'),
  refused('offset-seconds', 'Offsets have no seconds.', 'should', '2026-01-02T03:04:05+00:00:00'),
  refused('offset-and-z', 'An offset and a Z.', 'must', '2026-01-02T03:04:05+00:00Z'),
  refused('offset-minus-sign', 'U+2212 is not a minus sign.', 'should', '2026-01-02T03:04:05\u221205:00'),
  refused('zone-name', 'The name of a zone.', 'should', '2026-01-02T03:04:05 UTC'),
  refused('lower-case-t', 'A lower-case t.', 'may', '2026-01-02t03:04:05Z'),
  refused('lower-case-z', 'A lower-case z.', 'may', '2026-01-02T03:04:05z'),
  refused('line-feed-behind', 'A line feed after the time.', 'should', '2026-01-02T03:04:05Z\n'),
  refused('nul-behind', 'A NUL after the time.', 'should', '2026-01-02T03:04:05Z\0'),
  refused('arabic-digits', 'Digits of another script.', 'should', '٢٠٢٦-01-02T03:04:05Z'),
  refused('full-width-digit', 'A full-width digit.', 'should', '2026-01-02T03:04:0\uff15Z'),
  refused('unix-seconds', 'Seconds since 1970.', 'must', '1767323045'),
  refused('http-date', 'The format of HTTP.', 'must', 'Fri, 02 Jan 2026 03:04:05 GMT'),
  refused('week-date', 'A week date of ISO 8601.', 'must', '2026-W01-5T03:04:05Z'),
  refused('ordinal-date', 'An ordinal date of ISO 8601.', 'must', '2026-002T03:04:05Z'),
];
