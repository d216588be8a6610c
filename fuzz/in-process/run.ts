/**
 * `npm run fuzz:codec -- [RUNS] [SEED]`: fuzzes the reference's codec in this process, prints what it breaks and which of
 * its code was never reached. Exit status 1 if a claim is broken.
 */

import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { printableBytes } from '../../conformance/util/printable.ts';
import { encodeActions } from '../case/case.ts';
import { Coverage } from './coverage.ts';
import { fuzzCodec } from './fuzzer.ts';

const DEFAULT_RUNS = 200_000;
/** What the codec is made of. */
const CODEC = /^(?:codec\/(?:frame|message|json-\w+|base64|utf8)|protocol\/validation)\.js$/;

const [runs = DEFAULT_RUNS, seed = randomInt(2 ** 32)] = process.argv.slice(2).map(Number);
const tell = (line: string): void => void process.stdout.write(`${line}\n`);

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const coverage = new Coverage(new URL('../../reference/', import.meta.url));
await coverage.start();
const began = performance.now();
const { cases, broken, corpus } = await fuzzCodec({ seed, runs, coverage, signal: interrupted.signal });
const seconds = (performance.now() - began) / 1000;
coverage.stop();

for (const { property, clause, detail, value } of broken) {
  tell(`${property} (${clause}): ${detail}`);
  for (const actions of value.connections) tell(`  ${printableBytes(encodeActions(actions), 500)}`);
}
for (const [script, { ran, all }] of coverage.shares())
  if (CODEC.test(script)) tell(`${script}: ${((100 * ran) / all).toFixed(1)} % of ${all} characters`);
tell(
  `${cases} cases in ${seconds.toFixed(1)} s, ${corpus.size} that reached new code, ${broken.length} claims broken, seed ${seed}`,
);
process.exitCode = broken.length === 0 ? 0 : 1;
