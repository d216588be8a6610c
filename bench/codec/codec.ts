/**
 * The processor time of encoding and decoding each message at several sizes. It is compared with that of `JSON` and
 * `Buffer` alone, which validate nothing and follow no canonical form, and with that of a copy of the frame.
 */

import { median, medianWithMargin, percentile99 } from '../measure/statistics.ts';
import type { Column, Row, Section, Selection } from '../report/report.ts';
import { type CodecOptions, DIRECTIONS, type MeasuredRow, measureRow } from './row.ts';
import { KiB, MiB, SAMPLES } from './samples.ts';

const SIZES: readonly (readonly [name: string, bytes: number])[] = [
  ['100 B', 100],
  ['1 KiB', KiB],
  ['16 KiB', 16 * KiB],
  ['1 MiB', MiB],
  ['8 MiB', 8 * MiB],
];

const COLUMNS: readonly Column[] = [
  { title: 'frame size', unit: 'bytes' },
  { title: 'time', unit: 'ns' },
  { title: '±', unit: 'ns', isMargin: true },
  { title: 'p99', unit: 'ns' },
  { title: 'rate', unit: 'per-second' },
  { title: 'throughput', unit: 'bytes-per-second' },
  { title: 'allocated', unit: 'bytes' },
  { title: 'JSON time', unit: 'ns' },
  { title: 'time / JSON time', unit: 'ratio' },
  { title: 'time / copy time', unit: 'ratio' },
];

const TITLES = { encode: 'Encoding a message to a frame', decode: 'Decoding a frame to a message' };

/** `isSelected` is asked for each row. A section without a selected row is left out. */
export async function codecSections(options: CodecOptions, isSelected: Selection): Promise<Section[]> {
  const sections: Section[] = [];
  for (const direction of DIRECTIONS) {
    const rows = await rowsOf(direction, options, isSelected);
    if (rows.length === 0) continue;
    sections.push({
      id: `codec/${direction}`,
      title: TITLES[direction],
      of: 'message',
      columns: COLUMNS,
      rows,
      notes: [
        'All times are processor time, so the time in which other programs had the processor does not count.',
        'p99 is the 99th percentile of batches of calls, and of single calls where one call takes 0.2 ms or more. It is empty for fewer than 100 batches.',
      ],
      plot: { kind: 'bars', columns: [8] },
    });
  }
  return sections;
}

async function rowsOf(
  direction: (typeof DIRECTIONS)[number],
  options: CodecOptions,
  isSelected: Selection,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [size, bytes] of SIZES) {
    for (const message of SAMPLES.keys()) {
      const name = `${message}, ${size}`;
      if (!isSelected(`codec/${direction}`, name)) continue;
      options.onRow(`codec/${direction} ${name}`);
      rows.push(rowOf(name, await measureRow({ direction, message, bytes }, options)));
    }
  }
  return rows;
}

function rowOf(name: string, measured: readonly MeasuredRow[]): Row {
  const medianOf = (figure: (one: MeasuredRow) => number): number => median(measured.map(figure));
  const frameBytes = medianOf((one) => one.frameBytes);
  const time = medianWithMargin(measured.map((one) => one.ns));
  const ratio = medianWithMargin(measured.map((one) => one.ns / one.jsonNs));
  const allocated = measured.flatMap((one) => one.allocatedBytes ?? []);
  return {
    name,
    cells: [
      frameBytes,
      time.value,
      time.value * time.margin,
      percentile99(measured.flatMap((one) => one.samplesNs)),
      1e9 / time.value,
      (1e9 / time.value) * frameBytes,
      allocated.length === 0 ? null : median(allocated),
      medianOf((one) => one.jsonNs),
      ratio.value,
      medianOf((one) => one.ns / one.copyNs),
    ],
    compared: { ...ratio, better: 'lower' },
  };
}
