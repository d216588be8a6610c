/**
 * The speed at which the reference aims, in one table: for each row what was measured, the aim, and a baseline that was
 * measured in turns with it. An aim in time holds for the machine of docs/performance.md, and an aim as a multiple of the
 * baseline for every machine.
 */

import { type CodecOptions, measureRow, type RowToMeasure } from '../codec/row.ts';
import { MiB } from '../codec/samples.ts';
import { median, medianWithMargin } from '../measure/statistics.ts';
import type { Row, Section, Selection } from '../report/report.ts';
import {
  type Measure,
  type NetRound,
  type Round,
  type RoundsOptions,
  type StoreRound,
  withNetRounds,
  withStoreRounds,
} from '../target/rounds.ts';

export interface AimsOptions extends CodecOptions, RoundsOptions {}

/** The most that a row may cost, inclusive: nanoseconds, a multiple of its baseline, or both. A row without either only informs. */
interface Aim {
  readonly name: string;
  readonly mostNs?: number;
  readonly mostRatio?: number;
}

/** One round of a row, in nanoseconds. */
interface Cost {
  readonly ns: number;
  readonly baselineNs: number;
}

const ID = 'reference/aims';

const CODEC: readonly (Aim & RowToMeasure)[] = [
  {
    name: 'encode a SUBMIT of 240 B',
    direction: 'encode',
    message: 'SubmitRequest',
    bytes: 100,
    mostNs: 400,
  },
  { name: 'encode a response', direction: 'encode', message: 'SubmitResponse', bytes: 13, mostNs: 350 },
  {
    name: 'decode a SUBMIT of 240 B',
    direction: 'decode',
    message: 'SubmitRequest',
    bytes: 100,
    mostNs: 850,
  },
  {
    name: 'encode a result of 8 MiB',
    direction: 'encode',
    message: 'TaskResultMessage with a file',
    bytes: 8 * MiB,
    mostRatio: 1,
  },
  {
    name: 'decode a result of 8 MiB',
    direction: 'decode',
    message: 'TaskResultMessage with a file',
    bytes: 8 * MiB,
    mostRatio: 1,
  },
];

interface Served<R> extends Aim {
  readonly connections: number;
  readonly costOf: (round: R) => Cost;
}

const processorTime = ({ processorNs, baselineProcessorNs }: NetRound): Cost => ({
  ns: processorNs,
  baselineNs: baselineProcessorNs,
});

const NET: readonly Served<NetRound>[] = [
  {
    name: 'serve a SUBMIT, 1 connection',
    connections: 1,
    costOf: processorTime,
    mostNs: 90_000,
    mostRatio: 1.1,
  },
  {
    name: 'serve a SUBMIT, 64 connections',
    connections: 64,
    costOf: processorTime,
    mostNs: 55_000,
    mostRatio: 1.1,
  },
];

const STORE: readonly Served<StoreRound>[] = [
  {
    name: 'durable SUBMIT, 1 connection: latency',
    connections: 1,
    costOf: ({ latencyNs, batchNs }) => ({ ns: latencyNs, baselineNs: batchNs }),
    mostRatio: 1.3,
  },
  {
    name: 'durable SUBMIT, 64 connections: time for one',
    connections: 64,
    costOf: ({ perSecond, baselinePerSecond }) => ({
      ns: 1e9 / perSecond,
      baselineNs: 1e9 / baselinePerSecond,
    }),
    // 0.8 of the rate.
    mostRatio: 1.25,
  },
  {
    name: 'durable SUBMIT, 1 connection: latency vs a bare server',
    connections: 1,
    costOf: ({ latencyNs, fileServer }) => ({ ns: latencyNs, baselineNs: fileServer.latencyNs }),
  },
  {
    name: 'durable SUBMIT, 64 connections: time for one vs a bare server',
    connections: 64,
    costOf: ({ perSecond, fileServer }) => ({
      ns: 1e9 / perSecond,
      baselineNs: 1e9 / fileServer.perSecond,
    }),
  },
];

