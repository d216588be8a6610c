import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { taskId } from '../scenario/bytes.ts';
import { LEVELS, type Level } from '../scenario/requirement.ts';
import type { AnswerOutcome } from '../scenario/scenario.ts';
import { answers, closes, silent } from '../scenario/steps.ts';
import {
  ABORTED,
  answer,
  DEADLINE,
  FIN,
  FLOOD,
  idOf,
  NO_CONNECTION,
  QUIET,
  RESET,
  scenario,
} from '../testing/observations.ts';
import { mismatch } from './mismatch.ts';
import type { Observation } from './observe.ts';
import { judgeDeath, judgeObservation, judgeSideEffects } from './oracle.ts';

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
    restBytes: fc.oneof(fc.constant(0), fc.nat(9)),
    ending: fc.constantFrom(FIN, RESET, QUIET, DEADLINE, FLOOD, ABORTED, NO_CONNECTION),
    answeredAfterMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
  },
  { requiredKeys: ['frames', 'restBytes', 'ending'] },
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

t.test('the level of a requirement changes no verdict', async () => {
  const grown = [mismatch('growth', 'the memory grew')];
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 4 }), observation, (accept, observation) => {
      const verdictsAt = (level: Level) => {
        const judged = { ...scenario(...accept), level };
        const verdict = judgeObservation(judged, observation, idOf);
        return [
          verdict,
          judgeSideEffects(verdict, judged, observation, grown),
          judgeDeath(judged, observation),
        ];
      };
      return LEVELS.every((level) => isDeepStrictEqual(verdictsAt(level), verdictsAt('MUST')));
    }),
  );
});
