import t from 'tap';
import { KnownFailureList } from '../../report/known-failures.ts';
import type { EndRecord, ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { COMPLETE, PLAN, scenarioRecord } from '../../testing/records.ts';
import { assemble, type Report } from '../common/report.ts';
import { merge } from './merge.ts';

/** The report of a shard that judges these scenarios, with this list of known failures. */
function shard(
  place: readonly [index: number, of: number],
  records: readonly ScenarioRecord[],
  { list, ids = [], plan = {} }: Given = {},
): Report {
  const planned = records.map(({ id }) => id);
  const known =
    list === undefined
      ? undefined
      : new KnownFailureList(list, { ids, isPlanned: (id) => planned.includes(id), today: '2026-01-01' });
  const marked = records.map((record) => known?.mark(record) ?? record);
  const [index, of] = place;
  const all: ReportRecord[] = [
    { ...PLAN, ...plan, planned, shard: { index, of } },
    ...marked,
    { ...COMPLETE, ...(known && { knownFailures: known.finish(true) }) } as EndRecord,
  ];
  const [report] = assemble(all);
  if (report === undefined) throw new Error('records with a plan are a report');
  return report;
}

interface Given {
  readonly list?: string;
  readonly ids?: readonly string[];
  readonly plan?: Partial<typeof PLAN>;
}

const pass = (id: string) => scenarioRecord(id, 'pass');
const fail = (id: string) => scenarioRecord(id, 'fail', { text: 'no answer' });
const skipped = (id: string) => scenarioRecord(id, 'skipped');

/** The entries of the merged report, as `pattern: staleness`. */
function staleOf(list: string, first: readonly ScenarioRecord[], second: readonly ScenarioRecord[]) {
  const ids = ['a/one', 'a/two', 'a/three', 'b/four'];
  const merged = merge([shard([1, 2], first, { list, ids }), shard([2, 2], second, { list, ids })]);
  const end = merged.find((record) => record.record === 'end');
  return (end?.knownFailures ?? []).map(({ pattern, stale = 'good' }) => `${pattern}: ${stale}`);
}

t.test('a glob that covers nothing in any shard is stale, as it is in a run of all scenarios', async (t) => {
  const glob = 'a/* max 2 # no answer\n';
  const [one, two, three] = [pass('a/one'), pass('a/two'), pass('a/three')];
  t.strictSame(staleOf(glob, [one], [two, three]), ['a/*: passes']);
  t.strictSame(staleOf(glob, [skipped('a/one')], [two, three]), ['a/*: skipped']);
  t.strictSame(staleOf(glob, [one], [two, fail('a/three')]), ['a/*: good']);
  t.strictSame(staleOf(glob, [one], [two]), ['a/*: good'], 'a run of all may cover the third');
  t.strictSame(
    staleOf(`a/three # no answer\n${glob}`, [one], [two, fail('a/three')]),
    ['a/three: good', 'a/*: passes'],
    'what another entry covers',
  );
  t.strictSame(staleOf('a/one # no answer\n', [one], [two]), ['a/one: passes']);
  t.strictSame(staleOf('a/* max 1 # no answer', [fail('a/one')], [fail('a/two')]), ['a/*: covers too many']);
});
