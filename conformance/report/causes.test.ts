import t from 'tap';
import { COMPLETE, reportOf, scenarioRecord } from '../testing/records.ts';
import { firstFailure, groupByCause } from './causes.ts';
import type { ReportRecord, ScenarioRecord } from './record.ts';

type Failed = Extract<ScenarioRecord, { readonly verdict: 'fail' }>;

function failed(id: string, cause: string, extra: Partial<Failed> = {}): ScenarioRecord {
  return { ...(scenarioRecord(id, 'fail') as Failed), cause, ...extra };
}

function inconclusive(id: string, control: string): ScenarioRecord {
  return { ...scenarioRecord(id, 'inconclusive'), control };
}

/** The groups, each as the ids of its root, of the others and of the dependents. */
function groups(scenarios: readonly ScenarioRecord[], plan = {}): readonly string[] {
  return groupByCause(reportOf(scenarios, plan)).map(({ root, others, dependents }) =>
    [[root], others, dependents].map((records) => records.map(({ id }) => id).join(' ')).join(' | '),
  );
}

const LATE = 'the answer is late';
const ID = "the answer's task_id is wrong";

t.test('failures with the same cause are one group, and passes are in none', async (t) => {
  const scenarios = [
    failed('a/one', ID),
    failed('a/two', LATE),
    scenarioRecord('a/three', 'pass'),
    failed('a/four', ID),
    scenarioRecord('a/five', 'skipped'),
  ];
  t.strictSame(groups(scenarios), ['a/one | a/four | ', 'a/two |  | ']);
});

t.test('the root is the scenario that judges just that part', async (t) => {
  t.strictSame(groups([failed('a/one', ID), failed('submit/task-id-echoed', ID)]), [
    'submit/task-id-echoed | a/one | ',
  ]);
});

t.test('what the target does to an ordinary SUBMIT is one cause for all clauses', async (t) => {
  const scenarios = [
    failed('frame/legal', 'no answer comes back (F1)'),
    failed('submit/answered-once', 'no answer comes back (S1)'),
    failed('json/unknown', 'no answer comes back (M1)'),
    inconclusive('frame/other', 'frame/legal'),
  ];
  t.strictSame(groups(scenarios), ['submit/answered-once | frame/legal json/unknown | frame/other']);
  t.strictSame(groups([...scenarios.slice(2, 3), failed('json/b', 'no answer comes back (M2)')]), [
    'json/unknown |  | ',
    'json/b |  | ',
  ]);
});

t.test('what a client takes for an acceptance is one cause if it accepts everything', async (t) => {
  const takes = 'the client takes for an acceptance what is none';
  const scenarios = [
    failed('client-bad-server/status-text', `${takes}: a field of another type`),
    failed('client-bad-server/closes', `${takes}: a connection that ended too early`),
  ];
  t.equal(groups(scenarios).length, 2);
  t.strictSame(groups([...scenarios, failed('client-reading/rejected', `${takes}: a rejection`)]), [
    'client-reading/rejected | client-bad-server/status-text client-bad-server/closes | ',
  ]);
  const otherwise = failed('client-reading/rejected', 'the client does not take a rejection for one');
  t.equal(groups([...scenarios, otherwise]).length, 3);
});

t.test('deaths of a client are one cause if it catches nothing', async (t) => {
  const dies = 'the client dies where it must report an error';
  const answer = failed('client-bad-server/not-json', `${dies}: an answer`);
  const reset = failed('client-bad-server/resets', `${dies}: its connection`);
  const close = failed('client-bad-server/closes', `${dies}: its connection`);
  t.equal(groups([answer, reset]).length, 2);
  t.equal(groups([reset, close]).length, 1);
  t.strictSame(groups([answer, reset, close]), [
    'client-bad-server/not-json | client-bad-server/resets client-bad-server/closes | ',
  ]);
});

t.test('otherwise it is a control, then the most ordinary input, then the first in the plan', async (t) => {
  const sent = (total: number, segments = 1): Partial<Failed> => ({
    transcript: [{ kind: 'sent', hex: '', total, asked: total, segments, tookMs: 0, atMs: 0 }],
  });
  const cause = 'no mapping';
  const root = (...scenarios: ScenarioRecord[]) => groupByCause(reportOf(scenarios))[0]?.root.id;
  t.equal(root(failed('a/one', cause), failed('a/two', cause), inconclusive('a/three', 'a/two')), 'a/two');
  t.equal(root(failed('a/one', cause, { control: 'a/x' }), failed('a/two', cause)), 'a/two');
  t.equal(root(failed('a/one', cause, sent(1e6)), failed('a/two', cause, sent(200))), 'a/two');
  t.equal(root(failed('a/one', cause, sent(1)), failed('a/two', cause, sent(200))), 'a/two');
  t.equal(root(failed('a/one', cause, sent(200, 99)), failed('a/two', cause, sent(200))), 'a/two');
  t.equal(root(failed('a/one', cause), failed('a/two', cause)), 'a/one');
  t.equal(root(failed('a/one', cause, { level: 'SHOULD' }), failed('a/two', cause)), 'a/two');
});

