import t from 'tap';
import { vectorFile } from '../vectors/load.ts';
import { rewardsOf } from './polo.ts';

t.test('the rewards are those of the vectors, in both readings', (t) => {
  const { vectors } = vectorFile('vectors/polo');
  for (const { id, reading, expected, time_cpu_ms, time_idle_ms, time_staged_ms } of vectors) {
    const rewards = rewardsOf({ idleMs: time_idle_ms, stagedMs: time_staged_ms, cpuMs: time_cpu_ms });
    t.equal(rewards?.[reading], expected.final_reward, id);
  }
  t.equal(rewardsOf({ idleMs: 0, stagedMs: 0, cpuMs: -60_000 }), undefined, 'the formula has no value');
  t.end();
});
