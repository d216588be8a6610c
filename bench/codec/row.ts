/**
 * One row of the tables of codec.ts. Run as a program, this file measures the row once, so that no row depends on what
 * was measured before it.
 */

import { encodeFrame } from '../../reference/index.ts';
import { allocationOf } from '../measure/memory.ts';
import { measureRounds } from '../measure/rounds.ts';
import { runSubprocess, subprocessArguments } from '../measure/subprocess.ts';
import { timeInTurns } from '../measure/timing.ts';
import type { SectionOptions } from '../report/report.ts';
import { decodeBaseline, encodeBaseline } from './json-baseline.ts';
import { frameOf, SAMPLES } from './samples.ts';

export const DIRECTIONS = ['encode', 'decode'] as const;

export interface CodecOptions extends SectionOptions {
  /** The number of processes in which each row is measured. */
  readonly rounds: number;
}

export interface RowToMeasure {
  readonly direction: (typeof DIRECTIONS)[number];
  /** A key of SAMPLES. */
  readonly message: string;
  /** The size of the content of the message. */
  readonly bytes: number;
}

export interface MeasuredRow {
  readonly frameBytes: number;
  /** The time of one call: the median over all batches of calls. */
  readonly ns: number;
  /** The time of one call: the mean of each batch. */
  readonly samplesNs: readonly number[];
  /** The time of one call of the baseline. */
  readonly jsonNs: number;
  /** The time of one copy of the frame. */
  readonly copyNs: number;
  /** The memory that one call allocates; null when every attempt to measure it met a garbage collection. */
  readonly allocatedBytes: number | null;
}

/** Measures the row once in each process, and in extra processes while it is not steady. */
export async function measureRow(
  { direction, message, bytes }: RowToMeasure,
  options: Omit<CodecOptions, 'onRow'>,
): Promise<readonly MeasuredRow[]> {
  const args = [direction, message, String(bytes)];
  return await measureRounds(
    options,
    async () => (await runSubprocess(import.meta.url, args, options)) as MeasuredRow,
    ({ ns, jsonNs }) => [ns, ns / jsonNs],
  );
}

async function measureOnce(direction: string, message: string, bytes: number): Promise<MeasuredRow> {
  const sample = SAMPLES.get(message)?.(bytes);
  if (sample === undefined) throw new Error(`there is no message ${message}`);
  const { marshal, unmarshal, baseline } = sample;
  const frame = Buffer.from(encodeFrame(marshal()));
  const copied = Buffer.alloc(frame.length);
  const encode = [() => encodeFrame(marshal()), () => encodeBaseline(baseline())] as const;
  const decode = [() => unmarshal(frameOf(frame)), () => decodeBaseline(frame)] as const;
  const [reference, json] = direction === 'encode' ? encode : decode;
  const timings = await timeInTurns([reference, json, () => frame.copy(copied)]);
  return {
    frameBytes: frame.length,
    ns: timings[0].ns,
    samplesNs: timings[0].samplesNs,
    jsonNs: timings[1].ns,
    copyNs: timings[2].ns,
    allocatedBytes: await allocationOf(reference, frame.length),
  };
}

const args = subprocessArguments(import.meta.url);
if (args !== undefined) {
  const [direction = '', message = '', bytes] = args;
  process.stdout.write(JSON.stringify(await measureOnce(direction, message, Number(bytes))));
}
