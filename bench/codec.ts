/**
 * What the codec costs beside the naive way in the same run: each message and size, encoded and decoded by the
 * reference and by `JSON` and `Buffer` alone, which check nothing and follow no canonical form.
 */

import { Bench } from 'tinybench';
import { encodeFrame } from '../reference/index.ts';
import { benchCodecMemory } from './codec-memory.ts';
import { naiveDecode, naiveEncode } from './naive.ts';
import { duration, printTable } from './report.ts';
import { BIG_FILE, frameOf, SAMPLES } from './samples.ts';

/** Milliseconds a task; the median settles well before. */
const TASK_MS = 200;

export async function benchCodec(): Promise<void> {
  const bench = new Bench({ time: TASK_MS, warmupTime: TASK_MS / 4, throws: true });
  const rows: { readonly name: string; readonly ours: string; readonly theirs: string }[] = [];
  const add = (name: string, ours: () => unknown, naive: () => unknown): void => {
    const row = { name, ours: `${name}: ours`, theirs: `${name}: naive` };
    rows.push(row);
    bench.add(row.ours, ours).add(row.theirs, naive);
  };
  for (const { name, marshal, unmarshal, naive } of [...SAMPLES, BIG_FILE]) {
    const frame = Buffer.from(encodeFrame(marshal()));
    add(
      `encode ${name}`,
      () => encodeFrame(marshal()),
      () => naiveEncode(naive()),
    );
    add(
      `decode ${name}`,
      () => unmarshal(frameOf(frame)),
      () => naiveDecode(frame),
    );
  }
  const copied = Buffer.from(encodeFrame(BIG_FILE.marshal()));
  bench.add('copy', () => Buffer.from(copied));
  await bench.run();

  const median = (name: string): number => {
    const result = bench.getTask(name)?.result;
    if (result === undefined || !('latency' in result)) throw new Error(`${name} did not run`);
    return result.latency.p50 * 1e6;
  };
  printTable(
    ['median', 'reference', 'naive', 'ratio'],
    [
      ...rows.map(({ name, ours, theirs }) => [
        name,
        duration(median(ours)),
        duration(median(theirs)),
        (median(ours) / median(theirs)).toFixed(2),
      ]),
      [`a plain copy of the ${BIG_FILE.name}`, duration(median('copy')), '', ''],
    ],
  );
  benchCodecMemory(copied);
}