/** `isSelected` is asked for each row. The result is empty when no row is selected. */
export async function aimsSections(options: AimsOptions, isSelected: Selection): Promise<Section[]> {
  const selected = <A extends Aim>(aims: readonly A[]): readonly A[] =>
    aims.filter(({ name }) => isSelected(ID, name));
  const rows: Row[] = [];
  const missed: string[] = [];
  const add = (aim: Aim, costs: readonly Cost[]): void => {
    const row = rowOf(aim, costs);
    rows.push(row);
    if (isMissed(aim, row)) missed.push(aim.name);
  };
  const addServed = async <R extends Round>(aims: readonly Served<R>[], measure: Measure<R>) => {
    // Aims for the same number of connections are judged by the same rounds.
    for (const connections of new Set(aims.map((aim) => aim.connections))) {
      const together = aims.filter((aim) => aim.connections === connections);
      options.onRow(`${ID} ${together.map(({ name }) => name).join(', ')}`);
      const rounds = await measure(connections, (round) =>
        together.flatMap((aim) => {
          const { ns, baselineNs } = aim.costOf(round);
          return [ns, ns / baselineNs];
        }),
      );
      for (const aim of together) add(aim, rounds.map(aim.costOf));
    }
  };
  for (const aim of selected(CODEC)) {
    options.onRow(`${ID} ${aim.name}`);
    const measured = await measureRow(aim, options);
    add(
      aim,
      measured.map(({ ns, jsonNs }) => ({ ns, baselineNs: jsonNs })),
    );
  }
  const net = selected(NET);
  if (net.length > 0) await withNetRounds(options, (measure: Measure<NetRound>) => addServed(net, measure));
  const store = selected(STORE);
  if (store.length > 0) await withStoreRounds(options, (measure) => addServed(store, measure));
  return rows.length === 0 ? [] : [sectionOf(rows, missed)];
}

const MEASURED = 0;
const RATIO = 4;

function rowOf({ name, mostNs, mostRatio }: Aim, costs: readonly Cost[]): Row {
  const time = medianWithMargin(costs.map(({ ns }) => ns));
  const ratio = medianWithMargin(costs.map(({ ns, baselineNs }) => ns / baselineNs));
  const baseline = median(costs.map(({ baselineNs }) => baselineNs));
  return {
    name,
    cells: [time.value, time.value * time.margin, mostNs ?? null, baseline, ratio.value, mostRatio ?? null],
    compared: { ...ratio, better: 'lower' },
  };
}

function isMissed({ mostNs = Infinity, mostRatio = Infinity }: Aim, { cells }: Row): boolean {
  return Number(cells[MEASURED]) > mostNs || Number(cells[RATIO]) > mostRatio;
}

function sectionOf(rows: readonly Row[], missed: readonly string[]): Section {
  return {
    id: ID,
    title: 'What the reference costs, and the most that it may cost',
    of: 'operation',
    columns: [
      { title: 'measured', unit: 'ns' },
      { title: '±', unit: 'ns', isMargin: true },
      { title: 'aim', unit: 'ns' },
      { title: 'baseline', unit: 'ns' },
      { title: 'measured / baseline', unit: 'ratio' },
      { title: 'aim', unit: 'ratio' },
    ],
    rows,
    notes: [
      missed.length === 0 ? 'Every aim is met.' : `These miss an aim: ${missed.join('; ')}.`,
      'Encoding and decoding are processor time, with the frame. Their baseline is JSON and Buffer alone, which validate nothing.',
      'Serving is the processor time of the server, which is a process of its own, for one submission on a new connection. The baseline is a server of node:net alone that reads and writes the same bytes.',
      'A durable SUBMIT is answered after its task is on the disk, in the time of a clock. The baseline is a program that does nothing but write, fsync and rename files of that size in the same batches, with one fsync of the folder for each batch: it has no connection to open, to read and to answer. The bare server is one of node:net alone that does the same for one file before it answers.',
    ],
  };
}
