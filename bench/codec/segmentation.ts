/**
 * The processor time and the memory of decoding a stream, by the chunks in which it arrives: many small frames, and one
 * large frame of growing size or in a growing number of chunks. Linear work has an exponent near 1. A decoder that copies
 * all that it holds at every chunk has an exponent near 2.
 */

import {
  encodeFrame,
  FrameDecoder,
  HEADER_BYTES,
  marshalSubmitRequest,
  TYPE_SUBMIT,
} from '../../reference/index.ts';
import { collectGarbage } from '../measure/memory.ts';
import { measureRounds } from '../measure/rounds.ts';
import { describeGrowth, medianWithMargin } from '../measure/statistics.ts';
import { runSubprocess, subprocessArguments } from '../measure/subprocess.ts';
import { timeInTurns } from '../measure/timing.ts';
import type { Row, Section, SectionOptions } from '../report/report.ts';
import type { CodecOptions } from './row.ts';
import { KiB, MiB } from './samples.ts';

const CHUNKS: readonly (readonly [name: string, bytes: number])[] = [
  ['one chunk', Number.POSITIVE_INFINITY],
  ['chunks of 64 KiB', 64 * KiB],
  ['chunks of 1460 B', 1460],
  ['chunks of 100 B', 100],
  ['chunks of 7 B', 7],
  ['chunks of 1 B', 1],
];
const SMALL_FRAMES = 10_000;
const SMALL = {
  taskId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  taskDescription: 'x',
  fromAddr: 'a',
  toAddr: 'b',
};
const SMALL_FRAME = encodeFrame(marshalSubmitRequest(SMALL));

/** The time of a stream of small frames: in the decoder, and in a loop over the bytes of the whole stream. */
interface MeasuredStream {
  readonly ns: number;
  readonly loopNs: number;
}

interface MeasuredFrame {
  readonly ns: number;
  /** The bytes outside of the heap that are held when all chunks but the last have arrived. */
  readonly heldBytes: number;
}

/** The rate of the frame layer alone, for a stream of small frames. */
export async function streamSection(options: CodecOptions): Promise<Section> {
  const rows: Row[] = [];
  for (const [name, bytes] of CHUNKS) {
    options.onRow(`codec/stream ${name}`);
    const measured = await measureRounds(
      options,
      async () =>
        (await runSubprocess(import.meta.url, ['stream', String(bytes)], options)) as MeasuredStream,
      ({ ns, loopNs }) => [1 / ns, ns / loopNs],
    );
    const rate = medianWithMargin(measured.map(({ ns }) => (SMALL_FRAMES / ns) * 1e9));
    const ratio = medianWithMargin(measured.map(({ ns, loopNs }) => ns / loopNs));
    rows.push({
      name,
      cells: [rate.value, rate.margin * rate.value, rate.value * SMALL_FRAME.length, ratio.value],
      compared: { ...ratio, better: 'lower' },
    });
  }
  return {
    id: 'codec/stream',
    title: `Decoding a stream of frames of ${SMALL_FRAME.length} bytes, without their messages`,
    of: 'arrival',
    columns: [
      { title: 'frames', unit: 'per-second' },
      { title: '±', unit: 'per-second', isMargin: true },
      { title: 'throughput', unit: 'bytes-per-second' },
      { title: 'time / loop time', unit: 'ratio' },
    ],
    rows,
    notes: ['The loop steps from header to header over the bytes of the whole stream.'],
    plot: { kind: 'bars', columns: [0] },
  };
}

async function measureStream(chunkBytes: number): Promise<MeasuredStream> {
  const stream = Buffer.concat(Array.from({ length: SMALL_FRAMES }, () => SMALL_FRAME));
  const [decoder, loop] = await timeInTurns([() => decode(stream, chunkBytes), () => stepThrough(stream)]);
  return { ns: decoder.ns, loopNs: loop.ns };
}

/** Gives the last payload, so that the compiler cannot leave out the others. */
function stepThrough(stream: Buffer): Uint8Array | undefined {
  let payload: Uint8Array | undefined;
  for (let at = 0; at < stream.length; ) {
    const length = stream.readUInt32BE(at + 4);
    payload = new Uint8Array(stream.buffer, stream.byteOffset + at + HEADER_BYTES, length);
    at += HEADER_BYTES + length;
  }
  return payload;
}

