import fc from 'fast-check';
import t from 'tap';
import { ANSWER_WITHIN_MS } from '../../scenario/answer-deadline.ts';
import { DeadlineEstimate } from './deadlines.ts';

function after(latencies: readonly number[], answerWithinMs?: number): DeadlineEstimate {
  const estimate = new DeadlineEstimate(answerWithinMs);
  for (const latencyMs of latencies) estimate.observe(latencyMs);
  return estimate;
}

const many = (latencyMs: number): number[] => Array.from({ length: 40 }, () => latencyMs);

t.test('deadlines rise with the latency and fall with it', async (t) => {
  t.equal(after(many(2)).now.answerMs, ANSWER_WITHIN_MS);
  t.equal(after(many(1000)).now.answerMs, 10_000);
  t.equal(after([...many(1000), ...many(2)]).now.answerMs, ANSWER_WITHIN_MS);
  t.strictSame(after([...many(1000), ...many(2)]).now, after(many(2)).now);
});

t.test('one slow answer among many changes nothing, at the beginning or later', async (t) => {
  t.equal(after([3000, 2, 2]).now.answerMs, ANSWER_WITHIN_MS);
  t.equal(after([...many(2), 30_000]).now.answerMs, ANSWER_WITHIN_MS);
});

t.test('a spread of latencies counts', async (t) => {
  const spread = many(0).map((_, index) => (index % 2 === 0 ? 200 : 1800));
  t.ok(after(spread).now.answerMs > after(many(1000)).now.answerMs);
});

t.test('the bounds follow the deadline that the caller sets', async (t) => {
  t.same(after([]).answerBounds, { floor: 5000, cap: 30_000 });
  t.same(after([], 60_000).answerBounds, { floor: 60_000, cap: 60_000 });
  t.equal(after(many(2), 500).now.answerMs, 500);
  t.equal(after(many(2), 500).now.repeatMs, 500, 'never longer than the full deadline');
});

t.test('every deadline is within its bounds, and the shorter ones are shorter', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000)), fc.integer({ min: 1, max: 100_000 }), (latencies, withinMs) => {
      const { now, answerBounds } = after(latencies, withinMs);
      const { answerMs, repeatMs, quietMs, settleMs } = now;
      return (
        answerMs >= answerBounds.floor &&
        answerMs <= answerBounds.cap &&
        repeatMs <= answerMs &&
        quietMs >= 100 &&
        quietMs <= 2000 &&
        settleMs >= 20 &&
        settleMs <= 10_000
      );
    }),
  );
});
