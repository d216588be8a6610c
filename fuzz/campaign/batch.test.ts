import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { type Case, EXACT } from '../case/case.ts';
import { Generator, type Recipe } from '../generate/generate.ts';
import { Evaluator } from '../oracle/evaluator.ts';
import { serve } from '../testing/servers.ts';
import { runBatch } from './batch.ts';

const frame = (payload: string, type: number): Case => ({
  arrangement: 'at-once',
  connections: [[{ do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) }]],
});

t.test('cases in flight when the time ends are sent again, and may have stopped the target', async (t) => {
  const stop = new AbortController();
  const held = 99;
  const server = await serve(({ type }) => {
    if (type !== held) return undefined;
    setTimeout(0).then(() => stop.abort());
    return 'handled';
  });
  t.teardown(server.close);
  const behaviour = { usualMs: 1, closes: true, servesSeveral: false };
  const evaluator = new Evaluator({ address: server.address, behaviour });
  t.teardown(() => evaluator.release());
  const values = [frame('{}', 3), frame('{}', held), frame('{}', 4)];
  const recipes = values.map((value): Recipe => ({ lane: 'given', value }));
  const { stopped, stats } = await runBatch(recipes, {
    evaluator,
    generator: new Generator(1, {}),
    jobs: 1,
    waits: { reactionMs: 60_000, quietMs: 100, afterAnswerMs: 100, closes: true },
    crashPatterns: [],
    knownSignatures: new Set(),
    signal: stop.signal,
  });
  t.strictSame(stopped, { inFlight: [1, 0], left: [1, 2] });
  t.equal(stats.cases, 1);
});
