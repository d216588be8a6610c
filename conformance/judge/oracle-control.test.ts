import t from 'tap';
import { taskId } from '../scenario/bytes.ts';
import { leavesTrace, type Scenario } from '../scenario/scenario.ts';
import { answers, closes, rejects, silent } from '../scenario/steps.ts';
import { FIN, scenario, seen } from '../testing/observations.ts';
import { type Mismatch, mismatch } from './mismatch.ts';
import {
  applyControl,
  type Disposition,
  judgeSideEffects,
  needsControl,
  REJECTS_EVERYTHING,
  type Verdict,
} from './oracle.ts';

const DISPOSITIONS: readonly Disposition[] = ['closed', 'silent', 'rejected', 'answered', 'stored', 'died'];
const INCONCLUSIVE: Verdict = { verdict: 'inconclusive', reason: 'its own' };
const SKIPPED: Verdict = { verdict: 'skipped', lacks: 'acceptance', reason: 'by policy' };
const ERROR: Verdict = { verdict: 'error', reason: 'a fault of the kit' };

function passed(disposition: Disposition): Verdict {
  const outcome = disposition === 'answered' ? answers() : disposition === 'rejected' ? rejects() : closes();
  return { verdict: 'pass', outcome, disposition };
}

function failed(disposition: Disposition): Verdict {
  return { verdict: 'fail', disposition, expected: [], observed: 'no byte', mismatches: [] };
}

const CONTROLS: readonly Verdict[] = [
  ...DISPOSITIONS.map(passed),
  ...DISPOSITIONS.map(failed),
  ...DISPOSITIONS.map((disposition): Verdict => ({ ...INCONCLUSIVE, disposition })),
  INCONCLUSIVE,
  SKIPPED,
  ERROR,
];

t.test('inconclusive, skipped and error stay as they are with any control', async (t) => {
  for (const control of CONTROLS) {
    t.equal(applyControl(INCONCLUSIVE, 'a/c', control), INCONCLUSIVE);
    t.equal(applyControl(SKIPPED, 'a/c', control), SKIPPED);
    t.equal(applyControl(ERROR, 'a/c', control), ERROR);
  }
});

t.test('a failure stays, unless the control failed with the same disposition', async (t) => {
  for (const disposition of DISPOSITIONS) {
    const verdict = failed(disposition);
    for (const control of CONTROLS) {
      const isOwn = control.verdict === 'fail' || control.verdict === 'inconclusive';
      const same = isOwn && control.disposition === disposition;
      const result = applyControl(verdict, 'a/c', control);
      if (same) t.match(result, { verdict: 'inconclusive', reason: /a\/c/ });
      else t.equal(result, verdict);
    }
  }
});

t.test('an unproved control excuses no failure of a scenario that is a proof itself', async (t) => {
  const unproved = applyControl(passed('closed'), 'a/c', failed('closed'));
  t.match(unproved, { verdict: 'inconclusive', isUnproved: true });
  const failure = failed('closed');
  t.equal(applyControl(failure, 'a/c', unproved, true), failure);
  t.match(applyControl(failure, 'a/c', unproved), { verdict: 'inconclusive' });
  const chained = applyControl(failure, 'a/c', failed('closed'), true);
  t.match(chained, { verdict: 'inconclusive', isUnproved: undefined });
  t.match(applyControl(failure, 'a/c', chained, true), { verdict: 'inconclusive' });
});

t.test('an answer and a stored task need no control', async (t) => {
  for (const disposition of ['answered', 'stored'] as const) {
    const verdict = passed(disposition);
    for (const control of CONTROLS) t.equal(applyControl(verdict, 'a/c', control), verdict);
  }
  const rejection: Verdict = { verdict: 'pass', outcome: answers(), disposition: 'rejected' };
  t.equal(applyControl(rejection, 'a/c', passed('rejected')), rejection, 'the outcome accepts any answer');
});

t.test('side effects change a pass and no other verdict', async (t) => {
  const unchanged: Scenario = { ...scenario(closes()), store: [{ kind: 'unchanged' }] };
  const traced: Scenario = {
    ...scenario(closes()),
    store: [{ kind: 'task', side: 'submitted', taskId: taskId(), fields: { status: 'ACCEPTED' } }],
    preloaded: [{ side: 'submitted', taskId: taskId(), status: 'NEW' }],
  };
  const result = (of: Scenario, mismatches: readonly Mismatch[]) =>
    judgeSideEffects(passed('closed'), of, seen(FIN), mismatches);
  const [touched, grown, missing] = [
    mismatch('file touched', 'a'),
    mismatch('growth', 'b'),
    mismatch('task file missing', 'c'),
  ];
  t.match(result(unchanged, []), { verdict: 'pass', disposition: 'closed' });
  t.match(result(traced, []), { verdict: 'pass', disposition: 'stored' });
  t.match(result(unchanged, [touched]), {
    verdict: 'fail',
    disposition: 'stored',
    expected: [/./],
    conditions: [/no file/],
    mismatches: [touched],
  });
  const verdict = result(scenario(closes()), [grown]);
  t.match(verdict, { verdict: 'fail', expected: [/./], mismatches: [grown] });
  t.notOk('conditions' in verdict, 'without conditions on the store');
  t.match(result(traced, [missing]), { verdict: 'fail', disposition: 'closed', mismatches: [missing] });
  for (const verdict of [failed('closed'), INCONCLUSIVE, SKIPPED])
    t.equal(judgeSideEffects(verdict, traced, seen(FIN), [missing]), verdict);
});

t.test('a preloaded task that stays unchanged is no trace', async (t) => {
  const stays: Scenario = {
    ...scenario(closes()),
    store: [{ kind: 'task', side: 'submitted', taskId: taskId(), fields: { status: 'NEW' } }],
    preloaded: [{ side: 'submitted', taskId: taskId(), status: 'NEW' }],
  };
  t.notOk(leavesTrace(stays));
  t.ok(leavesTrace({ ...stays, preloaded: [{ side: 'received', taskId: taskId(), status: 'NEW' }] }));
  t.ok(leavesTrace({ ...stays, preloaded: [{ side: 'submitted', taskId: taskId(2), status: 'NEW' }] }));
});

t.test('a refusal counts only if the control passed and was not refused in the same way', async (t) => {
  for (const disposition of ['closed', 'silent', 'rejected'] as const) {
    const verdict = passed(disposition);
    for (const control of CONTROLS) {
      const result = applyControl(verdict, 'a/c', control);
      if (control.verdict === 'skipped') t.strictSame(result, control);
      else if (control.verdict !== 'pass') t.match(result, { verdict: 'inconclusive', reason: /a\/c/ });
      else if (control.disposition !== disposition) t.equal(result, verdict);
      else if (disposition === 'rejected') t.strictSame(result, REJECTS_EVERYTHING);
      else t.match(result, { verdict: 'inconclusive', reason: /a\/c/ });
    }
  }
});

t.test('a refusal needs a control, an answer does not', async (t) => {
  t.ok(needsControl(closes()));
  t.ok(needsControl(silent()));
  t.ok(needsControl(rejects()));
  t.notOk(needsControl(answers()));
  t.notOk(needsControl(answers({ taskId: taskId(), types: [1] })));
  t.notOk(needsControl(answers({ statuses: [200, 400] })));
});
