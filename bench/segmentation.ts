/**
 * What a stream costs, by the pieces in which it arrives: a stream of small frames, and one large frame at growing sizes
 * and in a growing number of pieces. Linear work shows as an exponent near 1; a decoder that copies what it holds at
 * every chunk shows 2.
 */

import { encodeFrame, FrameDecoder, marshalSubmitRequest, TYPE_SUBMIT } from '../reference/index.ts';
import { collectGarbage, processorMs } from './measure.ts';
import type { Row, Section } from './report.ts';
import { fittedExponent, marginOfFew, median } from './statistics.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const ROUNDS = 7;

const SMALL_FRAMES = 50_000;
const PIECES: readonly (readonly [name: string, bytes: number])[] = [
  ['in one piece', Number.POSITIVE_INFINITY],
  ['in pieces of 64 KiB', 64 * KiB],
  ['in pieces of 1460 B', 1460],
  ['in pieces of 100 B', 100],
  ['in pieces of 7 B', 7],
  ['byte by byte', 1],
];

/** Frames a second, of the frame layer alone. */
export function streamSection(): Section {
  const frame = encodeFrame(marshalSubmitRequest(SMALL));
  const stream = Buffer.concat(Array.from({ length: SMALL_FRAMES }, () => frame));
  decode(stream, 1460);
  const rows = PIECES.map(([name, bytes]): Row => {
    const times = rounds(() => decode(stream, bytes).ms);
    const perSecond = (SMALL_FRAMES / median(times)) * 1000;
    const margin = marginOfFew(times);
    return { name, cells: [perSecond, perSecond * frame.length, margin * perSecond] };
  });
  return {
    id: 'codec/stream',
    title: `A stream of frames of ${frame.length} bytes, without its messages`,
    of: 'arriving',
    columns: [
      { title: 'frames', unit: 'per-second' },
      { title: 'throughput', unit: 'bytes-per-second' },
      { title: '±', unit: 'per-second' },
    ],
    rows,
    notes: [],
    plot: { kind: 'bars', columns: [0] },
  };
}

const SMALL = {
  taskId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  taskDescription: 'x',
  fromAddr: 'a',
  toAddr: 'b',
};

/** One frame that arrives byte by byte, by its size. */
export function sizeCurve(): Section {
  const sizes = [0.25, 0.5, 1, 2, 4].map((mebibytes) => mebibytes * MiB);
  const points = sizes.map((size) => {
    const stream = encodeFrame({ type: TYPE_SUBMIT, payload: new Uint8Array(size) });
    collectGarbage();
    const { held } = decode(stream, 1);
    return { size, ns: 1e6 * median(rounds(() => decode(stream, 1).ms)), held };
  });
  return {
    id: 'codec/size',
    title: 'One frame byte by byte, by its size',
    of: 'payload',
    columns: [
      { title: 'payload', unit: 'bytes' },
      { title: 'time', unit: 'ns' },
      { title: 'a byte', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ size, ns, held }) => ({
      name: `${size / MiB} MiB`,
      cells: [size, ns, ns / size, held],
    })),
    notes: [
      exponent(
        'time',
        'size',
        points.map(({ size, ns }) => [size, ns]),
      ),
      exponent(
        'memory',
        'size',
        points.map(({ size, held }) => [size, held]),
      ),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

/** One frame of 4 MiB, by the number of pieces in which it arrives. */
export function piecesCurve(): Section {
  const stream = encodeFrame({ type: TYPE_SUBMIT, payload: new Uint8Array(4 * MiB) });
  const points = [4 * KiB, KiB, 256, 64, 16, 4, 1].map((bytes) => {
    const pieces = Math.ceil(stream.length / bytes);
    return { pieces, ns: 1e6 * median(rounds(() => decode(stream, bytes).ms)) };
  });
  return {
    id: 'codec/pieces',
    title: 'One frame of 4 MiB, by the pieces in which it arrives',
    of: 'pieces',
    columns: [
      { title: 'pieces', unit: 'count' },
      { title: 'time', unit: 'ns' },
      { title: 'a piece', unit: 'ns' },
    ],
    rows: points.map(({ pieces, ns }) => ({ name: String(pieces), cells: [pieces, ns, ns / pieces] })),
    notes: [
      exponent(
        'time',
        'the number of pieces',
        points.map(({ pieces, ns }) => [pieces, ns]),
      ),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

export function exponent(what: string, by: string, points: readonly (readonly [number, number])[]): string {
  return `The ${what} grows with ${by} to the power of ${fittedExponent(points).toFixed(2)}.`;
}

function rounds(measure: () => number): number[] {
  return Array.from({ length: ROUNDS }, measure);
}

/** Takes the stream apart; `held` is by how much the memory outside the heap grew until the first frame came out. */
function decode(stream: Uint8Array, pieceBytes: number): { readonly ms: number; readonly held: number } {
  const step = Math.min(pieceBytes, stream.length);
  const before = process.memoryUsage().arrayBuffers;
  let held: number | undefined;
  const decoder = new FrameDecoder();
  const began = processorMs();
  for (let at = 0; at < stream.length; at += step) {
    decoder.push(stream.subarray(at, at + step));
    while (decoder.next() !== undefined) held ??= process.memoryUsage().arrayBuffers - before;
  }
  const ms = processorMs() - began;
  decoder.end();
  return { ms, held: held ?? 0 };
}
