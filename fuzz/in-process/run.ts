/**
 * `npm run fuzz:codec -- [RUNS] [SEED]`: fuzzes the reference's codec in this process. Prints a counterexample for each
 * broken property, and how much of each file was reached. Exit status 1 if a property is broken.
 */

import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { printableBytes } from '../../conformance/util/printable.ts';
import { encodeActions } from '../case/case.ts';
import { Coverage } from './coverage.ts';
import { fuzzCodec } from './fuzzer.ts';

const DEFAULT_RUNS = 200_000;
/** The files of the codec. */
const CODEC = /^(?:codec\/(?:frame|message|json-\w+|base64|utf8)|protocol\/validation)\.js$/;

const [runs = DEFAULT_RUNS, seed = randomInt(2 ** 32)] = process.argv.slice(2).map(Number);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const coverage = new Coverage(new URL('../../reference/', import.meta.url));
await coverage.start();
const began = performance.now();
const { cases, broken, corpus } = await fuzzCodec({ seed, runs, coverage, signal: interrupted.signal });
const seconds = (performance.now() - began) / 1000;
coverage.stop();

for (const { property, clause, detail, value } of broken) {
  print(`${property} (${clause}): ${detail}`);
  for (const actions of value.connections) print(`  ${printableBytes(encodeActions(actions), 500)}`);
}
for (const [script, { ran, all }] of coverage.shares())
  if (CODEC.test(script)) print(`${script}: ${((100 * ran) / all).toFixed(1)} % of ${all} characters`);
print(
  `${cases} cases in ${seconds.toFixed(1)} s, ${corpus.size} that reached new code, ${broken.length} properties broken, seed ${seed}`,
);
process.exitCode = broken.length === 0 ? 0 : 1;
