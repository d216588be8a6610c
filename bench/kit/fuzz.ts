/**
 * The rate of the fuzzer: cases a second that are generated, sent and judged by every invariant that the wire shows. With
 * a new connection for each case, it is compared with a loop that sends the same bytes and waits for the end of the
 * connection. With persistent connections, there is nothing to compare it with.
 */

import { connect, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Address } from '../../conformance/index.ts';
import { runBatch } from '../../fuzz/campaign/batch.ts';
import { singleFrameOf } from '../../fuzz/execute/persistent-connection.ts';
import { Generator, type Recipe } from '../../fuzz/generate/generate.ts';
import { Evaluator } from '../../fuzz/oracle/evaluator.ts';
import { measureRounds } from '../measure/rounds.ts';
import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { listenOnLoopback, withServer } from '../target/server-process.ts';

const SEED = 1;
const CASES = 5000;
const ROUNDS = 5;
/** How many cases are in flight, each on a new connection. */
const JOBS = [1, 8, 32];
/** How many cases are in flight on persistent connections, each of which carries several. */
const PERSISTENT_JOBS = [8, 32, 128];
/** The waits of a campaign against a target as fast as these. */
const WAITS = { reactionMs: 10_000, quietMs: 4, afterAnswerMs: 2 };

/** Cases of one complete frame each, after which the target closes the connection. The baseline can send these too. */
interface Cases {
  readonly generator: Generator;
  readonly recipes: readonly Recipe[];
  readonly frames: readonly Buffer[];
}

interface Load {
  readonly address: Address;
  /** How many cases are in flight. */
  readonly jobs: number;
  /** Whether the target serves several frames on a connection. */
  readonly isPersistent: boolean;
}

/** A new connection for each case: to the reference server in a subprocess, and to a sink in this process. */
export async function fuzzSection(options: SectionOptions): Promise<Section> {
  const cases = generateCases();
  const generationNs = measureGeneration(cases);
  const rows: Row[] = [];
  const measureTarget = async (name: string, address: Address): Promise<void> => {
    for (const jobs of JOBS) {
      const { rate, baseline, ratio } = await compareRates(`${name}, ${jobs}`, cases, address, jobs, options);
      rows.push({
        name: `${name}, ${jobs}`,
        cells: [rate.value, rate.value * rate.margin, baseline, ratio.value, generationNs],
        compared: { ...ratio, better: 'higher' },
      });
    }
  };
  await withServer('reference', ({ address }) => measureTarget('reference', address));
  await withSink((address) => measureTarget('sink', address));
  return {
    id: 'kit/fuzz',
    title: 'Fuzzing with one frame on a new connection for each case',
    of: 'target, cases in flight',
    columns: [
      { title: 'cases', unit: 'per-second' },
      { title: '±', unit: 'per-second', isMargin: true },
      { title: 'baseline', unit: 'per-second' },
      { title: 'cases / baseline', unit: 'ratio' },
      { title: 'generation', unit: 'ns' },
    ],
    rows,
    notes: [
      'Cases are generated, sent and judged by every invariant that the wire shows. The baseline sends the same bytes, which it has ready, and judges nothing.',
      'The reference server is a subprocess. The sink closes each connection at the first byte, and shares a process with the kit.',
      'Generation is the time to generate one case. The rate of cases includes it.',
    ],
  };
}

/** Persistent connections, to a server that answers any number of frames on each. */
export async function persistentSection(options: SectionOptions): Promise<Section> {
  const cases = generateCases();
  const rows: Row[] = [];
  await withServer('persistent', async ({ address }) => {
    for (const jobs of PERSISTENT_JOBS) {
      options.onRow(`kit/fuzz-kept ${jobs}`);
      const rates = await measureRounds(
        { ...options, rounds: ROUNDS },
        () => casesPerSecond(() => fuzz(cases, { address, jobs, isPersistent: true }, options.signal)),
        (perSecond) => [perSecond],
      );
      const rate = medianWithMargin(rates);
      rows.push({
        name: String(jobs),
        cells: [jobs, rate.value, rate.value * rate.margin, 2 * rate.value],
        compared: { ...rate, better: 'higher' },
      });
    }
  });
  return {
    id: 'kit/fuzz-kept',
    title: 'Fuzzing over persistent connections',
    of: 'cases in flight',
    columns: [
      { title: 'in flight', unit: 'count', isName: true },
      { title: 'cases', unit: 'per-second' },
      { title: '±', unit: 'per-second', isMargin: true },
      { title: 'frames', unit: 'per-second' },
    ],
    rows,
    notes: [
      'Each case is one frame. A legal SUBMIT follows it, and its answer shows that the reaction to the case is complete.',
    ],
  };
}