t.test('a death comes first, then MUST before SHOULD, then larger groups', async (t) => {
  const scenarios = [
    failed('a/may', 'm', { level: 'MAY' }),
    failed('a/should', 's', { level: 'SHOULD' }),
    failed('a/flaky', 'f', { failedPlays: 1 }),
    failed('a/small', 'x'),
    ...[1, 2, 3, 4].map((index) => failed(`a/large-${index}`, 'y')),
    failed('a/dead', 'd', { targetDied: true }),
  ];
  t.strictSame(
    groupByCause(reportOf(scenarios)).map(({ cause, word, conforms }) => [cause, word, conforms]),
    [
      ['d', 'FAIL', false],
      ['y', 'FAIL', false],
      ['x', 'FAIL', false],
      ['f', 'flaky', false],
      ['s', 'warning', true],
      ['m', 'note', true],
    ],
  );
});

t.test('what ordinary peers meet comes before faults that only malformed input shows', async (t) => {
  const scenarios = [
    failed('store/one', 'the data of a task is not stored'),
    ...[1, 2].map((index) => failed(`json/${index}`, 'the target accepts what it must refuse (M5)')),
    failed('json/other', 'no answer comes back (M1)'),
  ];
  t.strictSame(
    groupByCause(reportOf(scenarios)).map(({ root }) => root.id),
    ['json/other', 'json/1', 'store/one'],
  );
});

t.test('what is inconclusive for want of a control is under the cause of the control', async (t) => {
  const scenarios = [
    failed('a/one', ID),
    inconclusive('a/two', 'a/one'),
    inconclusive('a/three', 'a/two'),
    inconclusive('a/four', 'a/passes'),
    scenarioRecord('a/passes', 'pass'),
  ];
  t.strictSame(groups(scenarios), ['a/one |  | a/two a/three', 'a/four |  | ']);
});

t.test('so is what is inconclusive for want of the scenario that its reason names', async (t) => {
  const reason = `the answers do not hold the task_id, which submit/task-id-echoed judges`;
  const record = { ...inconclusive('a/two', 'a/passes'), reason } as ScenarioRecord;
  const scenarios = [failed('submit/task-id-echoed', ID), record, scenarioRecord('a/passes', 'pass')];
  t.strictSame(groups(scenarios), ['submit/task-id-echoed |  | a/two']);
  const old = scenarioRecord('a/two', 'inconclusive', {
    text: 'its control a/one failed in the same way: x',
  });
  t.strictSame(groups([failed('a/one', ID), old]), ['a/one |  | a/two'], 'as in reports of earlier versions');
});

t.test('known failures are groups of their own, the last ones', async (t) => {
  const known = { known: { line: 1, reason: 'we know' } };
  const scenarios = [failed('a/one', ID, known), failed('a/two', ID), failed('a/three', LATE, known)];
  t.strictSame(groups(scenarios), ['a/two |  | ', 'a/one | a/three | ']);
});

t.test('records of earlier versions have their mismatches as the cause', async (t) => {
  const old = (id: string, text: string): ScenarioRecord => scenarioRecord(id, 'fail', { text });
  t.strictSame(groups([old('a/one', 'this'), old('a/two', 'that'), old('a/three', 'this')]), [
    'a/one | a/three | ',
    'a/two |  | ',
  ]);
});

t.test('controls that refer to each other end', async (t) => {
  t.strictSame(groups([inconclusive('a/one', 'a/two'), inconclusive('a/two', 'a/one')]).length, 1);
});

t.test('a provisional record counts until the final one is there', async (t) => {
  const provisional = failed('a/one', ID, { provisional: true });
  const [plan = COMPLETE] = reportOf([provisional]);
  const records: ReportRecord[] = [plan, provisional];
  t.equal(firstFailure(records)?.id, 'a/one');
  t.equal(firstFailure([...records, scenarioRecord('a/one', 'pass')]), undefined);
  t.equal(groupByCause([...records, failed('a/one', LATE)])[0]?.cause, LATE);
});

t.test('the first failure is the root of the first group of failures', async (t) => {
  t.equal(firstFailure(reportOf([scenarioRecord('a/one', 'error'), failed('a/two', ID)]))?.id, 'a/two');
  t.equal(firstFailure(reportOf([scenarioRecord('a/one', 'inconclusive')])), undefined);
});
