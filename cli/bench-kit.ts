/**
 * `conform bench kit`: how long the kit takes to start, to judge and to fuzz. The target is the reference without a store, in a
 * process of its own, so that the processor time of this one is the kit's.
 */

import { performance } from 'node:perf_hooks';
import type { Row, Section } from '../bench/index.ts';
import { fuzzSection, keptSection } from './bench-fuzz.ts';
import type { Io } from './io.ts';

/** Every so many scenarios, for the cost curve. */
const STRIDES = [16, 8, 4, 2, 1];
const ROUNDS = 3;

export async function benchKit(io: Io, again?: ReadonlySet<string>): Promise<Section[]> {
  const { startupSection } = await import('../bench/index.ts');
  const isSelected = (id: string): boolean =>
    again === undefined || [...again].some((row) => row.startsWith(id));
  return [
    ...(isSelected('kit/startup') ? [startupSection()] : []),
    ...(isSelected('kit/scenarios') ? [await scenarioCurve(io)] : []),
    ...(isSelected('kit/fuzz') ? [await fuzzSection(io)] : []),
    ...(again === undefined ? [await keptSection(io)] : []),
  ];
}

/** The runner, by the number of scenarios. */
async function scenarioCurve(io: Io): Promise<Section> {
  const [{ startProcess, exponent, marginOfFew, median }, { catalogue, run }] = await Promise.all([
    import('../bench/index.ts'),
    import('../conformance/index.ts'),
  ]);
  const server = await startProcess('reference');
  try {
    const points: (readonly [number, number])[] = [];
    const rows: Row[] = [];
    for (const stride of STRIDES) {
      const chosen = new Set(catalogue.filter((_, index) => index % stride === 0));
      let played = 0;
      const times: number[] = [];
      const shares: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        played = 0;
        const began = performance.now();
        const processor = process.cpuUsage();
        const options = { target: server.address, catalogue, selected: chosen.has.bind(chosen), seed: 1 };
        for await (const event of run({ ...options, signal: io.interrupted })) {
          if (event.kind === 'result' && event.result.verdict.verdict !== 'skipped') played++;
        }
        const ms = performance.now() - began;
        const { user, system } = process.cpuUsage(processor);
        times.push(ms);
        shares.push((user + system) / 1000 / ms);
      }
      const ms = median(times);
      const margin = marginOfFew(times);
      points.push([played, ms]);
      const cells = [played, ms * 1e6, margin * ms * 1e6, (played / ms) * 1000, median(shares)];
      rows.push({ name: stride === 1 ? 'all' : `1 in ${stride}`, cells });
    }
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
      rows,
      notes: [
        exponent('time', 'the number of scenarios', points, (point) => point),
        'The kit itself: the processor time that it spent, as a share of the time that passed.',
      ],
      plot: { kind: 'lines', columns: [1] },
    };
  } finally {
    server.stop();
  }
}
