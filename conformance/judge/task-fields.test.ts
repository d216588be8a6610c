import t from 'tap';
import { readJson } from '../payload/json.ts';
import { taskProblem } from './task-fields.ts';

const TASK = { task_id: 'a', created_at: '2025-06-01T12:00:00Z', status: 'NEW' };

function problem(fields: Readonly<Record<string, unknown>>, isDocumented = false): string | undefined {
  const json = readJson(JSON.stringify({ ...TASK, ...fields }));
  if ('problem' in json || json.value.type !== 'object') throw new Error('not an object');
  return taskProblem(json.value.members, isDocumented)?.text;
}

t.test('legal task files', async (t) => {
  const legal: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { task_id: undefined, from: null, accepted_at: '', result_type: '', time_idle_ms: null },
    { status: 'EXPIRED', results: 'x', result_type: 'file', time_cpu_ms: -5, colour: ['red'] },
    ...['2025-06-01t12:00:00.123456789z', '2025-06-01 12:00:60+02:00', '0001-01-01T00:00:00-23:59'].map(
      (completed_at) => ({ completed_at }),
    ),
  ];
  for (const fields of legal) t.equal(problem(fields), undefined, JSON.stringify(fields));
});

t.test('the first field that is not legal is named', async (t) => {
  const illegal: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ created_at: undefined }, /has no created_at/],
    [{ created_at: '' }, /has no created_at/],
    [{ created_at: 1748779200 }, /created_at is written 1748779200, not an RFC 3339 time/],
    [{ status: null }, /has no status/],
    [{ status: 'PAUSED' }, /status is "PAUSED", not one of the eight states/],
    [{ status: 'new' }, /not one of the eight states/],
    [{ from: 7 }, /from is written 7, not a string/],
    [{ results: [] }, /results is a JSON array/],
    [{ time_idle_ms: '5' }, /time_idle_ms is "5", not an integer/],
    [{ time_idle_ms: 1.5 }, /time_idle_ms is written 1\.5/],
    [{ result_type: 7 }, /result_type is written 7, not a string/],
    [{ result_type: ['text'] }, /result_type is a JSON array, not a string/],
    ...[
      'yesterday',
      '2025-06-01',
      '2025-13-01T12:00:00Z',
      '2025-06-32T12:00:00Z',
      '2025-06-01T24:00:00Z',
      '2025-06-01T12:00:00',
      '2025-06-01T12:00Z',
    ].map((completed_at) => [{ completed_at }, /completed_at is .*, not an RFC 3339 time/] as const),
  ];
  for (const [fields, message] of illegal) t.match(problem(fields), message, JSON.stringify(fields));
});

t.test('a result_type SHOULD be documented or empty, and MUST be a string', async (t) => {
  const cases: readonly (readonly [resultType: unknown, asMust?: RegExp | undefined, asShould?: RegExp])[] = [
    ['text'],
    ['file'],
    [''],
    [null],
    [undefined],
    ...['none', 'image', 'Text', ' '].map((value) => [value, undefined, /not text or file/] as const),
    [7, /not a string/, /not a string/],
    [false, /not a string/, /not a string/],
  ];
  for (const [result_type, asMust, asShould] of cases) {
    const name = JSON.stringify(result_type);
    for (const [isDocumented, said] of [
      [false, asMust],
      [true, asShould],
    ] as const) {
      const found = problem({ result_type }, isDocumented);
      if (said) t.match(found, said, `${name} ${isDocumented}`);
      else t.equal(found, undefined, `${name} ${isDocumented}`);
    }
  }
});
