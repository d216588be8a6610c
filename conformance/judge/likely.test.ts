import assert from 'node:assert';
import t from 'tap';
import type { LikelyCause, Scenario } from '../scenario/scenario.ts';
import { accepts, answers, closes, NOT_ACCEPTED, NOT_ANSWERED, rejects } from '../scenario/steps.ts';
import {
  answer,
  DEADLINE,
  FIN,
  idOf,
  NO_CONNECTION,
  NOT_JSON,
  QUIET,
  scenario,
  seen,
} from '../testing/observations.ts';
import { likelyCause, signsOf } from './likely.ts';
import { type MismatchKind, mismatch } from './mismatch.ts';
import type { Observation } from './observe.ts';
import { judgeDeath, judgeObservation, judgeSideEffects, type Verdict } from './oracle.ts';

function failure(
  accept: Scenario['accept'],
  observation: Observation,
): Extract<Verdict, { verdict: 'fail' }> {
  const verdict = judgeObservation(scenario(...accept), observation, idOf);
  assert(verdict.verdict === 'fail');
  return verdict;
}

t.test('the signs are those that say most about the failure', async (t) => {
  const cases: readonly [accept: Scenario['accept'], Observation, signs: readonly string[]][] = [
    [[answers()], seen(FIN), ['no answer, closed']],
    [[answers()], seen(DEADLINE), ['no answer, open']],
    [[closes()], seen(DEADLINE), ['kept open']],
    [[closes(), rejects()], seen(DEADLINE), ['no answer, open']],
    [NOT_ANSWERED, seen(FIN, [answer()]), ['answered']],
    [NOT_ACCEPTED, seen(FIN, [answer()]), ['accepted']],
    [NOT_ACCEPTED, seen(FIN, [answer({ status: '"400"' })]), ['status wrong type']],
    [NOT_ACCEPTED, seen(QUIET, [NOT_JSON]), ['status unreadable']],
    [[accepts()], seen(FIN, [answer({ status: '400' })]), ['rejected']],
    [[accepts()], seen(FIN, [answer({ status: '"200"' })]), ['status wrong type']],
  ];
  for (const [accept, observation, signs] of cases)
    t.strictSame(signsOf(failure(accept, observation)), signs);
});

const likely: readonly LikelyCause[] = [
  { when: ['accepted', 'stored status'], cause: 'A' },
  { when: ['stored field'], cause: 'B' },
];

t.test('the cause of a scenario holds only for the mismatches that it names', async (t) => {
  const causeOf = (observation: Observation) => likelyCause({ likely }, failure(NOT_ACCEPTED, observation));
  t.equal(causeOf(seen(FIN, [answer()])), 'A');
  t.match(causeOf(seen(FIN, [answer({ status: '"400"' })])), /S2/, 'an ordinary cause');
  t.match(likelyCause({ likely }, judgeDeath(scenario(closes()), seen(FIN))), /ends the process/);
  t.equal(likelyCause({ likely }, judgeDeath(scenario(closes()), seen(NO_CONNECTION))), undefined);
  const several = { ...scenario(closes()), copies: { count: 2, arrangement: 'at-once' } } as const;
  t.match(likelyCause({ likely }, judgeDeath(several, seen(NO_CONNECTION))), /ends the process/);
  const passed = { verdict: 'pass', outcome: closes(), disposition: 'closed' } as const;
  const ofStore = (...kinds: readonly MismatchKind[]) =>
    likelyCause(
      { likely },
      judgeSideEffects(
        passed,
        scenario(closes()),
        seen(FIN),
        kinds.map((kind) => mismatch(kind, 'x')),
      ),
    );
  t.equal(ofStore('stored status'), 'A', 'the first cause that covers it');
  t.equal(ofStore('stored results'), 'B', 'any field');
  t.equal(ofStore('file touched'), undefined, 'nothing is known');
  t.equal(ofStore('file touched', 'stored results'), 'B');
  t.equal(ofStore('task file permissions', 'stored results'), 'B', 'the cause of the scenario comes first');
  t.equal(likelyCause({ likely }, passed), undefined);
});
