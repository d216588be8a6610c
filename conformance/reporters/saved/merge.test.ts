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

const SERVER = { target: { name: 'mine', address: '127.0.0.1:1' } };
const CLIENT = { command: 'client', target: { name: './client', address: './client' } } as const;
const OTHER = { target: { name: 'theirs', address: '127.0.0.1:2' } };

t.test('the shards of several parts or targets become a report of each', async (t) => {
  for (const [one, other] of [
    [SERVER, CLIENT],
    [SERVER, OTHER],
  ] as const) {
    const merged = assemble(
      merge([
        shard([1, 2], [pass('a/one')], { plan: one }),
        shard([1, 2], [pass('a/one'), fail('a/three')], { plan: other }),
        shard([2, 2], [pass('a/two')], { plan: one }),
        shard([2, 2], [pass('a/two')], { plan: other }),
      ]),
    );
    t.match(
      merged.map(({ plan: { target, command, planned }, summary }) => ({
        ...{ target, command, planned, status: summary.exitStatus },
      })),
      [
        { ...one, planned: ['a/one', 'a/two'], status: 0 },
        { ...other, planned: ['a/one', 'a/three', 'a/two'], status: 1 },
      ],
    );
  }
});

t.test('what is no whole run is refused, with the target that lacks something', async (t) => {
  const one = shard([1, 2], [pass('a/one')], { plan: SERVER });
  const two = shard([2, 2], [pass('a/two')], { plan: SERVER });
  const client = shard([1, 2], [pass('a/one')], { plan: CLIENT });
  const refused: readonly (readonly [readonly Report[], RegExp])[] = [
    [[], /^there is no report to merge$/],
    [[one], /^these shards of 2 are missing: 2$/],
    [[one, one, two], /^shard 1 of 2 is given twice$/],
    [[one, two, client], /^client \.\/client: these shards of 2 are missing: 2$/],
    [
      [one, shard([2, 2], [pass('a/two')], { plan: OTHER })],
      /^the reports have different targets: "mine", "theirs"$/,
    ],
  ];
  for (const [reports, message] of refused) t.throws(() => merge(reports), { name: 'ReportError', message });
});
