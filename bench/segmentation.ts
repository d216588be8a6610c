/**
 * What segmentation costs: one frame that arrives one byte at a time, at growing sizes. Linear work shows as an
 * exponent near 1; a decoder that copies what it holds at every chunk shows 2.
 */

import { performance } from 'node:perf_hooks';
import { encodeFrame, FrameDecoder, TYPE_SUBMIT } from '../reference/index.ts';
import { fittedExponent, printTable } from './report.ts';

const MiB = 1024 * 1024;
const SIZES = [0.5, 1, 2, 4, 8].map((mebibytes) => mebibytes * MiB);
const ROUNDS = 3;

export function benchSegmentation(): void {
  decodeByteByByte(SIZES[0] ?? MiB);
  const rows = SIZES.map((size) => ({
    size,
    ms: Math.min(...Array.from({ length: ROUNDS }, () => decodeByteByByte(size))),
  }));
  printTable(
    ['payload', 'ms', 'ns per byte'],
    rows.map(({ size, ms }) => [`${size / MiB} MiB`, ms.toFixed(1), ((ms * 1e6) / size).toFixed(1)]),
  );
  const exponent = fittedExponent(rows.map(({ size, ms }) => [size, ms]));
  process.stdout.write(`time grows with size to the power of ${exponent.toFixed(2)}\n`);
}

/** Milliseconds to decode one frame of that payload size. */
function decodeByteByByte(payloadBytes: number): number {
  const bytes = encodeFrame({ type: TYPE_SUBMIT, payload: new Uint8Array(payloadBytes) });
  const decoder = new FrameDecoder();
  const began = performance.now();
  for (let at = 0; at < bytes.length; at += 1) {
    decoder.push(bytes.subarray(at, at + 1));
    if (decoder.next()?.payload.length === payloadBytes) return performance.now() - began;
  }
  throw new Error('the frame did not come out');
}
