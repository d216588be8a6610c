/**
 * What framing costs: each message at growing sizes, encoded and decoded by the reference, beside `JSON` and `Buffer`
 * alone, which check nothing and follow no canonical form, and beside a plain copy of the frame.
 */

import { encodeFrame } from '../reference/index.ts';
import { allocationOf, type Effort, sideBySide } from './measure.ts';
import { naiveDecode, naiveEncode } from './naive.ts';
import type { Column, Row, Section } from './report.ts';
import { frameOf, type Sample, samplesOf } from './samples.ts';

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

const DIRECTIONS = ['encode', 'decode'] as const;

/** `selected` is asked for each row by its section and name, such as 'codec/encode SubmitRequest, 1 KiB'. */
export async function codecSections(
  effort: Effort,
  selected: (row: string) => boolean,
  onRow: (row: string) => void,
): Promise<Section[]> {
  const sections: Section[] = [];
  for (const direction of DIRECTIONS) {
    const id = `codec/${direction}`;
    const rows: Row[] = [];
    for (const [size, bytes] of SIZES) {
      for (const sample of samplesOf(bytes)) {
        const name = `${sample.name}, ${size}`;
        if (!selected(`${id} ${name}`)) continue;
        onRow(`${id} ${name}`);
        rows.push(await rowOf(name, direction, sample, effort));
      }
    }
    if (rows.length === 0) continue;
    const title = direction === 'encode' ? 'Encoding: message to frame' : 'Decoding: frame to message';
    const notes = [
      'Processor time, so that waiting for a processor does not count.',
      'p99 is of batches of calls: of single calls only where one takes 0.2 ms or more.',
    ];
    sections.push({
      id,
      title,
      of: 'message',
      columns: COLUMNS,
      rows,
      notes,
      plot: { kind: 'bars', columns: [8] },
    });
  }
  return sections;
}

async function rowOf(
  name: string,
  direction: (typeof DIRECTIONS)[number],
  { marshal, unmarshal, naive }: Sample,
  effort: Effort,
): Promise<Row> {
  const frame = Buffer.from(encodeFrame(marshal()));
  const target = Buffer.alloc(frame.length);
  const ours = direction === 'encode' ? () => encodeFrame(marshal()) : () => unmarshal(frameOf(frame));
  const floor = direction === 'encode' ? () => naiveEncode(naive()) : () => naiveDecode(frame);
  const { timings, ratio, ratioMargin } = await sideBySide([ours, floor, () => frame.copy(target)], effort);
  const [{ ns, p99Ns, margin } = { ns: 0, p99Ns: 0, margin: 0 }, json, copy] = timings;
  const perSecond = 1e9 / ns;
  return {
    name,
    cells: [
      frame.length,
      ns,
      margin * ns,
      p99Ns,
      perSecond,
      perSecond * frame.length,
      allocationOf(ours),
      json?.ns ?? null,
      ratio,
      copy === undefined ? null : ns / copy.ns,
    ],
    compared: { value: ratio, margin: ratioMargin, better: 'lower' },
  };
}
