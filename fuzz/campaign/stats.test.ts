import t from 'tap';
import { addStats, countSignature, newStats } from './stats.ts';

t.test('the statistics of two parts are added', async (t) => {
  const sum = newStats();
  t.equal(sum.digest, '0');
  const part = { ...newStats(), cases: 2, skipped: 1, mutations: { legal: 2 }, digest: 'f' };
  addStats(sum, part);
  addStats(sum, { ...part, signatures: { closed: 1 }, digest: 'ffffffffffffffff' });
  t.match(sum, { cases: 4, skipped: 2, mutations: { legal: 4 }, signatures: { closed: 1 } });
  t.equal(sum.digest, 'e', 'modulo 2 to the power of 64');
});

t.test('the number of signatures is bounded', async (t) => {
  const stats = newStats();
  for (let index = 0; index < 3000; index += 1) countSignature(stats, `signature ${index}`);
  const counts = Object.values(stats.signatures);
  t.ok(counts.length <= 2001, `${counts.length}`);
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    3000,
  );
});
