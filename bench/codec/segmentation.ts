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
} from '../../reference/index.ts';
import { collectGarbage } from '../measure/memory.ts';
import { describeGrowth, medianWithMargin } from '../measure/statistics.ts';
import { runSubprocess, runSubprocesses, subprocessArguments } from '../measure/subprocess.ts';
import { timeInTurns } from '../measure/timing.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import { KiB, MiB } from './samples.ts';

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
export async function streamSection(processes: number, { onRow, signal }: SectionOptions): Promise<Section> {
  const rows: Row[] = [];
  for (const [name, bytes] of PIECES) {
    onRow(`codec/stream ${name}`);
    const args = ['stream', String(bytes)];
    const measured = (await runSubprocesses(processes, import.meta.url, args, {
      signal,
    })) as MeasuredStream[];
    const { value: perSecond, margin } = medianWithMargin(
      measured.map(({ ns }) => (SMALL_FRAMES / ns) * 1e9),
    );
    const ratio = medianWithMargin(measured.map(({ ns, loopNs }) => ns / loopNs));
    rows.push({
      name,
      cells: [perSecond, margin * perSecond, perSecond * SMALL_FRAME.length, ratio.value],
      compared: { ...ratio, better: 'lower' },
    });
  }
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
  const [decoder, loop] = await timeInTurns([() => decode(stream, pieceBytes), () => stepThrough(stream)]);
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
export async function sizeSection(options: SectionOptions): Promise<Section> {
  const points: (MeasuredFrame & { readonly size: number })[] = [];
  for (const size of [0.25 * MiB, 0.5 * MiB, MiB, 2 * MiB, 4 * MiB])
    points.push({ size, ...(await measuredFrame(size, 1, 'codec/size', options)) });
  return {
    id: 'codec/size',
    title: 'One frame byte by byte, by its size',
    of: 'payload',
    columns: [
      { title: 'payload', unit: 'bytes', isName: true },
      { title: 'time', unit: 'ns' },
      { title: 'a byte', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ size, ns, heldBytes }) => ({
      name: `${size / MiB} MiB`,
      cells: [size, ns, ns / size, heldBytes],
    })),
    notes: [
      describeGrowth('time', 'size', points, ({ size, ns }) => [size, ns]),
      describeGrowth('memory', 'size', points, ({ size, heldBytes }) => [size, heldBytes]),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

/** One frame of 4 MiB, by the number of pieces in which it arrives. */
export async function piecesSection(options: SectionOptions): Promise<Section> {
  const size = 4 * MiB;
  const points: (MeasuredFrame & { readonly pieces: number })[] = [];
  for (const bytes of [4 * KiB, KiB, 256, 64, 16, 4, 1]) {
    const pieces = Math.ceil((HEADER_BYTES + size) / bytes);
    points.push({ pieces, ...(await measuredFrame(size, bytes, 'codec/pieces', options)) });
  }
  return {
    id: 'codec/pieces',
    title: 'One frame of 4 MiB, by the pieces in which it arrives',
    of: 'pieces',
    columns: [
      { title: 'pieces', unit: 'count', isName: true },
      { title: 'time', unit: 'ns' },
      { title: 'a piece', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ pieces, ns, heldBytes }) => ({
      name: String(pieces),
      cells: [pieces, ns, ns / pieces, heldBytes],
    })),
    notes: [
      describeGrowth('time', 'the number of pieces', points, ({ pieces, ns }) => [pieces, ns]),
      describeGrowth('memory', 'the number of pieces', points, ({ pieces, heldBytes }) => [
        pieces,
        heldBytes,
      ]),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

async function measuredFrame(
  payloadBytes: number,
  pieceBytes: number,
  section: string,
  { onRow, signal }: SectionOptions,
): Promise<MeasuredFrame> {
  onRow(`${section} ${payloadBytes} B in pieces of ${pieceBytes} B`);
  const args = ['frame', String(pieceBytes), String(payloadBytes)];
  return (await runSubprocess(import.meta.url, args, { signal })) as MeasuredFrame;
}

async function measureFrame(payloadBytes: number, pieceBytes: number): Promise<MeasuredFrame> {
  const stream = Buffer.from(encodeFrame({ type: TYPE_SUBMIT, payload: new Uint8Array(payloadBytes) }));
  const heldBytes = held(stream, pieceBytes);
  const [{ ns }] = await timeInTurns([() => decode(stream, pieceBytes)]);
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

const [what, pieceBytes, payloadBytes] = subprocessArguments(import.meta.url) ?? [];
if (what !== undefined) {
  const measured =
    what === 'stream'
      ? await measureStream(Number(pieceBytes))
      : await measureFrame(Number(payloadBytes), Number(pieceBytes));
  process.stdout.write(JSON.stringify(measured));
}
