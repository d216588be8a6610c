import t from 'tap';
import type { Verdict } from '../judge/oracle.ts';
import type { Attempt } from '../run/attempt.ts';
import type { RunEvent, ScenarioResult } from '../run/events.ts';
import type { Level } from '../scenario/requirement.ts';
import { closes } from '../scenario/steps.ts';
import { reportOf, scenarioRecord } from '../testing/records.ts';
import { EXIT } from './exit-status.ts';
import type { ScenarioRecord } from './record.ts';
import { Recorder } from './recorder.ts';
import { NO_FILTERS } from './run-records.ts';
import { type SummaryOptions, summarise, summariseRecords } from './summary.ts';

const target = { host: '127.0.0.1', port: 1003 };

function plan(planned: number, controls = 0): RunEvent {
  return {
    kind: 'plan',
    target,
    profile: {
      answers: true,
      policy: 'accepts',
      keepsOpen: false,
      isConcurrent: true,
      echoesTaskId: true,
      latencyMs: 1,
    },
    deadlines: { connectMs: 5000, answerMs: 5000, quietMs: 100 },
    jobs: 1,
    planned: Array.from({ length: planned }, (_, index) => `a/${index}`),
    controls: Array.from({ length: controls }, (_, index) => `c/${index}`),
    cost: { connections: 2, bytes: 454 },
  };
}

const VERDICTS: Readonly<Record<Verdict['verdict'], Verdict>> = {
  pass: { verdict: 'pass', outcome: closes(), disposition: 'closed' },
  fail: {
    verdict: 'fail',
    disposition: 'closed',
    expected: [],
    observed: '',
    mismatches: [],
  },
  inconclusive: { verdict: 'inconclusive', reason: '' },
  skipped: { verdict: 'skipped', lacks: 'acceptance', reason: '' },
  error: { verdict: 'error', reason: '' },
};

function result(
  verdict: keyof typeof VERDICTS,
  level: Level = 'MUST',
  { targetDied = false, onlyAsControl = false }: Partial<Attempt & ScenarioResult> = {},
): RunEvent {
  return {
    kind: 'result',
    result: {
      scenario: { id: 'a/0', clause: 'S1', level, requirement: 'It is so.', steps: [], accept: [closes()] },
      attempts: [{ ...VERDICTS[verdict], transcript: [], targetDied, durationMs: 0 }],
      onlyAsControl,
    },
  };
}

const COMPLETE: RunEvent = { kind: 'end', because: 'complete' };
const UNREACHABLE: RunEvent = { kind: 'unreachable', target, code: 'ECONNREFUSED' };
const INTERRUPTED: RunEvent = { kind: 'end', because: 'interrupted' };
const DIED: RunEvent = { kind: 'end', because: 'target-died' };

function exit(events: readonly RunEvent[], options?: SummaryOptions): number {
  return summarise(events, options).exitStatus;
}

t.test('a run in which everything passed conforms', async (t) => {
  t.equal(exit([plan(2), result('pass'), result('pass', 'MAY'), COMPLETE]), EXIT.success);
  t.equal(exit([plan(2), result('pass'), result('skipped'), COMPLETE]), EXIT.success);
});

t.test('each status has its cause', async (t) => {
  t.equal(exit([plan(2), result('pass'), result('fail'), COMPLETE]), EXIT.failed);
  t.equal(exit([UNREACHABLE]), EXIT.unreachable);
  t.equal(exit([plan(2), result('fail', 'MUST', { targetDied: true }), DIED]), EXIT.unreachable);
  t.equal(exit([plan(2), result('pass'), COMPLETE]), EXIT.incomplete);
  t.equal(exit([plan(2), result('pass'), result('inconclusive'), COMPLETE]), EXIT.incomplete);
  t.equal(exit([plan(2), result('pass'), result('error'), COMPLETE]), EXIT.kitError);
  t.equal(exit([plan(2), result('pass'), INTERRUPTED]), EXIT.interrupted);
});

t.test('only a complete run has a verdict on the target', async (t) => {
  const verdict = (...events: RunEvent[]) => summarise(events).verdict;
  t.equal(verdict(plan(1), result('pass'), COMPLETE), 'conforms');
  t.equal(verdict(plan(1), result('fail'), COMPLETE), 'does not conform');
  for (const events of [
    [UNREACHABLE],
    [plan(1), result('fail'), INTERRUPTED],
    [plan(1), result('fail', 'MUST', { targetDied: true }), DIED],
    [plan(1), result('error'), COMPLETE],
    [plan(2), result('pass'), COMPLETE],
  ]) {
    t.equal(verdict(...events), 'no verdict');
  }
});

