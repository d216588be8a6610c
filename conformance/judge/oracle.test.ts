import assert from 'node:assert';
import t from 'tap';
import { taskId, text } from '../scenario/bytes.ts';
import type { Outcome } from '../scenario/scenario.ts';
import { answers, answersSome, closes, rejects, silent, silentUntilReset } from '../scenario/steps.ts';
import {
  ABORTED,
  answer,
  DEADLINE,
  FIN,
  FLOOD,
  idOf,
  NO_CONNECTION,
  NOT_JSON,
  QUIET,
  RESET,
  SENT_RESET,
  scenario,
  seen,
} from '../testing/observations.ts';
import type { Observation } from './observe.ts';
import { type Disposition, judgeDeath, judgeObservation } from './oracle.ts';

/** Each outcome with observations that match and observations that do not. */
const OUTCOMES: readonly {
  readonly outcome: Outcome;
  readonly is: readonly Observation[];
  readonly isNot: readonly Observation[];
}[] = [
  {
    outcome: closes(),
    is: [seen(FIN), seen(RESET)],
    isNot: [QUIET, DEADLINE, SENT_RESET]
      .map((ending) => seen(ending))
      .concat(seen(FIN, [answer()]), seen(RESET, [NOT_JSON]), seen(FIN, [], 'x')),
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
    is: [seen(FIN, [answer()]), seen(RESET, [answer()]), seen(QUIET, [answer({}, 9)])],
    isNot: [
      seen(FIN, [NOT_JSON]),
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
    // What a scenario does not judge of the first answer does not fail it; every later one is a legal answer.
    outcome: answers({ frames: [1, 2] }),
    is: [answer({}, 2), answer({ status: '400' }), answer({ message: '""' }), answer({ task_id: '7' })]
      .map((later) => seen(QUIET, [answer(), later]))
      .concat(seen(QUIET, [answer({ status: '500', message: '7' }, 99), answer()])),
    isNot: [
      NOT_JSON,
      answer({}, 3),
      answer({}, 99),
      { type: 1, payload: Buffer.from('{"task_id":"id-1"}') },
      ...['500', '200.0', '"200"', 'null'].map((status) => answer({ status })),
      ...['null', '7'].map((message) => answer({ message })),
    ].map((later) => seen(QUIET, [answer(), later])),
  },
  {
    outcome: answersSome([taskId(1), taskId(2), taskId(3)]),
    is: [[1], [1, 2], [1, 3], [2, 1], [1, 2, 3], [3, 2, 1]].map(answersTo),
    isNot: [[], [2], [3], [1, 1], [2, 3], [2, 2, 1], [1, 4], [4], [1, 2, 3, 1]]
      .map(answersTo)
      .concat(seen(QUIET, [answer(), answer({ task_id: 'null' })])),
  },
  {
    outcome: answersSome([taskId(), taskId()]),
    is: [[1], [1, 1]].map(answersTo).concat(seen(QUIET, [answer(), answer({ status: '400' })])),
    isNot: [[2], [1, 2], [1, 1, 1]].map(answersTo),
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
    outcome: answers({ taskId: [text('a\ufffd'), text('a\ufffd\ufffd')] }),
    is: ['"a\\ufffd"', '"a\\ufffd\\ufffd"', '"a\\ud83d"'].map((task_id) => seen(FIN, [answer({ task_id })])),
    isNot: ['"a"', '"a?"', '"a\\ufffd\\ufffd\\ufffd"', 'null'].map((task_id) =>
      seen(FIN, [answer({ task_id })]),
    ),
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

/** Answers with the ids of these slots. */
function answersTo(slots: readonly number[]): Observation {
  return seen(
    QUIET,
    slots.map((slot) => answer({ task_id: JSON.stringify(idOf(slot)) })),
  );
}

t.test('a mismatch names the answer that differs', async (t) => {
  const cases: readonly (readonly [...slots: Parameters<typeof answersTo>, text: string, frame?: number])[] =
    [
      [[4, 1], `the answer's task_id is "id-4"`],
      [[1, 4], `answer 2's task_id is "id-4"`, 1],
      [[2, 3, 2], `answer 3's task_id is "id-2"`, 2],
      [[2, 3], 'no answer has the task_id of the first request'],
    ];
  const outcome = answersSome([taskId(1), taskId(2), taskId(3)]);
  for (const [slots, text, frame] of cases) {
    const verdict = judgeObservation(scenario(outcome), answersTo(slots), idOf);
    assert(verdict.verdict === 'fail');
    t.strictSame(verdict.mismatches, [
      { kind: 'task_id wrong value', text, ...(frame !== undefined && { frame }) },
    ]);
  }
});

t.test('the number of answers is judged also without their ids', async (t) => {
  const some = scenario(answersSome([taskId(1), taskId(2)]));
  t.equal(judgeObservation(some, answersTo([7, 8]), idOf).verdict, 'fail');
  t.equal(judgeObservation(some, answersTo([7, 8]), idOf, false).verdict, 'pass');
  t.equal(judgeObservation(some, answersTo([7, 8, 9]), idOf, false).verdict, 'fail');
});

t.test('a mismatch is not empty and names its field', async (t) => {
  const names = { statuses: 'status', taskId: 'task_id', message: 'message' };
  for (const { outcome, isNot } of OUTCOMES) {
    const mismatches = isNot.map((seen) => {
      const verdict = judgeObservation(scenario(outcome), seen, idOf);
      return verdict.verdict === 'fail' ? verdict.mismatches.map(({ text }) => text).join() : '';
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

t.test('a legal status that is not permitted has another kind than other values', async (t) => {
  const kindsOf = (wanted: Outcome, status: string) => {
    const verdict = judgeObservation(scenario(wanted), seen(FIN, [answer({ status })]), idOf);
    return verdict.verdict === 'fail' && verdict.mismatches.map(({ kind }) => kind);
  };
  t.strictSame(kindsOf(rejects(), '200'), ['accepted']);
  t.strictSame(kindsOf(answers({ statuses: [200] }), '400'), ['rejected']);
  t.strictSame(kindsOf(rejects(), '500'), ['status wrong value']);
  t.strictSame(kindsOf(rejects(), '"400"'), ['status wrong type']);
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
    const kind = observation.ending === NO_CONNECTION ? 'gone' : 'died';
    t.match(verdict, { verdict: 'fail', disposition: 'died', observed: /./, mismatches: [{ kind }] });
  }
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
