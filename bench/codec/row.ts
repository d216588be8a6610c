/**
 * One row of the codec's tables, measured once. Run as a program by codec.ts, so that no row depends on what was
 * measured before it.
 */

import { encodeFrame } from '../../reference/index.ts';
import { allocationOf } from '../measure/memory.ts';
import { runSubprocesses, subprocessArguments } from '../measure/subprocess.ts';
import { timeInTurns } from '../measure/timing.ts';
import { decodeBaseline, encodeBaseline } from './json-baseline.ts';
import { frameOf, SAMPLES } from './samples.ts';

export const DIRECTIONS = ['encode', 'decode'] as const;

export interface RowToMeasure {
  readonly direction: (typeof DIRECTIONS)[number];
  /** A key of SAMPLES. */
  readonly message: string;
  /** Of the content of the message. */
  readonly bytes: number;
}

export interface MeasuredRow {
  readonly frameBytes: number;
  /** For one call: the median, and the mean of each batch of calls. */
  readonly ns: number;
  readonly samplesNs: readonly number[];
  /** The median of the floor, and of copying the frame. */
  readonly jsonNs: number;
  readonly copyNs: number;
  /** Bytes for each call; null when memory was collected too often to tell. */
  readonly allocated: number | null;
}

/** In so many processes, each of which gives one. */
export async function measureRow(
  { direction, message, bytes }: RowToMeasure,
  processes: number,
  signal: AbortSignal | undefined,
): Promise<readonly MeasuredRow[]> {
  const args = [direction, message, String(bytes)];
  return (await runSubprocesses(processes, import.meta.url, args, { signal })) as MeasuredRow[];
}

async function measure(direction: string, message: string, bytes: number): Promise<MeasuredRow> {
  const sample = SAMPLES.get(message)?.(bytes);
  if (sample === undefined) throw new Error(`there is no message ${message}`);
  const { marshal, unmarshal, baseline } = sample;
  const frame = Buffer.from(encodeFrame(marshal()));
  const copied = Buffer.alloc(frame.length);
  const ours = direction === 'encode' ? () => encodeFrame(marshal()) : () => unmarshal(frameOf(frame));
  const floor = direction === 'encode' ? () => encodeBaseline(baseline()) : () => decodeBaseline(frame);
  const [our, json, copy] = await timeInTurns([ours, floor, () => frame.copy(copied)]);
  return {
    frameBytes: frame.length,
    ns: our.ns,
    samplesNs: our.samplesNs,
    jsonNs: json.ns,
    copyNs: copy.ns,
    allocated: await allocationOf(ours, frame.length),
  };
}

const args = subprocessArguments(import.meta.url);
if (args !== undefined) {
  const [direction = '', message = '', bytes] = args;
  process.stdout.write(JSON.stringify(await measure(direction, message, Number(bytes))));
}
