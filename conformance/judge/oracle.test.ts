import assert from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { taskId, text } from '../scenario/bytes.ts';
import { type AnswerOutcome, leavesTrace, type Outcome, type Scenario } from '../scenario/scenario.ts';
import { answers, closes, rejects, silent, silentUntilReset } from '../scenario/steps.ts';
import type { Frame } from '../wire/frames.ts';
import type { Ending, Observation } from './observe.ts';
import {
  applyControl,
  type Disposition,
  judgeDeath,
  judgeObservation,
  judgeSideEffects,
  needsControl,
  REJECTS_EVERYTHING,
  type Verdict,
} from './oracle.ts';

const idOf = (slot: number) => `id-${slot}`;

function scenario(...accept: readonly Outcome[]): Scenario {
  return { id: 'a/b', clause: 'S1', level: 'MUST', requirement: 'It is so.', steps: [], accept };
}

function seen(ending: Ending, frames: readonly Frame[] = [], rest = ''): Observation {
  return { frames, rest: Buffer.from(rest), ending };
}

/** An answer frame; `fields` replaces tokens of its payload. */
function answer(fields: Readonly<Record<string, string>> = {}, type = 1): Frame {
  const all = { task_id: '"id-1"', status: '200', message: '"ok"', ...fields };
  const members = Object.entries(all).map(([name, token]) => `"${name}":${token}`);
  return { type, payload: Buffer.from(`{${members.join(',')}}`) };
}

const FIN: Ending = { kind: 'fin' };
const RESET: Ending = { kind: 'reset', code: 'ECONNRESET' };
const QUIET: Ending = { kind: 'quiet', ms: 100 };
const DEADLINE: Ending = { kind: 'deadline', ms: 5000 };
const SENT_RESET: Ending = { kind: 'sent-reset' };
const FLOOD: Ending = { kind: 'flood', keptBytes: 9 };
const ABORTED: Ending = { kind: 'aborted' };
const NO_CONNECTION: Ending = { kind: 'connect-failed', code: 'ECONNREFUSED' };

const NOT_JSON: Frame = { type: 1, payload: Buffer.from('{') };

