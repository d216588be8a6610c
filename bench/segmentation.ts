/**
 * What a stream costs, by the pieces in which it arrives: a stream of small frames, and one large frame at growing sizes
 * and in a growing number of pieces. Linear work shows as an exponent near 1; a decoder that copies what it holds at
 * every chunk shows 2.
 */

import {
  encodeFrame,
  FrameDecoder,
  HEADER_BYTES,
  marshalSubmitRequest,
  TYPE_SUBMIT,
} from '../reference/index.ts';
import { apart, argumentsApart } from './apart.ts';
import { collectGarbage, sideBySide } from './measure.ts';
import type { Row, Section } from './report.ts';
import { exponent, marginOfFew, median } from './statistics.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

const PIECES: readonly (readonly [name: string, bytes: number])[] = [
  ['in one piece', Number.POSITIVE_INFINITY],
  ['in pieces of 64 KiB', 64 * KiB],
  ['in pieces of 1460 B', 1460],
  ['in pieces of 100 B', 100],
  ['in pieces of 7 B', 7],
  ['byte by byte', 1],
];
const SMALL_FRAMES = 10_000;
const SMALL = {
  taskId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  taskDescription: 'x',
  fromAddr: 'a',
  toAddr: 'b',
};
const SMALL_FRAME = encodeFrame(marshalSubmitRequest(SMALL));

/** For a stream of small frames: through the decoder, and by a loop over the bytes that lie there as a whole. */
interface MeasuredStream {
  readonly ns: number;
  readonly loopNs: number;
}

/** For one large frame: time, and the bytes outside the heap that are kept when all but the last piece has arrived. */
interface MeasuredFrame {
  readonly ns: number;
  readonly heldBytes: number;
}

/** Frames a second, of the frame layer alone; each row in so many processes. */
export function streamSection(processes: number): Section {
  const rows = PIECES.map(([name, bytes]): Row => {
    const measured = Array.from(
      { length: processes },
      () => apart(import.meta.url, ['stream', String(bytes)]) as MeasuredStream,
    );
    const rates = measured.map(({ ns }) => (SMALL_FRAMES / ns) * 1e9);
    const perSecond = median(rates);
    const ratios = measured.map(({ ns, loopNs }) => ns / loopNs);
    const ratio = median(ratios);
    return {
      name,
      cells: [perSecond, marginOfFew(rates) * perSecond, perSecond * SMALL_FRAME.length, ratio],
      compared: { value: ratio, margin: marginOfFew(ratios), better: 'lower' },
    };
  });
  return {
    id: 'codec/stream',
    title: `A stream of frames of ${SMALL_FRAME.length} bytes, without its messages`,
    of: 'arriving',
    columns: [
      { title: 'frames', unit: 'per-second' },
      { title: '±', unit: 'per-second' },
      { title: 'throughput', unit: 'bytes-per-second' },
      { title: 'to a loop', unit: 'ratio' },
    ],
    rows,
    notes: ['To a loop: to the time of stepping from header to header where all the bytes lie in one piece.'],
    plot: { kind: 'bars', columns: [0] },
  };
}

async function measureStream(pieceBytes: number): Promise<MeasuredStream> {
  const stream = Buffer.concat(Array.from({ length: SMALL_FRAMES }, () => SMALL_FRAME));
  const [decoder, loop] = await sideBySide([() => decode(stream, pieceBytes), () => stepThrough(stream)]);
  return { ns: decoder.ns, loopNs: loop.ns };
}

/** Gives the last payload, so that none is made for nothing. */
function stepThrough(stream: Buffer): Uint8Array | undefined {
  let payload: Uint8Array | undefined;
  for (let at = 0; at < stream.length; ) {
    const length = stream.readUInt32BE(at + 4);
    payload = new Uint8Array(stream.buffer, stream.byteOffset + at + HEADER_BYTES, length);
    at += HEADER_BYTES + length;
  }
  return payload;
}

/** One frame that arrives byte by byte, by its size. */
export function sizeCurve(): Section {
  const points = [0.25, 0.5, 1, 2, 4].map((mebibytes) => {
    const size = mebibytes * MiB;
    return { size, ...measuredFrame(size, 1) };
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
    rows: points.map(({ size, ns, heldBytes }) => ({
      name: `${size / MiB} MiB`,
      cells: [size, ns, ns / size, heldBytes],
    })),
    notes: [
      exponent('time', 'size', points, ({ size, ns }) => [size, ns]),
      exponent('memory', 'size', points, ({ size, heldBytes }) => [size, heldBytes]),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

/** One frame of 4 MiB, by the number of pieces in which it arrives. */
export function piecesCurve(): Section {
  const size = 4 * MiB;
  const points = [4 * KiB, KiB, 256, 64, 16, 4, 1].map((bytes) => {
    const pieces = Math.ceil((HEADER_BYTES + size) / bytes);
    return { pieces, ...measuredFrame(size, bytes) };
  });
  return {
    id: 'codec/pieces',
    title: 'One frame of 4 MiB, by the pieces in which it arrives',
    of: 'pieces',
    columns: [
      { title: 'pieces', unit: 'count' },
      { title: 'time', unit: 'ns' },
      { title: 'a piece', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ pieces, ns, heldBytes }) => ({
      name: String(pieces),
      cells: [pieces, ns, ns / pieces, heldBytes],
    })),
    notes: [
      exponent('time', 'the number of pieces', points, ({ pieces, ns }) => [pieces, ns]),
      exponent('memory', 'the number of pieces', points, ({ pieces, heldBytes }) => [pieces, heldBytes]),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

function measuredFrame(payloadBytes: number, pieceBytes: number): MeasuredFrame {
  return apart(import.meta.url, ['frame', String(pieceBytes), String(payloadBytes)]) as MeasuredFrame;
}

async function measureFrame(payloadBytes: number, pieceBytes: number): Promise<MeasuredFrame> {
  const stream = Buffer.from(encodeFrame({ type: TYPE_SUBMIT, payload: new Uint8Array(payloadBytes) }));
  const heldBytes = held(stream, pieceBytes);
  const [{ ns }] = await sideBySide([() => decode(stream, pieceBytes)]);
  return { ns, heldBytes };
}

function decode(stream: Buffer, pieceBytes: number): void {
  const step = Math.min(pieceBytes, stream.length);
  const decoder = new FrameDecoder();
  for (let at = 0; at < stream.length; at += step) {
    decoder.push(stream.subarray(at, at + step));
    while (decoder.next() !== undefined);
  }
  decoder.end();
}

function held(stream: Buffer, pieceBytes: number): number {
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const decoder = new FrameDecoder();
  for (let at = 0; at + pieceBytes < stream.length; at += pieceBytes) {
    decoder.push(stream.subarray(at, at + pieceBytes));
    decoder.next();
  }
  collectGarbage();
  const after = process.memoryUsage().arrayBuffers;
  // Used behind the measurement, so that the decoder and what it holds were alive in it.
  return decoder.pendingBytes === 0 ? 0 : after - before;
}

const [what, pieceBytes, payloadBytes] = argumentsApart(import.meta.url) ?? [];
if (what !== undefined) {
  const measured =
    what === 'stream'
      ? await measureStream(Number(pieceBytes))
      : await measureFrame(Number(payloadBytes), Number(pieceBytes));
  process.stdout.write(JSON.stringify(measured));
}
