import { equal, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { type PoloTimes, poloScoreReward, poloScoreRewardDetailed } from './polo.ts';

const anyTime = fc.integer({ min: -100_000, max: 2_000_000 });
const anyTimes = fc.record({ timeCpuMs: anyTime, timeIdleMs: anyTime, timeStagedMs: anyTime });

t.test('the four examples of the documentation, in the documented reading (P2)', (t) => {
  const minute = 60_000;
  t.equal(poloScoreReward({ timeCpuMs: minute }), 2);
  t.equal(poloScoreReward({ timeCpuMs: 10 * minute }), 4);
  t.equal(poloScoreReward({ timeCpuMs: 30 * minute }), 6);

  // The example contradicts itself: its multiplier 0.55 fits neither reading, its reward 2 fits the documented one.
  const third: PoloTimes = { timeIdleMs: 30_000, timeStagedMs: 5 * minute, timeCpuMs: 10 * minute };
  t.equal(poloScoreReward(third), 2);
  t.equal(poloScoreRewardDetailed(third).efficiencyMultiplier, 0.4);
  t.equal(poloScoreReward(third, 'proportional'), 3);
  t.equal(poloScoreRewardDetailed(third, 'proportional').efficiencyMultiplier, 0.7);
  t.end();
});

t.test('docs/reference.md shows each example of the documentation in both readings', (t) => {
  const table = readFileSync('docs/reference.md', 'utf8').matchAll(
    /^\| ([\d.]+) s \| ([\d.]+) min \| ([\d.]+) min \| ([\d.]+) \| (\d+) \| ([\d.]+) \| (\d+) \|/gm,
  );
  const rows = [...table].map(([, ...cells]) => cells.map(Number));
  t.equal(rows.length, 4);
  for (const [idleS = 0, stagedMin = 0, cpuMin = 0, ...shown] of rows) {
    const times = { timeIdleMs: idleS * 1000, timeStagedMs: stagedMin * 60_000, timeCpuMs: cpuMin * 60_000 };
    const rewards = (['documented', 'proportional'] as const).flatMap((reading) => {
      const found = poloScoreRewardDetailed(times, reading);
      t.equal(found.reading, reading);
      return [found.efficiencyMultiplier, found.finalReward];
    });
    t.strictSame(shown, rewards);
  }
  t.equal(poloScoreRewardDetailed({}).reading, 'documented', 'the default (P5)');
  t.end();
});

t.test('the penalties of the two readings differ (P2, P3)', (t) => {
  const at = (times: PoloTimes, reading: 'documented' | 'proportional') => {
    const { idleFactor, stagedFactor } = poloScoreRewardDetailed(times, reading);
    return [idleFactor, stagedFactor];
  };
  t.same(at({ timeIdleMs: 6000, timeStagedMs: 60_000 }, 'documented'), [0.1, 0.1]);
  t.same(at({ timeIdleMs: 6000, timeStagedMs: 60_000 }, 'proportional'), [0.03, 0.03]);
  t.same(at({ timeIdleMs: 18_000, timeStagedMs: 180_000 }, 'documented'), [0.3, 0.3], 'the largest penalty');
  t.same(
    at({ timeIdleMs: 60_000, timeStagedMs: 600_000 }, 'proportional'),
    [0.3, 0.3],
    'the largest penalty',
  );
  t.end();
});

t.test('a half is rounded up', (t) => {
  // (1 + log2(1 + 31)) × 0.75 = 4.5
  const times = { timeCpuMs: 31 * 60_000, timeIdleMs: 15_000 };
  t.equal(poloScoreRewardDetailed(times).rawReward, 4.5);
  t.equal(poloScoreReward(times), 5);
  t.end();
});

t.test('cpu time of −1 minute or less gives no finite bonus, but a reward (P4)', (t) => {
  for (const timeCpuMs of [-60_000, -60_001, -(2n ** 63n)]) {
    const { cpuBonus, rawReward, finalReward } = poloScoreRewardDetailed({ timeCpuMs, timeIdleMs: 60_000 });
    t.equal(cpuBonus, Number.NEGATIVE_INFINITY);
    t.equal(rawReward, Number.NEGATIVE_INFINITY);
    t.equal(finalReward, 1);
  }
  t.end();
});

t.test('in both readings the reward has its bounds and its order (P1)', (t) => {
  fc.assert(
    fc.property(anyTimes, fc.constantFrom('documented', 'proportional'), (times, reading) => {
      const { efficiencyMultiplier, finalReward } = poloScoreRewardDetailed(times, reading);
      ok(Number.isInteger(finalReward) && finalReward >= 1, 'a whole number, at least 1');
      ok(efficiencyMultiplier >= 0.4 && efficiencyMultiplier <= 1, 'between 0.4 and 1');
      ok(
        poloScoreReward({ ...times, timeCpuMs: times.timeCpuMs + 1000 }, reading) >= finalReward,
        'more cpu time never gives less',
      );
      ok(
        poloScoreReward({ ...times, timeIdleMs: times.timeIdleMs + 1000 }, reading) <= finalReward,
        'more idle time never gives more',
      );
      ok(finalReward >= poloScoreReward(times, 'documented'), 'the documented penalty is never the smaller');
    }),
  );
  t.end();
});

t.test('negative times give no penalty (P4), and a bigint counts as its number', (t) => {
  fc.assert(
    fc.property(anyTimes, (times) => {
      const clamped = {
        ...times,
        timeIdleMs: Math.max(0, times.timeIdleMs),
        timeStagedMs: Math.max(0, times.timeStagedMs),
      };
      equal(poloScoreReward(times), poloScoreReward(clamped));
      const { timeCpuMs, timeIdleMs, timeStagedMs } = times;
      const bigints = {
        timeCpuMs: BigInt(timeCpuMs),
        timeIdleMs: BigInt(timeIdleMs),
        timeStagedMs: BigInt(timeStagedMs),
      };
      equal(poloScoreReward(bigints), poloScoreReward(times));
    }),
  );
  t.equal(poloScoreReward({ timeCpuMs: 2n ** 63n - 1n }), 48, 'the largest int64');
  t.end();
});
