/**
 * The fuzzing half of `conform bench kit`: cases a second, generated, thrown and judged by every invariant of the wire. On a
 * new connection for each case, beside a bare loop over the same bytes that only connects, writes, and waits for the
 * close; and on connections that are kept.
 */

import { connect, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Address } from '../../conformance/index.ts';
import { throwAll } from '../../fuzz/campaign/batch.ts';
import { soleFrame } from '../../fuzz/execute/persistent-connection.ts';
import { Generator } from '../../fuzz/generate/generate.ts';
import type { Lot } from '../../fuzz/generate/recipe.ts';
import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { listenOnLoopback, withServer } from '../target/server-process.ts';

const SEED = 1;
const CASES = 5000;
const ROUNDS = 5;
const JOBS = [1, 8, 32];
/** On connections that are kept, where several cases are under way on each. */
const KEPT_JOBS = [8, 32, 128];
/** As a campaign has them against a target as fast as these. */
const WAITS = { patienceMs: 1000, silenceMs: 4, lingerMs: 2 };

/** Cases of one complete frame, which a bare loop can throw as well: after it, the target closes. */
interface Material {
  readonly generator: Generator;
  readonly lots: readonly Lot[];
  readonly frames: readonly Buffer[];
}

interface Thrower {
  readonly address: Address;
  /** Whether the target serves several frames on a connection. */
  readonly isKept: boolean;
  readonly jobs: number;
  readonly signal: AbortSignal | undefined;
}

/** A new connection for each case, at the reference in a process of its own and at a sink in this one. */
export async function fuzzSection({ onRow, signal }: SectionOptions): Promise<Section> {
  const material = materialOf();
  const makingNs = generationNs(material);
  const measureBoth = async (reference: Address, sink: Address): Promise<Section> => {
    const subjects: readonly (readonly [name: string, address: Address])[] = [
      ['the reference', reference],
      ['a sink', sink],
    ];
    const rows: Row[] = [];
    for (const [name, address] of subjects) {
      for (const jobs of JOBS) {
        onRow(`kit/fuzz ${name}, ${jobs}`);
        const bare: number[] = [];
        const kit: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          bare.push(await perSecond(() => throwBare(address, material.frames, jobs)));
          kit.push(await perSecond(() => throwJudged(material, { address, isKept: false, jobs, signal })));
        }
        const share = medianWithMargin(kit.map((value, round) => value / (bare[round] ?? value)));
        const rate = medianWithMargin(kit);
        rows.push({
          name: `${name}, ${jobs}`,
          cells: [rate.value, rate.value * rate.margin, median(bare), share.value, makingNs],
          compared: { ...share, better: 'higher' },
        });
      }
    }
    return {
      id: 'kit/fuzz',
      title: 'Fuzzing, one frame on a new connection a case',
      of: 'at, in flight',
      columns: [
        { title: 'cases', unit: 'per-second' },
        { title: '±', unit: 'per-second' },
        { title: 'bare loop', unit: 'per-second' },
        { title: 'share', unit: 'ratio' },
        { title: 'generating', unit: 'ns' },
      ],
      rows,
      notes: [
        'Cases are generated, thrown and judged by every invariant of the wire; the bare loop has the same bytes ready.',
        'The reference is a process of its own; the sink, which closes at the first byte, shares one with the kit.',
        'Generating: the time that it takes to make one case, which is part of the cases a second.',
      ],
    };
  };
  return await withServer('reference', ({ address }) => withSink((sink) => measureBoth(address, sink)));
}

/** Connections that are kept, against a server that serves any number of frames on each. */
export async function persistentSection({ onRow, signal }: SectionOptions): Promise<Section> {
  const material = materialOf();
  return await withServer('persistent', async (server) => {
    const rows: Row[] = [];
    for (const jobs of KEPT_JOBS) {
      const rates: number[] = [];
      onRow(`kit/fuzz-kept ${jobs}`);
      const thrower = { address: server.address, isKept: true, jobs, signal };
      for (let round = 0; round < ROUNDS; round += 1)
        rates.push(await perSecond(() => throwJudged(material, thrower)));
      const rate = medianWithMargin(rates);
      rows.push({
        name: String(jobs),
        cells: [jobs, rate.value, 2 * rate.value, 2 * rate.value * rate.margin],
        compared: { ...rate, better: 'higher' },
      });
    }
    return {
      id: 'kit/fuzz-kept',
      title: 'Fuzzing a server that keeps its connections',
      of: 'in flight',
      columns: [
        { title: 'in flight', unit: 'count', isName: true },
        { title: 'cases', unit: 'per-second' },
        { title: 'frames', unit: 'per-second' },
        { title: '±', unit: 'per-second' },
      ],
      rows,
      notes: [
        'Cases of one frame, each with a legal SUBMIT behind it whose answer tells that the reaction is over.',
      ],
    };
  });
}

function materialOf(): Material {
  const generator = new Generator(SEED);
  const lots: Lot[] = [];
  const frames: Buffer[] = [];
  for (let index = 0; lots.length < CASES; index += 1) {
    const sent = soleFrame(generator.at(index).value);
    if (sent === undefined) continue;
    lots.push({ lane: 'base', index });
    frames.push(sent.bytes);
  }
  return { generator, lots, frames };
}

/** Passes the address of a server that closes each connection at the first byte. */
async function withSink<Result>(use: (address: Address) => Promise<Result>): Promise<Result> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.end()).on('error', () => {});
  });
  try {
    return await use({ host: '127.0.0.1', port: await listenOnLoopback(server) });
  } finally {
    server.close();
  }
}

async function perSecond(thrown: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await thrown();
  return (CASES / (performance.now() - began)) * 1000;
}

async function throwBare(address: Address, frames: readonly Buffer[], jobs: number): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let bytes = frames[next++]; bytes !== undefined; bytes = frames[next++])
      await throwOne(address, bytes);
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

function throwOne(address: Address, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => socket.write(bytes));
    socket
      .on('data', () => {})
      .on('end', () => socket.destroy())
      // A reset is an end like another; that no connection comes about is not.
      .on('error', (error) => socket.bytesWritten === 0 && reject(error))
      .on('close', () => resolve());
  });
}

async function throwJudged(
  { generator, lots }: Material,
  { address, isKept, jobs, signal }: Thrower,
): Promise<void> {
  const { stopped } = await throwAll(lots, {
    lookout: { address, baseline: { usualMs: 1, closes: !isKept, servesSeveral: isKept } },
    generator,
    jobs,
    waits: { ...WAITS, closes: !isKept },
    heldBack: [],
    known: new Set(),
    signal,
  });
  if (stopped !== undefined) throw new Error('the target was lost while it was fuzzed');
}

/** For one case, made one after the other. */
function generationNs({ generator, lots }: Material): number {
  const began = performance.now();
  for (const lot of lots) if (lot.lane === 'base') generator.at(lot.index);
  return ((performance.now() - began) / lots.length) * 1e6;
}
