/**
 * What framing costs: each message at growing sizes, encoded and decoded by the reference, beside `JSON` and `Buffer`
 * alone, which check nothing and follow no canonical form, and beside a plain copy of the frame.
 */

import { median, medianWithMargin, percentile99 } from '../measure/statistics.ts';
import type { Column, Row, Section, SectionOptions } from '../report/report.ts';
import { DIRECTIONS, type MeasuredRow, measureRow } from './row.ts';
import { KiB, MiB, SAMPLES } from './samples.ts';

const SIZES: readonly (readonly [name: string, bytes: number])[] = [
  ['100 B', 100],
  ['1 KiB', KiB],
  ['16 KiB', 16 * KiB],
  ['1 MiB', MiB],
  ['8 MiB', 8 * MiB],
];

const COLUMNS: readonly Column[] = [
  { title: 'frame', unit: 'bytes' },
  { title: 'a frame', unit: 'ns' },
  { title: '±', unit: 'ns' },
  { title: 'p99', unit: 'ns' },
  { title: 'frames', unit: 'per-second' },
  { title: 'throughput', unit: 'bytes-per-second' },
  { title: 'allocated', unit: 'bytes' },
  { title: 'JSON alone', unit: 'ns' },
  { title: 'to JSON', unit: 'ratio' },
  { title: 'to a copy', unit: 'ratio' },
];

const TITLES = { encode: 'Encoding: message to frame', decode: 'Decoding: frame to message' };

export interface CodecOptions extends SectionOptions {
  /** In which each row is measured. */
  readonly processes: number;
  /** Asked for each row by its section and name, such as 'codec/encode' and 'SubmitRequest, 1 KiB'. */
  readonly isSelected: (section: string, row: string) => boolean;
}

/** Those in which there is a row. */
export async function codecSections(options: CodecOptions): Promise<Section[]> {
  const sections: Section[] = [];
  for (const direction of DIRECTIONS) {
    const rows = await rowsOf(direction, options);
    if (rows.length === 0) continue;
    sections.push({
      id: `codec/${direction}`,
      title: TITLES[direction],
      of: 'message',
      columns: COLUMNS,
      rows,
      notes: [
        'Processor time, so that waiting for a processor does not count.',
        'p99 is of batches of calls, of single calls only where one takes 0.2 ms or more; it is left out where there were fewer than 100.',
      ],
      plot: { kind: 'bars', columns: [8] },
    });
  }
  return sections;
}

async function rowsOf(
  direction: (typeof DIRECTIONS)[number],
  { processes, isSelected, onRow, signal }: CodecOptions,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [size, bytes] of SIZES) {
    for (const message of SAMPLES.keys()) {
      const name = `${message}, ${size}`;
      if (!isSelected(`codec/${direction}`, name)) continue;
      onRow(`codec/${direction} ${name}`);
      rows.push(rowOf(name, await measureRow({ direction, message, bytes }, processes, signal)));
    }
  }
  return rows;
}

function rowOf(name: string, measured: readonly MeasuredRow[]): Row {
  const over = (figure: (one: MeasuredRow) => number): number => median(measured.map(figure));
  const frameBytes = over((one) => one.frameBytes);
  const { value: ns, margin } = medianWithMargin(measured.map((one) => one.ns));
  const ratio = medianWithMargin(measured.map((one) => one.ns / one.jsonNs));
  const allocated = measured.flatMap((one) => one.allocated ?? []);
  return {
    name,
    cells: [
      frameBytes,
      ns,
      margin * ns,
      percentile99(measured.flatMap((one) => one.samplesNs)),
      1e9 / ns,
      (1e9 / ns) * frameBytes,
      allocated.length === 0 ? null : median(allocated),
      over((one) => one.jsonNs),
      ratio.value,
      over((one) => one.ns / one.copyNs),
    ],
    compared: { ...ratio, better: 'lower' },
  };
}
