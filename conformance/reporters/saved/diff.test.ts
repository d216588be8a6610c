import t from 'tap';
import type { ReportRecord, ScenarioRecord } from '../../report/record.ts';
import { COMPLETE, PLAN, scenarioRecord } from '../../testing/records.ts';
import { assemble, type Report } from '../common/report.ts';
import { type Change, diff } from './diff.ts';

const ID = 'a/one';
const fail = { ...scenarioRecord(ID, 'fail'), attempts: 3, failedPlays: 3 } as ScenarioRecord;
const flaky = { ...fail, failedPlays: 1 } as ScenarioRecord;
const should = (record: ScenarioRecord): ScenarioRecord => ({ ...record, level: 'SHOULD' });

/** Each verdict that a report can show, at a level that makes it count or not. */
const VERDICTS = {
  pass: scenarioRecord(ID, 'pass'),
  FAIL: fail,
  flaky,
  known: { ...fail, known: { line: 1, reason: '*' } } as ScenarioRecord,
  warning: should(fail),
  note: { ...fail, level: 'MAY' } as ScenarioRecord,
  'flaky SHOULD': should(flaky),
  skipped: scenarioRecord(ID, 'skipped'),
  inconclusive: scenarioRecord(ID, 'inconclusive'),
  'inconclusive SHOULD': should(scenarioRecord(ID, 'inconclusive')),
  error: scenarioRecord(ID, 'error'),
  absent: undefined,
} as const satisfies Readonly<Record<string, ScenarioRecord | undefined>>;
type Name = keyof typeof VERDICTS;

function reportOf(name: Name): Report {
  const record: ScenarioRecord | undefined = VERDICTS[name];
  const records: ReportRecord[] = [PLAN, ...(record ? [record] : []), COMPLETE];
  const [report] = assemble(records);
  if (report === undefined) throw new Error('records with a plan are a report');
  return report;
}

const changeOf = (before: Name, after: Name) => diff(reportOf(before), reportOf(after))[0]?.change;

t.test('what is worse, better or neither', async (t) => {
  const table: readonly (readonly [before: Name, after: Name, change: Change['change']])[] = [
    ['pass', 'FAIL', 'worse'],
    ['pass', 'flaky SHOULD', 'worse'],
    ['flaky SHOULD', 'warning', 'worse'],
    ['flaky', 'FAIL', 'worse'],
    ['warning', 'known', 'worse'],
    ['known', 'flaky', 'worse'],
    ['warning', 'flaky', 'worse'],
  ];
  for (const [before, after, change] of table) {
    t.equal(changeOf(before, after), change, `${before} → ${after}`);
    t.equal(changeOf(after, before), 'better', `${after} → ${before}`);
  }
  t.equal(changeOf('warning', 'note'), 'other');
  t.equal(changeOf('note', 'warning'), 'other');
});

t.test('what passed and has no verdict now is worse', async (t) => {
  for (const after of ['skipped', 'inconclusive', 'inconclusive SHOULD', 'error'] as const) {
    t.equal(changeOf('pass', after), 'worse', after);
    t.equal(changeOf(after, 'pass'), 'other', after);
    t.equal(changeOf('FAIL', after), 'other', after);
  }
  t.equal(changeOf('pass', 'absent'), 'removed', 'a run of fewer scenarios');
});

t.test('what counts against the target and had no verdict is worse', async (t) => {
  for (const before of ['skipped', 'inconclusive', 'inconclusive SHOULD', 'error', 'absent'] as const) {
    for (const after of ['FAIL', 'flaky'] as const)
      t.equal(changeOf(before, after), 'worse', `${before} → ${after}`);
    for (const after of ['warning', 'known', 'flaky SHOULD'] as const)
      t.equal(changeOf(before, after), before === 'absent' ? 'added' : 'other', `${before} → ${after}`);
  }
  t.equal(changeOf('skipped', 'inconclusive'), 'worse');
  t.equal(changeOf('absent', 'inconclusive'), 'worse');
  t.equal(changeOf('error', 'inconclusive'), 'other');
});
