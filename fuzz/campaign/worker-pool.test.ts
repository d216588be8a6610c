import t from 'tap';
import type { Recipe } from '../generate/generate.ts';
import { inThreads, type WorkerOptions } from './worker-pool.ts';

const OPTIONS: WorkerOptions = {
  seed: 1,
  weights: {},
  evaluator: {
    address: { host: '127.0.0.1', port: 1 },
    behaviour: { usualMs: 1, closes: true, servesSeveral: false },
  },
  waits: { reactionMs: 1, quietMs: 1, afterAnswerMs: 1, closes: true },
  jobs: 4,
};
const RECIPES: readonly Recipe[] = [0, 1, 2].map((index) => ({ lane: 'base', index }));

const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

t.test('after the signal, threads that do not report have sent nothing', async (t) => {
  const stop = new AbortController();
  const pool = inThreads(2, OPTIONS, stop.signal, program('setInterval(() => {}, 1e6)'));
  const report = pool.run(RECIPES, []);
  stop.abort();
  const { stats, stopped } = await report;
  t.equal(stats.cases, 0);
  t.strictSame(stopped?.left.toSorted(), [0, 1, 2]);
  await pool.close();
});

t.test('a thread that ends or throws fails the batch', async (t) => {
  for (const text of ['process.exit(3)', 'throw new Error("no")']) {
    const pool = inThreads(2, OPTIONS, undefined, program(text));
    await t.rejects(pool.run(RECIPES, []), text);
    await pool.close();
  }
});
