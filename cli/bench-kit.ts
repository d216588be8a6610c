/**
 * `conform bench kit`: how long the kit takes to start, to judge and to fuzz. The target is the reference without a store, in a
 * process of its own, so that the processor time of this one is the kit's.
 */

import { performance } from 'node:perf_hooks';
import type { Row, Section } from '../bench/index.ts';
import type { Address } from '../conformance/index.ts';
import { fuzzSection, keptSection } from './bench-fuzz.ts';
import type { Selection } from './bench-selection.ts';
import type { Io } from './io.ts';

/** Every so many scenarios, for the cost curve, one at a time as they are played against a fast target. */
const STRIDES = [16, 8, 4, 2, 1];
/** As the embedded server is judged. */
const MANY_JOBS = 64;
const ROUNDS = 3;

export async function benchKit(io: Io, isSelected: Selection): Promise<Section[]> {
  const { startupSection } = await import('../bench/index.ts');
  return [
    ...(isSelected('kit/startup') ? [startupSection()] : []),
    ...(isSelected('kit/scenarios') ? [await scenarioCurve(io)] : []),
    ...(isSelected('kit/fuzz') ? [await fuzzSection(io)] : []),
    ...(isSelected('kit/fuzz-kept') ? [await keptSection(io)] : []),
  ];
}

/** The runner, by the number of scenarios. */
async function scenarioCurve(io: Io): Promise<Section> {
  const { startProcess, exponent, marginOfFew, median } = await import('../bench/index.ts');
  const server = await startProcess('reference');
  try {
    const measured = async (stride: number, jobs: number): Promise<Judged & { row: Row }> => {
      const rounds: Judged[] = [];
      for (let round = 0; round < ROUNDS; round++)
        rounds.push(await judgeOnce(server.address, stride, jobs, io));
      const times = rounds.map(({ ms }) => ms);
      const ms = median(times);
      const margin = marginOfFew(times);
      const played = rounds[0]?.played ?? 0;
      const share = median(rounds.map((round) => round.share));
      const name = `${stride === 1 ? 'all' : `1 in ${stride}`}, ${jobs} at a time`;
      const cells = [played, ms * 1e6, margin * ms * 1e6, (played / ms) * 1000, share];
      return { ms, played, share, row: { name, cells, compared: { value: ms, margin, better: 'lower' } } };
    };
    const curve: (Judged & { row: Row })[] = [];
    for (const stride of STRIDES) curve.push(await measured(stride, 1));
    const many = await measured(1, MANY_JOBS);
    return {
      id: 'kit/scenarios',
      title: 'Judging the reference, without a store',
      of: 'scenarios',
      columns: [
        { title: 'played', unit: 'count' },
        { title: 'time', unit: 'ns' },
        { title: '±', unit: 'ns' },
        { title: 'scenarios', unit: 'per-second' },
        { title: 'kit itself', unit: 'ratio' },
      ],
      rows: [...curve.map(({ row }) => row), many.row],
      notes: [
        exponent('time', 'the number of scenarios', curve, ({ played, ms }) => [played, ms]),
        'The kit itself: the processor time that it spent, as a share of the time that passed. The rest is waiting, for silence in the first place.',
      ],
      plot: { kind: 'bars', columns: [1] },
    };
  } finally {
    server.stop();
  }
}

interface Judged {
  readonly played: number;
  readonly ms: number;
  /** Processor time of this process, to the time that passed. */
  readonly share: number;
}

async function judgeOnce(target: Address, stride: number, jobs: number, io: Io): Promise<Judged> {
  const { catalogue, run } = await import('../conformance/index.ts');
  const chosen = new Set(catalogue.filter((_, index) => index % stride === 0));
  const options = { target, catalogue, selected: chosen.has.bind(chosen), seed: 1, jobs };
  let played = 0;
  const began = performance.now();
  const processor = process.cpuUsage();
  for await (const event of run({ ...options, signal: io.interrupted }))
    if (event.kind === 'result' && event.result.verdict.verdict !== 'skipped') played++;
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(processor);
  return { played, ms, share: (user + system) / 1000 / ms };
}
