/**
 * What framing costs: each message at growing sizes, encoded and decoded by the reference, beside `JSON` and `Buffer`
 * alone, which check nothing and follow no canonical form, and beside a plain copy of the frame.
 */

import { DIRECTIONS, type MeasuredRow, measureRow } from './codec-row.ts';
import type { Column, Row, Section } from './report.ts';
import { SAMPLES } from './samples.ts';
import { marginOfFew, median } from './statistics.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
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

/**
 * Measures each row in so many processes. `isSelected` is asked for each by its section and name, such as 'codec/encode'
 * and 'SubmitRequest, 1 KiB'; `onRow` hears of it.
 */
export function codecSections(
  processes: number,
  isSelected: (section: string, row: string) => boolean,
  onRow: (row: string) => void,
): Section[] {
  return DIRECTIONS.map((direction): Section => {
    const id = `codec/${direction}`;
    const rows = SIZES.flatMap(([size, bytes]) =>
      [...SAMPLES.keys()].flatMap((message) => {
        const name = `${message}, ${size}`;
        if (!isSelected(id, name)) return [];
        onRow(`${id} ${name}`);
        const measured = Array.from({ length: processes }, () => measureRow({ direction, message, bytes }));
        return [rowOf(name, measured)];
      }),
    );
    return {
      id,
      title: TITLES[direction],
      of: 'message',
      columns: COLUMNS,
      rows,
      notes: [
        'Processor time, so that waiting for a processor does not count.',
        'p99 is of batches of calls: of single calls only where one takes 0.2 ms or more.',
      ],
      plot: { kind: 'bars', columns: [8] },
    };
  }).filter(({ rows }) => rows.length > 0);
}

function rowOf(name: string, measured: readonly MeasuredRow[]): Row {
  const over = (figure: (one: MeasuredRow) => number): number => median(measured.map(figure));
  const frameBytes = over((one) => one.frameBytes);
  const ns = over((one) => one.ns);
  const ratios = measured.map((one) => one.ns / one.jsonNs);
  const allocated = measured.flatMap((one) => one.allocated ?? []);
  return {
    name,
    cells: [
      frameBytes,
      ns,
      marginOfFew(measured.map((one) => one.ns)) * ns,
      over((one) => one.p99Ns),
      1e9 / ns,
      (1e9 / ns) * frameBytes,
      allocated.length === 0 ? null : median(allocated),
      over((one) => one.jsonNs),
      median(ratios),
      over((one) => one.ns / one.copyNs),
    ],
    compared: { value: median(ratios), margin: marginOfFew(ratios), better: 'lower' },
  };
}