/** Each outcome with observations that match and observations that do not. */
const OUTCOMES: readonly {
  readonly outcome: Outcome;
  readonly is: readonly Observation[];
  readonly isNot: readonly Observation[];
}[] = [
  {
    outcome: closes(),
    is: [seen(FIN), seen(RESET)],
    isNot: [seen(QUIET), seen(DEADLINE), seen(FIN, [answer()]), seen(RESET, [NOT_JSON]), seen(FIN, [], 'x')],
  },
  {
    outcome: silent(),
    is: [seen(QUIET), seen(DEADLINE)],
    isNot: [seen(FIN), seen(RESET), seen(QUIET, [answer()]), seen(QUIET, [], 'x'), seen(FLOOD, [], 'x')],
  },
  {
    outcome: silentUntilReset(),
    is: [seen(SENT_RESET), seen(FIN), seen(RESET)],
    isNot: [seen(SENT_RESET, [answer()]), seen(SENT_RESET, [], 'x')],
  },
  {
    outcome: answers(),
    is: [seen(FIN, [answer()]), seen(RESET, [answer()]), seen(QUIET, [answer({}, 9)]), seen(FIN, [NOT_JSON])],
    isNot: [
      seen(FIN),
      seen(QUIET),
      seen(FIN, [], 'x'),
      seen(FIN, [answer()], 'x'),
      seen(FIN, [answer(), answer()]),
    ],
  },
  {
    outcome: answers({ frames: [1, 2] }),
    is: [seen(FIN, [answer()]), seen(QUIET, [answer(), answer()])],
    isNot: [seen(FIN), seen(FIN, [answer(), answer(), answer()]), seen(FIN, [answer(), answer()], 'x')],
  },
  {
    outcome: answers({ types: [1, 2] }),
    is: [seen(FIN, [answer({}, 1)]), seen(FIN, [answer({}, 2)])],
    isNot: [seen(FIN, [answer({}, 3)]), seen(FIN, [answer({}, 0x0101)]), seen(FIN)],
  },
  {
    outcome: answers({ isResponse: true }),
    is: ['{"status":null}', '{"message":7}']
      .map((payload) => seen(FIN, [{ type: 1, payload: Buffer.from(payload) }]))
      .concat(seen(FIN, [answer()])),
    isNot: ['{}', '{"task_id":"id-1","task_description":"d"}', '["status"]', '"message"']
      .map((payload) => seen(FIN, [{ type: 1, payload: Buffer.from(payload) }]))
      .concat(seen(FIN, [NOT_JSON]), seen(FIN)),
  },
  {
    outcome: answers({ statuses: [200, 400] }),
    is: [seen(FIN, [answer()]), seen(FIN, [answer({ status: '400' })])],
    isNot: ['500', '200.0', '2e2', '"200"', 'null', 'true', '[200]']
      .map((status) => seen(FIN, [answer({ status })]))
      .concat(seen(FIN, [NOT_JSON]), seen(FIN)),
  },
  {
    outcome: rejects(),
    is: [seen(FIN, [answer({ status: '400' })])],
    isNot: [seen(FIN, [answer()]), seen(FIN), seen(FIN, [answer({ status: '"400"' })])],
  },
  {
    outcome: answers({ taskId: taskId() }),
    is: [seen(FIN, [answer()]), seen(FIN, [answer({ task_id: '"\\u0069d-1"' })])],
    isNot: ['"id-2"', '"ID-1"', '""', 'null', '1', '"id-1 "']
      .map((task_id) => seen(FIN, [answer({ task_id })]))
      .concat(seen(FIN, [NOT_JSON])),
  },
  {
    outcome: answers({ taskId: taskId(2) }),
    is: [seen(FIN, [answer({ task_id: '"id-2"' })])],
    isNot: [seen(FIN, [answer()])],
  },
  {
    outcome: answers({ message: 'string' }),
    is: [seen(FIN, [answer()]), seen(FIN, [answer({ message: '""' })])],
    isNot: ['null', '7', '["ok"]'].map((message) => seen(FIN, [answer({ message })])),
  },
  {
    outcome: answers({ message: 'not-empty' }),
    is: [seen(FIN, [answer()])],
    isNot: ['""', 'null', '7'].map((message) => seen(FIN, [answer({ message })])),
  },
  {
    outcome: answers({ withinMs: 1000 }),
    is: [0, 999, 1000].map((answeredAfterMs) => ({ ...seen(FIN, [answer()]), answeredAfterMs })),
    isNot: [{ ...seen(FIN, [answer()]), answeredAfterMs: 1000.5 }, seen(QUIET)],
  },
  {
    outcome: answers({ types: [1], statuses: [200], taskId: taskId(), message: 'string' }),
    is: [seen(FIN, [answer()])],
    isNot: [
      seen(FIN, [answer({}, 2)]),
      seen(FIN, [answer({ status: '400' })]),
      seen(FIN, [answer({ task_id: '"id-2"' })]),
      seen(FIN, [answer({ message: 'null' })]),
    ],
  },
];

t.test('each outcome matches its observations and no others', async (t) => {
  for (const { outcome, is, isNot } of OUTCOMES) {
    for (const [wanted, observations] of [
      ['pass', is],
      ['fail', isNot],
    ] as const) {
      const verdicts = observations.map((seen) => judgeObservation(scenario(outcome), seen, idOf).verdict);
      t.strictSame([...new Set(verdicts)], [wanted], JSON.stringify(outcome));
    }
  }
});

t.test('a mismatch is not empty and names its field', async (t) => {
  const names = { statuses: 'status', taskId: 'task_id', message: 'message' };
  for (const { outcome, isNot } of OUTCOMES) {
    const mismatches = isNot.map((seen) => {
      const verdict = judgeObservation(scenario(outcome), seen, idOf);
      return verdict.verdict === 'fail' ? verdict.mismatches.join() : '';
    });
    t.notOk(mismatches.includes(''), JSON.stringify(outcome));
    for (const [condition, name] of Object.entries(names))
      if (condition in outcome)
        t.ok(
          mismatches.some((mismatch) => new RegExp(`${name} .`).test(mismatch)),
          `${JSON.stringify(outcome)} names ${name}`,
        );
  }
});

