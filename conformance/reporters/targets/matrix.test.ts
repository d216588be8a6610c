import t from 'tap';
import { statusOfRuns } from '../../report/exit-status.ts';
import type { ReportRecord } from '../../report/record.ts';
import { alikeTargets, type Cell, runOf, unlikeTargets } from '../../testing/many-targets.ts';
import { COMPLETE, HOSTILE, PLAN, scenarioRecord } from '../../testing/records.ts';
import { groupsOf, matrixData } from './matrix-data.ts';
import { matrixHtml } from './matrix-page.ts';
import { OutcomeTable, sharedCauses, worstFirst } from './outcome-table.ts';

const OK: Cell = ['pass', 'type 1, status 200, task_id "<id>", message "ok"; closes'];
const NO: Cell = ['fail', 'type 1, status 400, task_id "<id>", message "no"; closes'];

function tableOf(runs: Iterable<readonly ReportRecord[]>): OutcomeTable {
  const table = new OutcomeTable();
  for (const records of runs) table.add(records);
  return table;
}

t.test('targets that behave alike share a column, and scenarios with the same outcomes a row', async (t) => {
  const table = tableOf([
    runOf('a', [OK, OK, NO, OK]),
    runOf('b', [OK, OK, OK, OK]),
    runOf('c', [OK, OK, NO, OK]),
    runOf('d', [OK, OK, NO, NO]),
  ]);
  const groups = groupsOf(table);
  t.strictSame(
    groups.map(({ targets }) => targets.map(({ name }) => name)),
    [['d'], ['a', 'c'], ['b']],
    'the worst first',
  );
  const { rows, kinds } = matrixData(table, groups);
  t.strictSame(rows, [
    { s: [0, 1], k: [0] },
    { s: [2], k: [1, 1, 0] },
    { s: [3], k: [1, 0, 0] },
  ]);
  t.strictSame(kinds, [
    [0, OK[1]],
    [1, NO[1]],
  ]);
});

t.test('the page does not depend on the order in which the targets were judged', async (t) => {
  const runs = [...alikeTargets(25, 60)];
  t.equal(matrixHtml(tableOf(runs)), matrixHtml(tableOf(runs.toReversed())));
});

t.test('numbers in what a target says make no difference', async (t) => {
  const at = (time: string): Cell => [
    'pass',
    `type 1, status 200, task_id "<id>", message "accepted at ${time}"; closes`,
  ];
  t.equal(groupsOf(tableOf([runOf('a', [at('12:00:01')]), runOf('b', [at('13:59:22')])])).length, 1);
  const status: Cell = ['pass', 'type 1, status 201, task_id "<id>", message "ok"; closes'];
  t.equal(groupsOf(tableOf([runOf('a', [OK]), runOf('b', [status])])).length, 2, 'but a status does');
});

t.test('causes are counted over targets, and the worst target comes first', async (t) => {
  const unreachable: readonly ReportRecord[] = [
    { ...PLAN, target: { name: 'gone', address: '192.0.2.1:1' } },
    { record: 'end', durationMs: 1, because: 'unreachable', code: 'ECONNREFUSED' },
  ];
  const table = tableOf([runOf('a', [OK, NO]), runOf('b', [OK, OK]), unreachable, runOf('c', [NO, NO])]);
  t.strictSame(
    worstFirst(table.targets).map(({ name }) => name),
    ['c', 'a', 'gone', 'b'],
  );
  t.match(sharedCauses(table), [
    { cause: 'the target refuses what is legal (S1)', failures: 3, root: 'frame/scenario-0' },
  ]);
  t.equal(sharedCauses(table)[0]?.targets.length, 2);
  t.equal(statusOfRuns(table.targets), 1);
  t.equal(statusOfRuns(tableOf([runOf('b', [OK]), unreachable]).targets), 4);
  t.equal(statusOfRuns(tableOf([runOf('b', [OK])]).targets), 0);
});

t.test('a cell needs few bytes, however different the targets are', async (t) => {
  const sizeOf = (targets: number): number =>
    Buffer.byteLength(matrixHtml(tableOf(unlikeTargets(targets, 100))));
  // The difference leaves out what every page has.
  const perCell = (sizeOf(80) - sizeOf(40)) / (40 * 100);
  // 500 targets with 690 scenarios then have at most 10 MiB.
  t.ok(perCell < 25, `${perCell} bytes`);
  const alike = (targets: number): number =>
    Buffer.byteLength(matrixHtml(tableOf(alikeTargets(targets, 100))));
  const perTarget = (alike(80) - alike(40)) / 40;
  t.ok(perTarget < 150, `${perTarget} bytes for one more target that behaves as others`);
});

t.test('a target of which each answer is another fills neither the memory nor the page', async (t) => {
  const runs = Array.from({ length: 100 }, (_, target) =>
    runOf(
      `t${target}`,
      Array.from(
        { length: 100 },
        (_, scenario): Cell => ['pass', `${target} ${scenario}; message "${'abcdefghij'.repeat(30)}"`],
      ),
    ),
  );
  const table = tableOf(runs);
  t.ok(table.kinds.length >= 4000, 'no more than the bound are kept');
  t.ok(table.kinds.length <= 4010, `${table.kinds.length} outcomes are kept`);
  t.ok(matrixHtml(table).length < 2_000_000);
  for (const records of runs.slice(0, 2)) table.add(records);
  t.strictSame(
    table.targets.slice(-2).map(({ column }) => column),
    table.targets.slice(0, 2).map(({ column }) => column),
    'an outcome that is kept stays one of its own',
  );
});

t.test('what a target sends, and its name, are text on the page', async (t) => {
  const records: readonly ReportRecord[] = [
    { ...PLAN, target: { name: HOSTILE, address: HOSTILE }, replay: HOSTILE, planned: [HOSTILE] },
    { ...scenarioRecord(HOSTILE, 'fail', { text: HOSTILE, cause: HOSTILE }), behaviour: HOSTILE },
    COMPLETE,
  ];
  const page = matrixHtml(tableOf([records]));
  t.equal(page.split('<script').length - 1, 2, 'the data and the script');
  t.notMatch(page, /<img/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them
  t.notMatch(page, /[\u0000-\u0008\u001b\u009b\u202e]/);
});