t.test('a run that tested nothing never conforms', async (t) => {
  t.equal(exit([plan(0), COMPLETE]), EXIT.incomplete);
  t.equal(exit([plan(1), result('skipped'), COMPLETE]), EXIT.incomplete);
  t.equal(exit([plan(1), result('inconclusive', 'MAY'), COMPLETE]), EXIT.incomplete);
  t.equal(exit([plan(0, 1), result('pass', 'MUST', { onlyAsControl: true }), COMPLETE]), EXIT.incomplete);
  t.equal(exit([COMPLETE]), EXIT.incomplete, 'not even planned');
});

t.test('a run that judged everything conforms, although every scenario only warned', async (t) => {
  for (const level of ['SHOULD', 'MAY'] as const)
    t.equal(exit([plan(2), result('fail', level), result('fail', level), COMPLETE]), EXIT.success);
  t.equal(exit([plan(1), result('fail', 'SHOULD'), COMPLETE], { strict: true }), EXIT.failed);
});

t.test('a failed SHOULD warns and a failed MAY is noted', async (t) => {
  const events = [plan(3), result('pass'), result('fail', 'SHOULD'), result('fail', 'MAY'), COMPLETE];
  const { reason, verdict, words } = summarise(events);
  t.equal(reason, '1 of 3 scenarios passed, 1 warned, 1 noted');
  t.equal(verdict, 'conforms');
  t.match(words, { MUST: { pass: 1 }, SHOULD: { warning: 1, note: 0 }, MAY: { warning: 0, note: 1 } });
  t.match(summarise([plan(1), result('fail', 'SHOULD'), COMPLETE]), {
    exitStatus: EXIT.success,
    verdict: 'conforms',
    reason: '0 of 1 scenario passed, 1 warned',
  });
});

t.test('a target that answered no SUBMIT has no verdict, unless the kit watches it', async (t) => {
  const unanswered: RunEvent = { kind: 'end', because: 'unanswered' };
  t.match(summarise([plan(2), result('pass'), result('pass', 'SHOULD'), unanswered]), {
    exitStatus: EXIT.incomplete,
    verdict: 'no verdict',
    reason: /no byte came back/,
  });
  t.equal(exit([plan(1), result('fail'), unanswered]), EXIT.incomplete);
});

t.test('skipped scenarios are counted by what they lack, and a gate can refuse them', async (t) => {
  const events = [plan(2), result('pass'), result('skipped'), COMPLETE];
  t.match(summarise(events), {
    exitStatus: EXIT.success,
    reason: '1 of 2 scenarios passed, 1 skipped (acceptance 1)',
  });
  const gated = (gate: Pick<SummaryOptions, 'require' | 'maxSkipped'>) => summarise(events, gate);
  t.match(gated({ require: ['acceptance'] }), {
    exitStatus: EXIT.incomplete,
    reason: /^--require acceptance: 1 scen/,
  });
  t.equal(gated({ require: ['store', 'process'] }).exitStatus, EXIT.success);
  t.match(gated({ maxSkipped: 0 }), {
    exitStatus: EXIT.incomplete,
    reason: /^--max-skipped 0: 1 scenario skipped/,
  });
  t.equal(gated({ maxSkipped: 1 }).exitStatus, EXIT.success);
});

t.test('a run without an end was interrupted', async (t) => {
  t.equal(exit([]), EXIT.interrupted);
  t.equal(exit([plan(1), result('pass')]), EXIT.interrupted);
  t.equal(exit([plan(1), result('fail')]), EXIT.interrupted);
});

t.test('of several causes, the one that leaves least of the run gives the status', async (t) => {
  const everything = [
    plan(9),
    result('pass'),
    result('inconclusive'),
    result('fail'),
    result('fail', 'MUST', { targetDied: true }),
    result('error'),
  ];
  t.equal(exit([...everything, INTERRUPTED, UNREACHABLE]), EXIT.unreachable);
  t.equal(exit([...everything, INTERRUPTED]), EXIT.interrupted);
  t.equal(exit([...everything, DIED]), EXIT.kitError);
  t.equal(exit([...everything.slice(0, 5), DIED]), EXIT.unreachable);
  t.equal(exit([...everything.slice(0, 4), COMPLETE]), EXIT.failed);
  t.equal(exit([...everything.slice(0, 3), COMPLETE]), EXIT.incomplete);
});

t.test('a SHOULD counts under strict alone, a MAY never', async (t) => {
  for (const verdict of ['fail', 'inconclusive'] as const) {
    const run = (level: Level) => [plan(2), result('pass'), result(verdict, level), COMPLETE];
    const counted = verdict === 'fail' ? EXIT.failed : EXIT.incomplete;
    t.equal(exit(run('SHOULD')), EXIT.success, verdict);
    t.equal(exit(run('SHOULD'), { strict: true }), counted, verdict);
    t.equal(exit(run('MUST'), { strict: true }), counted, verdict);
    t.equal(exit(run('MAY'), { strict: true }), EXIT.success, verdict);
  }
});