t.test('without a connection, or after an interruption, the verdict is inconclusive', async (t) => {
  for (const { outcome } of OUTCOMES) {
    for (const ending of [NO_CONNECTION, ABORTED]) {
      t.equal(
        judgeObservation(scenario(outcome), seen(ending), idOf).verdict,
        'inconclusive',
        JSON.stringify(outcome),
      );
    }
  }
  t.equal(judgeObservation(scenario(answers()), seen(ABORTED, [answer()]), idOf).verdict, 'inconclusive');
});

t.test("the disposition classifies the target's treatment of the input", async (t) => {
  const all = scenario(answers({ frames: [0, 1, 2, 3] }), closes(), silent());
  const cases: readonly [Disposition, Observation][] = [
    ['closed', seen(FIN)],
    ['closed', seen(RESET)],
    ['silent', seen(QUIET)],
    ['silent', seen(DEADLINE)],
    ['answered', seen(FIN, [answer()])],
    ['answered', seen(FIN, [NOT_JSON])],
    ['answered', seen(FIN, [answer({ status: '"400"' })])],
    ['answered', seen(FIN, [], 'x')],
    ['answered', seen(FIN, [answer(), answer({ status: '400' })])],
    ['rejected', seen(FIN, [answer({ status: '400' })])],
    ['rejected', seen(QUIET, [answer({ status: '400' }), answer()])],
  ];
  for (const [disposition, observation] of cases) {
    t.match(
      judgeObservation(all, observation, idOf),
      { disposition },
      `${disposition} after ${observation.ending.kind}`,
    );
  }
});

t.test('a failure lists all expected outcomes, the observation, and each mismatch once', async (t) => {
  const verdict = judgeObservation(scenario(answers(), rejects(), closes()), seen(QUIET), idOf);
  assert(verdict.verdict === 'fail');
  t.equal(verdict.expected.length, 3);
  t.equal(verdict.mismatches.length, 2, 'both answers are missing for the same reason');
  t.match(verdict.observed, /no byte/);
});

t.test('a pass names the first outcome that matched', async (t) => {
  const accept = [closes(), answers({ types: [2] }), answers(), rejects()];
  const verdict = judgeObservation(scenario(...accept), seen(FIN, [answer({ status: '400' })]), idOf);
  t.strictSame(verdict, { verdict: 'pass', outcome: accept[2], disposition: 'rejected' });
});

t.test('a target that died fails, whatever it did before', async (t) => {
  for (const observation of [seen(FIN), seen(FIN, [answer()]), seen(NO_CONNECTION), seen(ABORTED)]) {
    const verdict = judgeDeath(scenario(closes(), answers()), observation);
    t.match(verdict, { verdict: 'fail', disposition: 'died', observed: /./, mismatches: [/./] });
  }
});

const DISPOSITIONS: readonly Disposition[] = ['closed', 'silent', 'rejected', 'answered', 'stored', 'died'];
const INCONCLUSIVE: Verdict = { verdict: 'inconclusive', reason: 'its own' };
const SKIPPED: Verdict = { verdict: 'skipped', reason: 'by policy' };
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
  const result = (of: Scenario, mismatches: readonly string[]) =>
    judgeSideEffects(passed('closed'), of, seen(FIN), mismatches);
  t.match(result(unchanged, []), { verdict: 'pass', disposition: 'closed' });
  t.match(result(traced, []), { verdict: 'pass', disposition: 'stored' });
  t.match(result(unchanged, ['touched']), {
    verdict: 'fail',
    disposition: 'stored',
    expected: [/./, /./],
    mismatches: ['touched'],
  });
  const verdict = result(scenario(closes()), ['grown']);
  t.match(verdict, { verdict: 'fail', expected: [/./], mismatches: ['grown'] });
  t.equal(verdict.verdict === 'fail' && verdict.expected.length, 1, 'without conditions on the store');
  t.match(result(traced, ['missing']), { verdict: 'fail', disposition: 'closed', mismatches: ['missing'] });
  for (const verdict of [failed('closed'), INCONCLUSIVE, SKIPPED])
    t.equal(judgeSideEffects(verdict, traced, seen(FIN), ['missing']), verdict);
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