/** One frame in chunks of one byte, by its size. */
export async function sizeSection(options: SectionOptions): Promise<Section> {
  const points: (MeasuredFrame & { readonly size: number })[] = [];
  for (const size of [0.25 * MiB, 0.5 * MiB, MiB, 2 * MiB, 4 * MiB])
    points.push({ size, ...(await measuredFrame(size, 1, 'codec/size', options)) });
  return {
    id: 'codec/size',
    title: 'Decoding one frame in chunks of 1 byte, by its size',
    of: 'payload',
    columns: [
      { title: 'payload', unit: 'bytes', isName: true },
      { title: 'time', unit: 'ns' },
      { title: 'time per byte', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ size, ns, heldBytes }) => ({
      name: `${size / MiB} MiB`,
      cells: [size, ns, ns / size, heldBytes],
    })),
    notes: [
      describeGrowth('time', 'the size', points, ({ size, ns }) => [size, ns]),
      describeGrowth('memory', 'the size', points, ({ size, heldBytes }) => [size, heldBytes]),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

/** One frame of 4 MiB, by the number of chunks in which it arrives. */
export async function chunksSection(options: SectionOptions): Promise<Section> {
  const size = 4 * MiB;
  const points: (MeasuredFrame & { readonly chunks: number })[] = [];
  for (const bytes of [4 * KiB, KiB, 256, 64, 16, 4, 1]) {
    const chunks = Math.ceil((HEADER_BYTES + size) / bytes);
    points.push({ chunks, ...(await measuredFrame(size, bytes, 'codec/pieces', options)) });
  }
  return {
    id: 'codec/pieces',
    title: 'Decoding one frame of 4 MiB, by the number of chunks',
    of: 'chunks',
    columns: [
      { title: 'chunks', unit: 'count', isName: true },
      { title: 'time', unit: 'ns' },
      { title: 'time per chunk', unit: 'ns' },
      { title: 'memory', unit: 'bytes' },
    ],
    rows: points.map(({ chunks, ns, heldBytes }) => ({
      name: String(chunks),
      cells: [chunks, ns, ns / chunks, heldBytes],
    })),
    notes: [
      describeGrowth('time', 'the number of chunks', points, ({ chunks, ns }) => [chunks, ns]),
      describeGrowth('memory', 'the number of chunks', points, ({ chunks, heldBytes }) => [
        chunks,
        heldBytes,
      ]),
    ],
    plot: { kind: 'lines', columns: [1] },
  };
}

async function measuredFrame(
  payloadBytes: number,
  chunkBytes: number,
  section: string,
  { onRow, signal }: SectionOptions,
): Promise<MeasuredFrame> {
  onRow(`${section} ${payloadBytes} B in chunks of ${chunkBytes} B`);
  const args = ['frame', String(chunkBytes), String(payloadBytes)];
  return (await runSubprocess(import.meta.url, args, { signal })) as MeasuredFrame;
}

async function measureFrame(payloadBytes: number, chunkBytes: number): Promise<MeasuredFrame> {
  const stream = Buffer.from(encodeFrame({ type: TYPE_SUBMIT, payload: new Uint8Array(payloadBytes) }));
  const heldBytes = held(stream, chunkBytes);
  const [{ ns }] = await timeInTurns([() => decode(stream, chunkBytes)]);
  return { ns, heldBytes };
}

function decode(stream: Buffer, chunkBytes: number): void {
  const step = Math.min(chunkBytes, stream.length);
  const decoder = new FrameDecoder();
  for (let at = 0; at < stream.length; at += step) {
    decoder.push(stream.subarray(at, at + step));
    while (decoder.next() !== undefined);
  }
  decoder.end();
}

function held(stream: Buffer, chunkBytes: number): number {
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const decoder = new FrameDecoder();
  for (let at = 0; at + chunkBytes < stream.length; at += chunkBytes) {
    decoder.push(stream.subarray(at, at + chunkBytes));
    decoder.next();
  }
  collectGarbage();
  const after = process.memoryUsage().arrayBuffers;
  // This use of the decoder after the measurement keeps it, and the bytes that it holds, in memory until then.
  return decoder.pendingBytes === 0 ? 0 : after - before;
}

const [what, chunkBytes, payloadBytes] = subprocessArguments(import.meta.url) ?? [];
if (what !== undefined) {
  const measured =
    what === 'stream'
      ? await measureStream(Number(chunkBytes))
      : await measureFrame(Number(payloadBytes), Number(chunkBytes));
  process.stdout.write(JSON.stringify(measured));
}
