/**
 * The fuzzing half of `conform bench kit`: cases a second, generated, thrown and judged, beside a bare loop over the same
 * bytes that only connects, writes, and waits for the close. Both throw at the reference in a process of its own, in turn.
 */

import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Row, Section } from '../bench/index.ts';
import type { Address } from '../conformance/index.ts';
import type { Generator } from '../fuzz/generate.ts';
import type { Lot } from '../fuzz/lot.ts';
import type { Io } from './io.ts';

const SEED = 1;
const CASES = 5000;
const ROUNDS = 5;
const JOBS = [1, 8, 32];
/** On connections that are kept, where several cases are under way on each. */
const KEPT_JOBS = [8, 32, 128];
/** As a campaign has them against a target as fast as this one. */
const WAITS = { patienceMs: 1000, silenceMs: 4, lingerMs: 2 };

/** Cases of one complete frame, which a bare loop can throw as well: after it, the target closes. */
interface Material {
  readonly lots: readonly Lot[];
  readonly bytes: readonly Buffer[];
}

/** A new connection for each case, beside the bare loop. */
export async function fuzzSection(io: Io): Promise<Section> {
  const [{ startProcess, marginOfFew, median }, { Generator }] = await Promise.all([
    import('../bench/index.ts'),
    import('../fuzz/generate.ts'),
  ]);
  const generator = new Generator(SEED);
  const material = await materialOf(generator);
  const server = await startProcess('reference');
  try {
    const rows: Row[] = [];
    for (const jobs of JOBS) {
      const bare: number[] = [];
      const kit: number[] = [];
      for (let round = 0; round < ROUNDS && !io.interrupted.aborted; round += 1) {
        bare.push(await perSecond(() => throwBare(server.address, material.bytes, jobs)));
        kit.push(await perSecond(() => throwJudged(server.address, generator, material.lots, jobs)));
      }
      const ratios = kit.map((value, round) => value / (bare[round] ?? value));
      const value = median(ratios);
      rows.push({
        name: String(jobs),
        cells: [jobs, median(kit), median(bare), value, generationNs(generator)],
        compared: { value, margin: marginOfFew(ratios), better: 'higher' },
      });
    }
    return {
      id: 'kit/fuzz',
      title: 'Fuzzing the reference, one frame on a new connection a case',
      of: 'in flight',
      columns: [
        { title: 'in flight', unit: 'count' },
        { title: 'cases', unit: 'per-second' },
        { title: 'bare loop', unit: 'per-second' },
        { title: 'share', unit: 'ratio' },
        { title: 'generating', unit: 'ns' },
      ],
      rows,
      notes: [
        'Cases are generated, thrown and judged by every invariant of the wire; the bare loop has the same bytes ready.',
        'Generating: the time that it takes to make one case, which is part of the cases a second.',
      ],
    };
  } finally {
    server.stop();
  }
}

/** Connections that are kept, against a server that serves any number of frames on each. */
export async function keptSection(io: Io): Promise<Section> {
  const [{ startProcess, marginOfFew, median }, { Generator }] = await Promise.all([
    import('../bench/index.ts'),
    import('../fuzz/generate.ts'),
  ]);
  const generator = new Generator(SEED);
  const { lots } = await materialOf(generator);
  const server = await startProcess('keeping');
  try {
    const rows: Row[] = [];
    for (const jobs of KEPT_JOBS) {
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS && !io.interrupted.aborted; round += 1)
        rates.push(await perSecond(() => throwJudged(server.address, generator, lots, jobs, true)));
      const rate = median(rates);
      const cells = [jobs, rate, 2 * rate, marginOfFew(rates)];
      rows.push({ name: String(jobs), cells });
    }
    return {
      id: 'kit/fuzz-kept',
      title: 'Fuzzing a server that keeps its connections',
      of: 'in flight',
      columns: [
        { title: 'in flight', unit: 'count' },
        { title: 'cases', unit: 'per-second' },
        { title: 'frames', unit: 'per-second' },
        { title: '±', unit: 'ratio' },
      ],
      rows,
      notes: [
        'Cases of one frame, each with a legal SUBMIT behind it whose answer tells that the reaction is over.',
      ],
    };
  } finally {
    server.stop();
  }
}

async function materialOf(generator: Generator): Promise<Material> {
  const { soleFrame } = await import('../fuzz/line.ts');
  const lots: Lot[] = [];
  const bytes: Buffer[] = [];
  for (let index = 0; lots.length < CASES; index += 1) {
    const sent = soleFrame(generator.at(index).value);
    if (sent === undefined) continue;
    lots.push({ lane: 'base', index });
    bytes.push(sent.bytes);
  }
  return { lots, bytes };
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
  return new Promise((resolve) => {
    const socket = connect(address, () => socket.write(bytes));
    socket
      .on('data', () => {})
      .on('end', () => socket.destroy())
      .on('error', () => {})
      .on('close', () => resolve());
  });
}

async function throwJudged(
  address: Address,
  generator: Generator,
  lots: readonly Lot[],
  jobs: number,
  isKept = false,
): Promise<void> {
  const { throwAll } = await import('../fuzz/shift.ts');
  await throwAll(lots, {
    lookout: { address, baseline: { usualMs: 1, closes: !isKept, servesSeveral: isKept } },
    generator,
    jobs,
    waits: { ...WAITS, closes: !isKept },
    heldBack: [],
    known: new Set(),
  });
}

/** For one case. */
function generationNs(generator: Generator): number {
  const began = performance.now();
  for (let index = 0; index < CASES; index += 1) generator.at(index);
  return ((performance.now() - began) / CASES) * 1e6;
}