t.test('the id of an answer is compared as text, whatever its JSON form', async (t) => {
  const wanted = answers({ taskId: text('é\n🚀') });
  const echo = (task_id: string) =>
    judgeObservation(scenario(wanted), seen(FIN, [answer({ task_id })]), idOf);
  t.match(echo('"\\u00e9\\n\\ud83d\\ude80"'), { verdict: 'pass' });
  t.match(echo('"e\u0301\\n🚀"'), { verdict: 'fail' });
  const marked = scenario(answers({ taskId: text('\ufeffid') }));
  t.equal(judgeObservation(marked, seen(FIN, [answer({ task_id: '"\ufeffid"' })]), idOf).verdict, 'pass');
  t.equal(judgeObservation(marked, seen(FIN, [answer({ task_id: '"id"' })]), idOf).verdict, 'fail');
});

t.test('a refusal counts only if the control passed and was not refused in the same way', async (t) => {
  for (const disposition of ['closed', 'silent', 'rejected'] as const) {
    const verdict = passed(disposition);
    for (const control of CONTROLS) {
      const result = applyControl(verdict, 'a/c', control);
      if (control.verdict === 'skipped') t.strictSame(result, control);
      else if (control.verdict !== 'pass') t.match(result, { verdict: 'inconclusive', reason: /a\/c/ });
      else if (control.disposition !== disposition) t.equal(result, verdict);
      else if (disposition === 'rejected')
        t.strictSame(result, { verdict: 'skipped', reason: REJECTS_EVERYTHING });
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

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.json().map((json) => Buffer.from(json)),
  fc
    .record({
      task_id: fc.constantFrom('"id-1"', '"id-2"', 'null', '1'),
      status: fc.constantFrom('200', '400', '200.0', '"200"', '500'),
      message: fc.constantFrom('"ok"', '""', 'null'),
    })
    .map((fields) => answer(fields).payload),
);
const observation: fc.Arbitrary<Observation> = fc.record(
  {
    frames: fc.array(fc.record({ type: fc.nat(4), payload }), { maxLength: 3 }),
    rest: fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ maxLength: 9 })),
    ending: fc.constantFrom(FIN, RESET, QUIET, DEADLINE, FLOOD, ABORTED, NO_CONNECTION),
    answeredAfterMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
  },
  { requiredKeys: ['frames', 'rest', 'ending'] },
);
const conditions: fc.Arbitrary<Omit<AnswerOutcome, 'kind'>> = fc.record(
  {
    frames: fc.subarray([1, 2, 3], { minLength: 1 }),
    types: fc.subarray([1, 2, 3]),
    statuses: fc.subarray([200, 400, 500]),
    taskId: fc.integer({ min: 1, max: 2 }).map(taskId),
    message: fc.constantFrom('string', 'not-empty'),
    withinMs: fc.nat(10_000),
  },
  { requiredKeys: [] },
);
const outcome = fc.oneof(conditions.map(answers), fc.constant(closes()), fc.constant(silent()));

t.test('an observation passes if and only if one of the outcomes alone passes', async () => {
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 4 }), observation, (accept, observation) => {
      const verdict = judgeObservation(scenario(...accept), observation, idOf);
      if (observation.ending.kind === 'connect-failed' || observation.ending.kind === 'aborted') {
        return verdict.verdict === 'inconclusive';
      }
      const match = accept.find(
        (one) => judgeObservation(scenario(one), observation, idOf).verdict === 'pass',
      );
      return match === undefined
        ? verdict.verdict === 'fail'
        : verdict.verdict === 'pass' && isDeepStrictEqual(verdict.outcome, match);
    }),
    { numRuns: 1000 },
  );
});

t.test('dropping a condition never turns a pass into a failure', async () => {
  fc.assert(
    fc.property(conditions, observation, (all, observation) => {
      const verdict = (wanted: typeof all) =>
        judgeObservation(scenario(answers(wanted)), observation, idOf).verdict;
      if (verdict(all) !== 'pass') return true;
      return Object.keys(all)
        .filter((name) => name !== 'frames')
        .every((dropped) => {
          const fewer = Object.fromEntries(Object.entries(all).filter(([name]) => name !== dropped));
          return verdict(fewer) === 'pass';
        });
    }),
    { numRuns: 1000 },
  );
});
