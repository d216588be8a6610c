/** Which texts are times of the same instant. */

import t from 'tap';
import { isSameInstant } from './rfc3339.ts';

const GIVEN = '2025-06-01T12:00:00Z';

t.test('the same instant in another form', async (t) => {
  for (const text of [
    GIVEN,
    '2025-06-01T12:00:00.0Z',
    '2025-06-01T12:00:00.000000000000Z',
    '2025-06-01T12:00:00+00:00',
    '2025-06-01T12:00:00-00:00',
    '2025-06-01T14:00:00.000+02:00',
    '2025-06-02T02:45:00+14:45',
    '2025-05-31T23:30:00-12:30',
    '2025-06-01t12:00:00z',
    '2025-06-01 12:00:00Z',
  ])
    t.ok(isSameInstant(GIVEN, text), text);
  t.ok(isSameInstant('2024-12-31T23:30:00.120-01:00', '2025-01-01T00:30:00.12Z'));
  t.ok(isSameInstant('0025-01-01T00:00:00Z', '0024-12-31T23:59:00-00:01'));
});

t.test('another instant, or no time', async (t) => {
  for (const text of [
    '2025-06-01T12:00:00.001Z',
    '2025-06-01T12:00:00.000000000001Z',
    '2025-06-01T12:00:01Z',
    '2025-06-01T11:59:60Z',
    '2025-06-01T12:00:00+02:00',
    '2025-06-01T14:00:00Z',
    '2025-06-01T12:00:00',
    '2025-06-01T12:00Z',
    '2025-06-01T12:00:00,0Z',
    '2025-06-01T12:00:00+0000',
    '2025-06-01T12:00:00Z\n',
    ' 2025-06-01T12:00:00Z',
    '20250601T120000Z',
    '1748779200',
    '',
  ])
    t.notOk(isSameInstant(GIVEN, text), text);
  t.notOk(isSameInstant('2025-02-30T12:00:00Z', '2025-03-02T12:00:00Z'));
  t.notOk(isSameInstant('1925-01-01T00:00:00Z', '0025-01-01T00:00:00Z'));
  t.notOk(isSameInstant('', ''));
});
