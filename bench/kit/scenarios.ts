/**
 * The time that the kit needs to judge a target, by the number of scenarios. The target is a subprocess, so the
 * processor time of this process is the kit's alone.
 */

import { performance } from 'node:perf_hooks';
import { type Address, catalogue, run } from '../../conformance/index.ts';
import { processorMs } from '../measure/processor-time.ts';
import { describeGrowth, median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { withServer } from '../target/server-process.ts';

/** Every so many scenarios, for the cost curve, one at a time as they are played against a fast target. */
const STRIDES = [16, 8, 4, 2, 1];
const ROUNDS = 3;

/** `manyJobs`: how many scenarios run at a time in the last row. In the other rows one runs at a time. */
export async function scenariosSection(
  manyJobs: number,
  { onRow, signal }: SectionOptions,
): Promise<Section> {
  return await withServer('reference', async (server) => {
    // Once for nothing, for the compiler.
    await judgeOnce(server.address, 1, manyJobs, signal);
    const measured = async (stride: number, jobs: number): Promise<Judged & { row: Row }> => {
      const name = `${stride === 1 ? 'all' : `1 in ${stride}`}, ${jobs} at a time`;
      onRow(`kit/scenarios ${name}`);
      const rounds: Judged[] = [];
      for (let round = 0; round < ROUNDS; round++)
        rounds.push(await judgeOnce(server.address, stride, jobs, signal));
      const { value: ms, margin } = medianWithMargin(rounds.map((round) => round.ms));
      const played = rounds[0]?.played ?? 0;
      const share = median(rounds.map((round) => round.share));
      const cells = [played, ms * 1e6, margin * ms * 1e6, (played / ms) * 1000, share];
      return { ms, played, share, row: { name, cells, compared: { value: ms, margin, better: 'lower' } } };
    };
    const curve: (Judged & { row: Row })[] = [];
    for (const stride of STRIDES) curve.push(await measured(stride, 1));
    const many = await measured(1, manyJobs);
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
        describeGrowth('time', 'the number of scenarios', curve, ({ played, ms }) => [played, ms]),
        'The kit itself: the processor time that it spent, as a share of the time that passed. The rest is waiting, for silence in the first place.',
      ],
      plot: { kind: 'bars', columns: [1] },
    };
  });
}

interface Judged {
  readonly played: number;
  readonly ms: number;
  /** Processor time of this process, to the time that passed. */
  readonly share: number;
}

async function judgeOnce(
  target: Address,
  stride: number,
  jobs: number,
  signal: AbortSignal | undefined,
): Promise<Judged> {
  const chosen = new Set(catalogue.filter((_, index) => index % stride === 0));
  const options = { target, catalogue, selected: chosen.has.bind(chosen), seed: 1, jobs };
  let played = 0;
  const began = performance.now();
  const spentMs = processorMs();
  for await (const event of run({ ...options, signal }))
    if (event.kind === 'result' && event.result.attempts[0].verdict !== 'skipped') played++;
  const ms = performance.now() - began;
  return { played, ms, share: (processorMs() - spentMs) / ms };
}
