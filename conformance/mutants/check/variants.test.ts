/**
 * Conforming variants raise no false alarm: no scenario of level MUST or SHOULD fails on a server that conforms. Each
 * variant is judged in one way, so that every way occurs. `npm run mutants -- --variants` judges each in every way.
 */

import t from 'tap';
import { variants } from '../index.ts';
import { underLoad } from './load.ts';
import { mapConcurrently } from './parallel.ts';
import { type Played, play, wayOfEach, ways } from './ways.ts';

/** How many variants are judged at a time, each with a server of its own. */
const JOBS = 10;
/** How many scenarios of a variant are played here. `npm run mutants -- --variants` plays all that it touches. */
const MAX_SCENARIOS = 20;
/** The same of a variant that has processes of its own: it uses the CPU, or starts a process for each connection. */
const MAX_SCENARIOS_APART = 8;
/** The variants that are also judged while other processes use the CPU. They depend on times. */
const LOADED = ['closes-what-it-refuses-late', 'latency'];
const MAX_LOAD_MS = 120_000;

const NO_ALARM: Played['alarms'] = [];

t.test('no conforming variant raises a false alarm', async (t) => {
  const folder = t.testdir();
  const pairs = wayOfEach(variants);
  t.strictSame(new Set(pairs.map(({ way }) => way)), new Set(ways), 'every way occurs');
  const judge = (pair: (typeof pairs)[number], seed: number): Promise<Played> =>
    play(pair.variant, pair.way, {
      folder,
      seed,
      maxScenarios: pair.variant.process === undefined ? MAX_SCENARIOS : MAX_SCENARIOS_APART,
    });
  const results = await mapConcurrently(pairs, JOBS, async (pair) => ({
    pair,
    played: await judge(pair, 1),
  }));
  for (const { pair, played } of results) {
    // Many servers in this process can delay each other's answers, so what raises an alarm, or passes nothing, is judged again
    // without them.
    const isDelayed = played.alarms.length > 0 || played.passed === 0;
    const { alarms, passed } = isDelayed ? await judge(pair, 2) : played;
    const name = `${pair.variant.name}, ${pair.way.name}`;
    t.strictSame(alarms, NO_ALARM, name);
    t.ok(passed > 0, `${name} passes a scenario`);
  }
});

t.test('no conforming variant raises a false alarm under load', async (t) => {
  const folder = t.testdir();
  const [way] = ways;
  const loaded = variants.filter(({ name }) => LOADED.includes(name));
  t.equal(loaded.length, LOADED.length);
  const judge = (variant: (typeof loaded)[number]): Promise<Played> =>
    play(variant, way, { folder, maxScenarios: MAX_SCENARIOS });
  // At the same time: each waits for most of its time, and the load takes all of it.
  const results = await underLoad(MAX_LOAD_MS, () => Promise.all(loaded.map(judge)));
  for (const [at, { alarms }] of results.entries()) t.strictSame(alarms, NO_ALARM, loaded[at]?.name ?? '');
});