/** The fuzzer and the baseline take turns. */
async function compareRates(
  name: string,
  cases: Cases,
  address: Address,
  jobs: number,
  options: SectionOptions,
): Promise<{
  readonly rate: ReturnType<typeof medianWithMargin>;
  readonly baseline: number;
  readonly ratio: ReturnType<typeof medianWithMargin>;
}> {
  options.onRow(`kit/fuzz ${name}`);
  const rounds = await measureRounds(
    { ...options, rounds: ROUNDS },
    async () => {
      const baseline = await casesPerSecond(() => sendAll(cases.frames, address, jobs));
      const load = { address, jobs, isPersistent: false };
      return { baseline, fuzzer: await casesPerSecond(() => fuzz(cases, load, options.signal)) };
    },
    ({ baseline, fuzzer }) => [fuzzer, fuzzer / baseline],
  );
  return {
    rate: medianWithMargin(rounds.map(({ fuzzer }) => fuzzer)),
    baseline: median(rounds.map(({ baseline }) => baseline)),
    ratio: medianWithMargin(rounds.map(({ baseline, fuzzer }) => fuzzer / baseline)),
  };
}

function generateCases(): Cases {
  const generator = new Generator(SEED);
  const recipes: Recipe[] = [];
  const frames: Buffer[] = [];
  for (let index = 0; recipes.length < CASES; index += 1) {
    const sent = singleFrameOf(generator.at(index).value);
    if (sent === undefined) continue;
    recipes.push({ lane: 'base', index });
    frames.push(sent.bytes);
  }
  return { generator, recipes, frames };
}

/** The time to generate one case, in nanoseconds. */
function measureGeneration({ generator, recipes }: Cases): number {
  const began = performance.now();
  for (const recipe of recipes) if (recipe.lane === 'base') generator.at(recipe.index);
  return ((performance.now() - began) / recipes.length) * 1e6;
}

/** Passes the address of a server that closes each connection at the first byte, and closes that server afterwards. */
async function withSink(use: (address: Address) => Promise<void>): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.end()).on('error', () => {});
  });
  try {
    await use({ host: '127.0.0.1', port: await listenOnLoopback(server) });
  } finally {
    server.close();
  }
}

/** The rate of an action that sends all cases once. */
async function casesPerSecond(sendCases: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await sendCases();
  return (CASES / (performance.now() - began)) * 1000;
}

/** The baseline. */
async function sendAll(frames: readonly Buffer[], address: Address, jobs: number): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let bytes = frames[next++]; bytes !== undefined; bytes = frames[next++])
      await sendOne(address, bytes);
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

/** Resolves when the connection has ended, in whatever way. Rejects when there was no connection. */
function sendOne(address: Address, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => socket.write(bytes));
    socket
      .on('data', () => {})
      .on('end', () => socket.destroy())
      .on('error', (error) => socket.bytesWritten === 0 && reject(error))
      .on('close', () => resolve());
  });
}

async function fuzz(
  { generator, recipes }: Cases,
  { address, jobs, isPersistent }: Load,
  signal: AbortSignal | undefined,
): Promise<void> {
  const behaviour = { usualMs: 1, closes: !isPersistent, servesSeveral: isPersistent };
  const evaluator = new Evaluator({ address, behaviour });
  try {
    const { stopped } = await runBatch(recipes, {
      evaluator,
      generator,
      jobs,
      waits: { ...WAITS, closes: !isPersistent },
      crashPatterns: [],
      knownSignatures: new Set(),
      signal,
    });
    if (stopped !== undefined) throw new Error('the target was lost while it was fuzzed');
  } finally {
    evaluator.release();
  }
}
