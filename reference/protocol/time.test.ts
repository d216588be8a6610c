import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  formatTime,
  fromUnixMs,
  type Instant,
  isLongerThan,
  millisecondsBetween,
  parseTime,
} from './time.ts';

const MALFORMED = { name: 'ProtocolError', code: 'malformed-time', clause: 'L3' };
const YEAR_0 = -62_167_219_200;
const YEAR_9999_END = 253_402_300_799;
const EPOCH: Instant = { seconds: 0, nanosecond: 0 };

const instants = fc.record(
  { seconds: fc.integer({ min: YEAR_0, max: YEAR_9999_END }), nanosecond: fc.nat(999_999_999) },
  { noNullPrototype: true },
);

t.test('parseTime decides further cases that are not in the vectors', (t) => {
  t.same(parseTime('0099-01-01T00:00:00Z').seconds, -59_042_995_200, 'a year below 100 is not in the 1900s');
  t.same(
    parseTime(`2026-01-02T03:04:05.${'9'.repeat(100_000)}Z`).nanosecond,
    999_999_999,
    'cut, not rounded',
  );
  for (const text of [
    '2026-01-02T03:04:05+24:01',
    '2026-01-02T03:04:05+00:60',
    '2026-01-02T03:04:60Z',
    '2100-02-29T00:00:00Z',
    '2026-01-02T03:04:05Z\n',
    '٢٠٢٦-01-02T03:04:05Z',
  ]) {
    t.throws(() => parseTime(text), MALFORMED, JSON.stringify(text));
  }
  t.end();
});

t.test('a fraction is written only when it is not 0, and without trailing zeros', (t) => {
  t.equal(formatTime({ seconds: 1_767_323_045, nanosecond: 0 }), '2026-01-02T03:04:05Z');
  t.equal(formatTime({ seconds: 1_767_323_045, nanosecond: 100_000_000 }), '2026-01-02T03:04:05.1Z');
  t.equal(formatTime({ seconds: 1_767_323_045, nanosecond: 1 }), '2026-01-02T03:04:05.000000001Z');
  t.equal(formatTime({ seconds: -1, nanosecond: 999_999_999 }), '1969-12-31T23:59:59.999999999Z');
  t.end();
});

t.test('an instant that RFC 3339 cannot express is refused', (t) => {
  for (const instant of [
    { seconds: YEAR_0 - 1, nanosecond: 0 },
    { seconds: YEAR_9999_END + 1, nanosecond: 0 },
    { seconds: Number.MAX_SAFE_INTEGER, nanosecond: 0 },
    { seconds: Number.NaN, nanosecond: 0 },
    { seconds: 0.5, nanosecond: 0 },
    { seconds: 0, nanosecond: -1 },
    { seconds: 0, nanosecond: 1_000_000_000 },
    { seconds: 0, nanosecond: 0.5 },
  ]) {
    t.throws(() => formatTime(instant), RangeError, JSON.stringify(instant));
  }
  for (const ms of [Number.NaN, 0.5, Number.POSITIVE_INFINITY]) t.throws(() => fromUnixMs(ms), RangeError);
  t.end();
});

t.test('written times are read back exactly', (t) => {
  fc.assert(fc.property(instants, (instant) => deepEqual(parseTime(formatTime(instant)), instant)));
  t.end();
});

t.test('milliseconds agree with Date', (t) => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(YEAR_0 * 1000), max: new Date(YEAR_9999_END * 1000), noInvalidDate: true }),
      (date) => {
        deepEqual(parseTime(date.toISOString()), fromUnixMs(date.getTime()));
        equal(millisecondsBetween(EPOCH, fromUnixMs(date.getTime())), date.getTime());
      },
    ),
  );
  t.end();
});

t.test('an offset is subtracted', (t) => {
  const offsets = fc.tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), offsets, (seconds, [sign, hours, minutes]) => {
      const [hh, mm] = [hours, minutes].map((n) => String(n).padStart(2, '0'));
      const local = formatTime({ seconds, nanosecond: 0 }).replace('Z', `${sign}${hh}:${mm}`);
      const offset = (hours * 60 + minutes) * (sign === '+' ? 60 : -60);
      equal(parseTime(local).seconds, seconds - offset);
    }),
  );
  t.end();
});

t.test('spans are exact and rounded toward zero', (t) => {
  const at = (seconds: number, nanosecond: number): Instant => ({ seconds, nanosecond });
  t.equal(millisecondsBetween(at(0, 0), at(0, 999_999)), 0);
  t.equal(millisecondsBetween(at(0, 999_999), at(0, 0)), 0, 'not −1');
  t.equal(millisecondsBetween(at(0, 999_999_999), at(1, 0)), 0);
  t.equal(millisecondsBetween(at(1, 0), at(0, 998_999_999)), -1);
  t.equal(millisecondsBetween(at(YEAR_0, 0), at(YEAR_9999_END, 999_999_999)), 315_569_519_999_999);
  fc.assert(
    fc.property(instants, instants, (a, b) =>
      equal(millisecondsBetween(a, b) + millisecondsBetween(b, a), 0),
    ),
  );
  t.end();
});

t.test('isLongerThan is exact to the nanosecond', (t) => {
  t.notOk(isLongerThan(1000, EPOCH, { seconds: 1, nanosecond: 0 }));
  t.ok(isLongerThan(1000, EPOCH, { seconds: 1, nanosecond: 1 }));
  t.end();
});
