/** The rate of the reference server, without a store and with one, compared with that of its baseline (rounds.ts). */

import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Compared, Row, Section } from '../report/report.ts';
import { type Measure, type Round, type RoundsOptions, withNetRounds, withStoreRounds } from './rounds.ts';

export interface ServersOptions extends RoundsOptions {
  /** For each row, the number of connections at a time. */
  readonly connections: readonly number[];
}

interface Rates {
  /** Cells: the rate, its margin, the rate of the baseline, and the ratio of the two. */
  readonly cells: readonly number[];
  readonly compared: Compared;
}

export async function referenceSection(options: ServersOptions): Promise<Section> {
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
    rows: await withNetRounds(options, (measure) =>
      rowsOf('target/reference', options, measure, (rounds) => [
        median(rounds.map(({ processorNs }) => processorNs)),
        median(rounds.map(({ baselineProcessorNs }) => baselineProcessorNs)),
        median(rounds.map(({ p99 }) => p99)),
      ]),
    ),
    notes: [
      'The baseline is a server of node:net alone that reads and writes the same bytes and validates nothing.',
      'Processor time is the time that the server spends on a processor for one submission. p99 is the 99th percentile of the latency.',
    ],
    plot: { kind: 'bars', columns: [1, 3] },
  };
}

export async function storeSection(options: ServersOptions): Promise<Section> {
  return {
    id: 'target/store',
    title: 'The reference server with a store, which syncs each task to the disk before its answer',
    of: 'connections',
    columns: [
      { title: 'connections', unit: 'count', isName: true },
      { title: 'submissions', unit: 'per-second' },
      { title: '±', unit: 'per-second', isMargin: true },
      { title: 'files stored', unit: 'per-second' },
      { title: 'submissions / files stored', unit: 'ratio' },
      { title: 'latency', unit: 'ns' },
    ],
    rows: await withStoreRounds(options, (measure) =>
      rowsOf('target/store', options, measure, (rounds) => [
        median(rounds.map(({ latencyNs }) => latencyNs)),
      ]),
    ),
    notes: [
      'Files stored is the rate of a program that does nothing but write, fsync and rename files of that size, as many in a batch as there are connections, and one fsync of the folder for each batch. Latency is the median from the connection to the answer.',
    ],
    plot: { kind: 'bars', columns: [1, 3] },
  };
}

/** A row for each number of connections. `further` gives the cells after those of the rates. */
async function rowsOf<R extends Round>(
  section: string,
  { connections, onRow }: ServersOptions,
  measure: Measure<R>,
  further: (rounds: readonly R[]) => readonly number[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of connections) {
    onRow(`${section}, ${count} connections`);
    const rounds = await measure(count);
    const { cells, compared } = ratesOf(rounds);
    rows.push({ name: String(count), cells: [count, ...cells, ...further(rounds)], compared });
  }
  return rows;
}

function ratesOf(rounds: readonly Round[]): Rates {
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
