/**
 * The rate of the reference server, compared with that of a baseline: without a store, a server of `node:net` alone that
 * reads and writes the same bytes; with a store, the rate at which the disk syncs files. Server and baseline take turns, so
 * that other work of the machine affects both alike.
 */

import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { temporaryFolder } from '../../conformance/util/temporary-folder.ts';
import { measureRounds } from '../measure/rounds.ts';
import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Compared, Row, Section, SectionOptions } from '../report/report.ts';
import { runLoad } from './load.ts';
import { type MeasuredServer, withServer } from './server-process.ts';

export interface ServersOptions extends SectionOptions {
  /** For each row, the number of connections at a time. */
  readonly connections: readonly number[];
  /** How long the server, and the baseline, are measured in each round. */
  readonly seconds: number;
}

const ROUNDS = 5;

/** What one round measures. */
interface Pair {
  readonly perSecond: number;
  readonly baselinePerSecond: number;
}

interface Rates {
  /** Cells: the rate, its margin, the rate of the baseline, and the ratio of the two. */
  readonly cells: readonly number[];
  readonly compared: Compared;
}

export async function referenceSection(options: ServersOptions): Promise<Section> {
  const measureBoth = async (reference: MeasuredServer, baseline: MeasuredServer): Promise<Row[]> => {
    const rows: Row[] = [];
    for (const connections of options.connections) {
      options.onRow(`target/reference, ${connections} connections`);
      const rounds = await measurePairs(options, async () => {
        const ofBaseline = await measureServer(baseline, connections, options);
        const ofReference = await measureServer(reference, connections, options);
        return {
          perSecond: ofReference.perSecond,
          baselinePerSecond: ofBaseline.perSecond,
          processorMs: ofReference.processorMs,
          baselineProcessorMs: ofBaseline.processorMs,
          p99: ofReference.p99,
        };
      });
      const { cells, compared } = ratesOf(rounds);
      const processorMs = median(rounds.map((round) => round.processorMs));
      const baselineProcessorMs = median(rounds.map((round) => round.baselineProcessorMs));
      const p99 = median(rounds.map((round) => round.p99));
      rows.push({
        name: String(connections),
        cells: [connections, ...cells, 1e6 * processorMs, 1e6 * baselineProcessorMs, p99],
        compared,
      });
    }
    return rows;
  };
  return {
    id: 'target/reference',
    title: 'The reference server without a store, with a new connection for each submission',
    of: 'connections',
    columns: [
      { title: 'connections', unit: 'count', isName: true },
      { title: 'submissions', unit: 'per-second' },
      { title: '±', unit: 'per-second', isMargin: true },
      { title: 'baseline', unit: 'per-second' },
      { title: 'submissions / baseline', unit: 'ratio' },
      { title: 'processor time', unit: 'ns' },
      { title: 'baseline processor time', unit: 'ns' },
      { title: 'p99', unit: 'ns' },
    ],
    rows: await withServer('reference', (reference) =>
      withServer('baseline', (baseline) => measureBoth(reference, baseline)),
    ),
    notes: [
      'The baseline is a server of node:net alone that reads and writes the same bytes and validates nothing.',
      'Processor time is the time that the server spends on a processor for one submission. p99 is the 99th percentile of the latency.',
    ],
    plot: { kind: 'bars', columns: [1, 3] },
  };
}

export async function storeSection(options: ServersOptions): Promise<Section> {
  const { path: dir, remove } = await temporaryFolder([tmpdir()]);
  const measureStore = async (server: MeasuredServer): Promise<Row[]> => {
    const rows: Row[] = [];
    for (const connections of options.connections) {
      options.onRow(`target/store, ${connections} connections`);
      const rounds = await measurePairs(options, async () => ({
        baselinePerSecond: await syncsPerSecond(dir, connections, options),
        perSecond: (await measureServer(server, connections, options)).perSecond,
      }));
      const { cells, compared } = ratesOf(rounds);
      rows.push({ name: String(connections), cells: [connections, ...cells], compared });
    }
    return rows;
  };
  try {
    return {
      id: 'target/store',
      title: 'The reference server with a store, which syncs each task to the disk before its answer',
      of: 'connections',
      columns: [
        { title: 'connections', unit: 'count', isName: true },
        { title: 'submissions', unit: 'per-second' },
        { title: '±', unit: 'per-second', isMargin: true },
        { title: 'files synced', unit: 'per-second' },
        { title: 'submissions / files synced', unit: 'ratio' },
      ],
      rows: await withServer('store', measureStore, join(dir, 'store')),
      notes: [
        'Files synced is the rate at which the disk takes small files that are written and synced, as many at a time as there are connections. A task also needs a rename and a sync of its directory.',
      ],
      plot: { kind: 'bars', columns: [1, 3] },
    };
  } finally {
    await remove();
  }
}

async function measurePairs<Round extends Pair>(
  options: SectionOptions,
  measure: () => Promise<Round>,
): Promise<readonly Round[]> {
  return await measureRounds({ ...options, rounds: ROUNDS }, measure, (round) => [
    round.perSecond,
    round.perSecond / round.baselinePerSecond,
  ]);
}

function ratesOf(rounds: readonly Pair[]): Rates {
  const rate = medianWithMargin(rounds.map(({ perSecond }) => perSecond));
  const baseline = median(rounds.map(({ baselinePerSecond }) => baselinePerSecond));
  const ratio = medianWithMargin(
    rounds.map(({ perSecond, baselinePerSecond }) => perSecond / baselinePerSecond),
  );
  return {
    cells: [rate.value, rate.value * rate.margin, baseline, ratio.value],
    compared: { ...ratio, better: 'higher' },
  };
}

/** All submissions, with those of the warm-up, as a multiple of those without. */
const WARM_UP_SHARE = 1.25;

async function measureServer(
  server: MeasuredServer,
  connections: number,
  { seconds, signal }: Pick<ServersOptions, 'seconds' | 'signal'>,
): Promise<{
  readonly perSecond: number;
  /** Milliseconds of the server's processor time for one submission. */
  readonly processorMs: number;
  /** The 99th percentile of the latency, in nanoseconds. */
  readonly p99: number;
}> {
  const before = await server.processorMs();
  const { perSecond, submits, latencies } = await runLoad({
    target: server.address,
    connections,
    keepOpen: false,
    seconds,
    signal,
  });
  // The processor time includes the warm-up, because the server does not know when the warm-up ends.
  const processorMs = ((await server.processorMs()) - before) / (submits * WARM_UP_SHARE);
  return { perSecond, processorMs, p99: latencies.at(99) };
}

const TASK_BYTES = new Uint8Array(400);

async function syncsPerSecond(
  dir: string,
  width: number,
  { seconds, signal }: Pick<ServersOptions, 'seconds' | 'signal'>,
): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let synced = 0;
  const worker = async (_: unknown, index: number): Promise<void> => {
    while (performance.now() < end && !signal?.aborted) {
      const path = join(dir, `baseline-${index}`);
      const file = await open(path, 'w');
      await file.write(TASK_BYTES);
      await file.sync();
      await file.close();
      await rm(path);
      synced++;
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return synced / seconds;
}