t.test('a fault of the kit counts at every level', async (t) => {
  t.equal(exit([plan(2), result('pass'), result('error', 'MAY'), COMPLETE]), EXIT.kitError);
});

t.test('a scenario that only ran as a control is not counted, but a death after it is', async (t) => {
  const control = { onlyAsControl: true };
  const { counts, total, planned, exitStatus } = summarise([
    plan(1, 3),
    result('fail', 'MUST', control),
    result('error', 'MUST', control),
    result('inconclusive', 'SHOULD', control),
    result('pass'),
    COMPLETE,
  ]);
  t.strictSame([planned, exitStatus], [1, EXIT.success]);
  t.strictSame(total, { pass: 1, fail: 0, known: 0, inconclusive: 0, skipped: 0, error: 0 });
  t.strictSame(counts.MUST, total);
  const died = [plan(1, 1), result('fail', 'MUST', { ...control, targetDied: true }), DIED];
  t.equal(exit(died), EXIT.unreachable);
});

t.test('verdicts are counted by level', async (t) => {
  const { counts, total, planned } = summarise([
    plan(6),
    result('pass'),
    result('fail'),
    result('fail', 'SHOULD'),
    result('skipped', 'SHOULD'),
    result('inconclusive', 'MAY'),
    result('error', 'MAY'),
    COMPLETE,
  ]);
  t.equal(planned, 6);
  t.strictSame(counts, {
    MUST: { pass: 1, fail: 1, known: 0, inconclusive: 0, skipped: 0, error: 0 },
    SHOULD: { pass: 0, fail: 1, known: 0, inconclusive: 0, skipped: 1, error: 0 },
    MAY: { pass: 0, fail: 0, known: 0, inconclusive: 1, skipped: 0, error: 1 },
  });
  t.strictSame(total, { pass: 1, fail: 2, known: 0, inconclusive: 1, skipped: 1, error: 1 });
});

t.test('the reason is one line, also for a hostile address or code', async (t) => {
  const hostile: RunEvent = {
    kind: 'unreachable',
    target: { host: 'a\x1b[2J\n', port: 1 },
    code: 'E\r\n::error::',
  };
  t.match(summarise([hostile]).reason, /^[ -~]+$/);
});

t.test(
  'what is not judged because of a known failure is counted apart, and alone gives no verdict',
  async (t) => {
    const known = { line: 1, reason: 'no answer' };
    const inconclusive = { ...scenarioRecord('a/1', 'inconclusive'), known } as ScenarioRecord;
    t.match(summariseRecords(reportOf([inconclusive])), {
      exitStatus: EXIT.incomplete,
      verdict: 'no verdict',
      reason: '0 of 1 scenario passed, 1 not judged because of a known failure',
    });
    t.match(summariseRecords(reportOf([scenarioRecord('a/0', 'fail', { known: true }), inconclusive])), {
      exitStatus: EXIT.success,
      verdict: 'conforms but for known failures',
      reason: '0 of 2 scenarios passed, 1 known to fail, 1 not judged because of a known failure',
    });
  },
);

t.test('a run that its failures ended says how many scenarios were not run', async (t) => {
  const events = [
    plan(10),
    result('pass'),
    result('fail'),
    result('fail'),
    { kind: 'end', because: 'bailed' },
  ] as const;
  t.match(summarise(events), {
    exitStatus: EXIT.failed,
    reason: '2 scenarios at level MUST failed; 7 of 10 scenarios not run',
  });
});

t.test('a run without a green end counts what was skipped as a green one does', async (t) => {
  const skipped = 'skipped (acceptance 1)';
  t.match(summarise([plan(2), result('fail'), result('skipped'), COMPLETE]), {
    reason: `1 scenario at level MUST failed; 1 ${skipped}`,
  });
  t.match(summarise([plan(2), result('inconclusive'), result('skipped'), result('pass'), COMPLETE]), {
    reason: `1 scenario could not be judged; 1 ${skipped}`,
  });
});

t.test('traffic is judged by rules', async (t) => {
  const events = [plan(2), result('pass'), result('fail'), COMPLETE];
  const recorder = new Recorder({
    ...{ kit: '', startedAt: '', elapsedMs: () => 0, replay: '', strict: false, filters: NO_FILTERS },
    command: 'traffic',
  });
  const { reason } = summariseRecords(events.flatMap((event) => recorder.take(event)));
  t.equal(reason, '1 rule at level MUST failed');
});
