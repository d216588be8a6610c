/**
 * The time that the kit needs to judge a target, by the number of scenarios. The target is a subprocess, so the processor
 * time of this process is the kit's alone.
 */

import { performance } from 'node:perf_hooks';
import { type Address, catalogue, run } from '../../conformance/index.ts';
import { processorMs } from '../measure/processor-time.ts';
import { measureRounds, STEADY_MARGIN } from '../measure/rounds.ts';
import { describeGrowth, median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { withServer } from '../target/server-process.ts';

/** For each point of the cost curve, one in that many scenarios runs. */
const STRIDES = [16, 8, 4, 2, 1];
const ROUNDS = 5;

interface Point {
  readonly executed: number;
  readonly ms: number;
  readonly margin: number;
  readonly row: Row;
}

interface ScenariosOptions extends SectionOptions {
  /** How many scenarios run at a time in the last row. In the other rows, one runs at a time. */
  readonly jobs: number;
}

export async function scenariosSection(options: ScenariosOptions): Promise<Section> {
  return await withServer('reference', async ({ address }) => {
    // The first run is slower than the others, because the compiler has not seen the code yet.
    await runOnce(address, 1, options.jobs, options.signal);
    const curve: Point[] = [];
    for (const stride of STRIDES) curve.push(await pointOf(address, stride, 1, options));
    const last = await pointOf(address, 1, options.jobs, options);
    const steady = curve.filter(({ margin }) => margin <= STEADY_MARGIN);
    const growth = describeGrowth('time', 'the number of scenarios', steady, ({ executed, ms }) => [
      executed,
      ms,
    ]);
    return {
      id: 'kit/scenarios',
      title: 'Judging the reference server without a store',
      of: 'scenarios',
      columns: [
        { title: 'executed', unit: 'count' },
        { title: 'time', unit: 'ns' },
        { title: '±', unit: 'ns', isMargin: true },
        { title: 'rate', unit: 'per-second' },
        { title: 'processor share', unit: 'ratio' },
      ],
      rows: [...curve.map(({ row }) => row), last.row],
      notes: [
        // Two points would give an exponent that no third one confirms.
        ...(steady.length > 2 ? [growth] : []),
        'Processor share is the processor time of the kit as a share of the time. The kit waits for the rest of the time, mostly for a target that must stay silent.',
      ],
      plot: { kind: 'bars', columns: [1] },
    };
  });
}

async function pointOf(
  address: Address,
  stride: number,
  jobs: number,
  options: SectionOptions,
): Promise<Point> {
  const name = `${stride === 1 ? 'all' : `1 in ${stride}`}, ${jobs} at a time`;
  options.onRow(`kit/scenarios ${name}`);
  const rounds = await measureRounds(
    { ...options, rounds: ROUNDS },
    () => runOnce(address, stride, jobs, options.signal),
    ({ ms }) => [ms],
  );
  const executed = rounds[0]?.executed ?? 0;
  const { value: ms, margin } = medianWithMargin(rounds.map((round) => round.ms));
  const share = median(rounds.map((round) => round.processorShare));
  const cells = [executed, ms * 1e6, margin * ms * 1e6, (executed / ms) * 1000, share];
  return { executed, ms, margin, row: { name, cells, compared: { value: ms, margin, better: 'lower' } } };
}

interface MeasuredRun {
  /** The number of scenarios that were not skipped. */
  readonly executed: number;
  readonly ms: number;
  /** The processor time of this process as a share of the time. */
  readonly processorShare: number;
}

async function runOnce(
  target: Address,
  stride: number,
  jobs: number,
  signal: AbortSignal | undefined,
): Promise<MeasuredRun> {
  const chosen = new Set(catalogue.filter((_, index) => index % stride === 0));
  const options = { target, catalogue, selected: chosen.has.bind(chosen), seed: 1, jobs };
  let executed = 0;
  const began = performance.now();
  const processorBefore = processorMs();
  for await (const event of run({ ...options, signal }))
    if (event.kind === 'result' && !event.isProvisional && event.result.attempts[0].verdict !== 'skipped')
      executed++;
  const ms = performance.now() - began;
  return { executed, ms, processorShare: (processorMs() - processorBefore) / ms };
}
