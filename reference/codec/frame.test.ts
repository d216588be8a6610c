import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { PassThrough, Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import t from 'tap';
import type { FrameVector } from '../../conformance/vectors/build/vector.ts';
import { segmentsOf } from '../../conformance/vectors/load.ts';
import { HEADER_BYTES, MAX_PAYLOAD_BYTES, typeName } from '../protocol/constants.ts';
import { ProtocolError } from '../protocol/errors.ts';
import { frame, segmentation } from '../testing/arbitraries.ts';
import { frameHeader } from '../testing/samples.ts';
import { vectors } from '../testing/vectors.ts';
import { encodeFrame, type Frame, FrameDecoder, readFrame, writeFrame } from './frame.ts';

/** Decodes a stream of these chunks up to its end: its frames, and the code of the error if there is one. */
function decodeAll(chunks: Iterable<Uint8Array>): { frames: Frame[]; code?: string } {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) frames.push(next);
    }
    decoder.end();
    return { frames };
  } catch (error) {
    if (error instanceof ProtocolError) return { frames, code: error.code };
    throw error;
  }
}

/** Bytes that may follow the last complete frame before the stream ends, and the code of the expected error. */
const ENDINGS = fc.constantFrom<[Uint8Array, string | undefined]>(
  [new Uint8Array(0), undefined],
  [frameHeader(1, 5).subarray(0, 1), 'frame-truncated'],
  [frameHeader(1, 5).subarray(0, 7), 'frame-truncated'],
  [frameHeader(1, 5), 'frame-truncated'],
  [Buffer.concat([frameHeader(2, 5), Buffer.from('four')]), 'frame-truncated'],
  [frameHeader(1, MAX_PAYLOAD_BYTES), 'frame-truncated'],
  [frameHeader(1, MAX_PAYLOAD_BYTES + 1), 'frame-too-large'],
  [Buffer.concat([frameHeader(0, 0xffffffff), Buffer.alloc(40)]), 'frame-too-large'],
);

t.test('typeName names the four types, and compares all 32 bits (F6)', (t) => {
  t.strictSame([1, 2, 3, 4].map(typeName), ['SUBMIT', 'RESULT', 'STATUS_UPDATE', 'SEND_RESULTS']);
  t.strictSame([0, 5, 0x101, 0xffffffff].map(typeName), [
    'UNKNOWN(0)',
    'UNKNOWN(5)',
    'UNKNOWN(257)',
    'UNKNOWN(4294967295)',
  ]);
  t.end();
});

t.test('readFrame reads the first frame of every vector', async (t) => {
  for (const vector of vectors<FrameVector>('vectors/frames')) {
    const read = readFrame(Readable.from(segmentsOf(vector)));
    const [expected] = vector.frames;
    if (expected !== undefined) {
      const frame = await read;
      t.equal(frame?.type, expected.type, vector.id);
      t.equal(frame?.payload.length, expected.length, vector.id);
    } else if (vector.ending === 'clean') {
      t.equal(await read, undefined, 'the end of the stream between two frames is not an error');
    } else {
      const code = vector.ending === 'truncated' ? 'frame-truncated' : 'frame-too-large';
      await t.rejects(read, { name: 'ProtocolError', code }, vector.id);
    }
  }
});

t.test('any segmentation of any stream gives the same frames and the same error (F2, F3, F4)', (t) => {
  const streams = fc.tuple(fc.array(frame, { maxLength: 6 }), ENDINGS).chain(([frames, [ending, code]]) => {
    const bytes = Buffer.concat([...frames.map(encodeFrame), ending]);
    return fc.record({ frames: fc.constant(frames), code: fc.constant(code), chunks: segmentation(bytes) });
  });
  fc.assert(
    fc.property(streams, ({ frames, code, chunks }) => {
      const decoded = decodeAll(chunks);
      deepStrictEqual(decoded.frames, frames);
      strictEqual(decoded.code, code);
    }),
  );
  t.end();
});

t.test('frames may be taken later, and a returned payload does not change', (t) => {
  const bytes = fc.array(frame, { maxLength: 6 });
  const pushes = bytes.chain((frames) =>
    fc.record({
      frames: fc.constant(frames),
      chunks: segmentation(Buffer.concat(frames.map(encodeFrame))),
      takes: fc.infiniteStream(fc.boolean()),
    }),
  );
  fc.assert(
    fc.property(pushes, ({ frames, chunks, takes }) => {
      const decoder = new FrameDecoder();
      const taken: Frame[] = [];
      let arrived = 0;
      for (const chunk of chunks) {
        decoder.push(chunk);
        arrived += chunk.length;
        const next = takes.next().value ? decoder.next() : undefined;
        if (next !== undefined) taken.push(next);
        const inFrames = taken.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0);
        strictEqual(decoder.pendingBytes, arrived - inFrames);
      }
      for (let next = decoder.next(); next !== undefined; next = decoder.next()) taken.push(next);
      decoder.end();
      strictEqual(decoder.pendingBytes, 0);
      deepStrictEqual(taken, frames);
    }),
  );
  t.end();
});

t.test('memory follows the bytes that arrived, not the declared length (F5)', (t) => {
  // The decoder holds no other memory for a payload than the buffer that the payload is a view of.
  const sizes = fc.record({ length: fc.nat({ max: 5000 }), chunk: fc.integer({ min: 1, max: 2000 }) });
  fc.assert(
    fc.property(sizes, ({ length, chunk }) => {
      const decoder = new FrameDecoder();
      const bytes = encodeFrame({ type: 1, payload: new Uint8Array(length) });
      for (let at = 0; at < bytes.length; at += chunk) decoder.push(bytes.slice(at, at + chunk));
      return (decoder.next()?.payload.buffer.byteLength ?? Infinity) <= 2 * bytes.length;
    }),
  );

  const before = process.memoryUsage().arrayBuffers;
  const decoders = Array.from({ length: 1000 }, () => {
    const decoder = new FrameDecoder();
    decoder.push(frameHeader(1, MAX_PAYLOAD_BYTES));
    decoder.push(Buffer.from('{"task_id":'));
    strictEqual(decoder.next(), undefined);
    return decoder;
  });
  t.ok(
    decoders.every(({ pendingBytes }) => pendingBytes === HEADER_BYTES + 11),
    'every decoder still holds the bytes that arrived',
  );
  t.ok(
    process.memoryUsage().arrayBuffers - before < MAX_PAYLOAD_BYTES,
    '1000 frames of 16 MiB each are declared, and their decoders hold less than 16 MiB',
  );
  t.end();
});

t.test('no chunk makes many other bytes move (T3)', (t) => {
  const { copy } = Buffer.prototype;
  let most = 0;
  Buffer.prototype.copy = function (this: Buffer, ...args: Parameters<typeof copy>) {
    const copied = copy.apply(this, args);
    most = Math.max(most, copied);
    return copied;
  };
  t.teardown(() => {
    Buffer.prototype.copy = copy;
  });
  // Of prime length, so that bytes at a wrong place differ.
  const pattern = Uint8Array.from({ length: 251 }, (_, i) => i);
  const MiB = 1024 * 1024;
  for (const [length, size] of [
    [MAX_PAYLOAD_BYTES, 64 * 1024],
    [9 * MiB, 64 * 1024],
    [8 * MiB + 1, 50_001],
    [300_000, 1000],
  ] as const) {
    const payload = Buffer.alloc(length, pattern);
    const decoder = new FrameDecoder();
    decoder.push(frameHeader(1, length));
    most = 0;
    for (let at = 0; at < length; at += size) decoder.push(payload.subarray(at, at + size));
    t.ok(payload.equals(decoder.next()?.payload ?? pattern), `${length} bytes in chunks of ${size}`);
    t.ok(most <= 4 * 64 * 1024, `at most ${most} bytes move at a time`);
  }
  t.end();
});

t.test('the payload of a frame inside one chunk is a view of the chunk', (t) => {
  const decoder = new FrameDecoder();
  const chunk = Buffer.concat([
    encodeFrame({ type: 1, payload: Buffer.from('ab') }),
    encodeFrame({ type: 2, payload: Buffer.from('cd') }),
  ]);
  decoder.push(chunk);
  t.equal(decoder.next()?.payload.buffer, chunk.buffer);
  t.equal(decoder.next()?.payload.buffer, chunk.buffer);
  t.end();
});

t.test('bytes after a large frame do not keep its memory', (t) => {
  const bytes = Buffer.concat([
    encodeFrame({ type: 1, payload: new Uint8Array(1024 * 1024) }),
    encodeFrame({ type: 2, payload: Buffer.from('cd') }),
  ]);
  const decoder = new FrameDecoder();
  decoder.push(bytes.subarray(0, 500_000));
  decoder.push(bytes.subarray(500_000, -1));
  const large = decoder.next();
  t.equal(decoder.sharesMemory, false);
  decoder.push(bytes.subarray(-1));
  const small = decoder.next();
  t.strictSame(small, { type: 2, payload: Uint8Array.from(Buffer.from('cd')) });
  t.not(small?.payload.buffer, large?.payload.buffer);
  t.ok((small?.payload.buffer.byteLength ?? 0) < 100);
  t.end();
});

t.test('small frames of one buffer are not copied', (t) => {
  const one = encodeFrame({ type: 1, payload: Buffer.from('ab') });
  const decoder = new FrameDecoder();
  decoder.push(one.subarray(0, 1));
  decoder.push(Buffer.concat([one.subarray(1), one, one]));
  const first = decoder.next();
  t.equal(decoder.sharesMemory, true);
  t.equal(decoder.next()?.payload.buffer, first?.payload.buffer);
  t.equal(decoder.sharesMemory, true);
  t.equal(decoder.next()?.payload.buffer, first?.payload.buffer);
  t.equal(decoder.sharesMemory, false);
  t.end();
});

t.test('a decoder repeats its error for the rest of the stream', (t) => {
  const decoder = new FrameDecoder();
  decoder.push(frameHeader(1, MAX_PAYLOAD_BYTES + 1));
  t.throws(() => decoder.next(), { code: 'frame-too-large', clause: 'F2' });
  decoder.push(encodeFrame({ type: 1, payload: new Uint8Array(0) }));
  t.throws(() => decoder.next(), { code: 'frame-too-large' });
  t.throws(() => decoder.end(), { code: 'frame-too-large' });
  t.equal(decoder.pendingBytes, HEADER_BYTES, 'bytes after the error are not kept');

  const truncated = new FrameDecoder();
  truncated.push(Buffer.from([0]));
  t.throws(() => truncated.end(), { code: 'frame-truncated', clause: 'F4' });
  t.throws(() => truncated.next(), { code: 'frame-truncated' });
  t.end();
});

t.test('16 MiB is legal and one byte more is not (F2, F9)', (t) => {
  const largest = encodeFrame({ type: 1, payload: new Uint8Array(MAX_PAYLOAD_BYTES) });
  t.strictSame(Buffer.from(largest.subarray(0, HEADER_BYTES)), frameHeader(1, MAX_PAYLOAD_BYTES));
  t.equal(decodeAll([largest]).frames[0]?.payload.length, MAX_PAYLOAD_BYTES);
  const payload = new Uint8Array(MAX_PAYLOAD_BYTES + 1);
  t.throws(() => encodeFrame({ type: 1, payload }), { code: 'frame-too-large', clause: 'F9' });
  t.end();
});

t.test('a type is an unsigned 32-bit integer', (t) => {
  for (const type of [-1, 1.5, 2 ** 32, Number.NaN]) {
    t.throws(() => encodeFrame({ type, payload: new Uint8Array(0) }), RangeError);
  }
  t.end();
});

t.test('readFrame takes one frame at a time from any stream and leaves no listener', async () => {
  const streams = fc.array(frame, { maxLength: 5 }).chain((frames) =>
    fc.record({
      frames: fc.constant(frames),
      chunks: segmentation(Buffer.concat(frames.map(encodeFrame))),
    }),
  );
  await fc.assert(
    fc.asyncProperty(streams, async ({ frames, chunks }) => {
      const stream = Readable.from(
        chunks.filter((chunk) => chunk.length > 0),
        { objectMode: false },
      );
      const listeners = listenerCounts(stream);
      for (const expected of frames) {
        deepStrictEqual(await readFrame(stream), expected);
        deepStrictEqual(listenerCounts(stream), listeners);
      }
      strictEqual(await readFrame(stream), undefined);
      strictEqual(await readFrame(stream), undefined);
      deepStrictEqual(listenerCounts(stream), listeners);
    }),
  );
});

t.test('readFrame rejects with the reason when there is no frame', async (t) => {
  await t.rejects(readFrame(Readable.from([frameHeader(1, 4)])), { code: 'frame-truncated' });
  await t.rejects(readFrame(Readable.from([frameHeader(1, MAX_PAYLOAD_BYTES + 1)])), {
    code: 'frame-too-large',
  });

  const broken = new PassThrough();
  const reading = readFrame(broken);
  broken.destroy(new Error('connection lost'));
  await t.rejects(reading, { message: 'connection lost' });

  const silent = new PassThrough();
  const listeners = listenerCounts(silent);
  const controller = new AbortController();
  const waiting = readFrame(silent, { signal: controller.signal });
  controller.abort();
  await t.rejects(waiting, { name: 'AbortError' });
  t.strictSame(listenerCounts(silent), listeners);
  await t.rejects(readFrame(silent, { signal: controller.signal }), { name: 'AbortError' });
});

t.test('writeFrame resolves when the stream has taken the bytes', async (t) => {
  const taken: Buffer[] = [];
  let release: () => void = () => {};
  const slow = new Writable({
    write(chunk, _encoding, done) {
      taken.push(chunk);
      release = done;
    },
  });
  const listeners = listenerCounts(slow);
  let settled = false;
  const writing = writeFrame(slow, { type: 7, payload: Buffer.from('{}') }).then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  t.equal(settled, false);
  release();
  await writing;
  t.equal(Buffer.concat(taken).toString('hex'), '00000007000000027b7d');
  t.strictSame(listenerCounts(slow), listeners);
});

t.test('writeFrame rejects before the first byte, and when the stream breaks', async (t) => {
  let writes = 0;
  const stream = new Writable({
    write() {
      writes++;
    },
  });
  stream.on('error', () => {});
  const listeners = listenerCounts(stream);
  await t.rejects(writeFrame(stream, { type: 1, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) }), {
    code: 'frame-too-large',
  });
  t.equal(writes, 0);
  const stuck = writeFrame(stream, { type: 1, payload: new Uint8Array(1) });
  stream.destroy();
  await t.rejects(stuck);
  t.equal(writes, 1);
  await t.rejects(writeFrame(stream, { type: 1, payload: new Uint8Array(1) }), {
    code: 'ERR_STREAM_DESTROYED',
  });
  t.strictSame(listenerCounts(stream), listeners);
});

t.test(
  'writeFrame rejects when the stream is destroyed, also if that calls back without an error',
  async (t) => {
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        stream.destroy();
        done();
      },
    });
    await t.rejects(writeFrame(stream, { type: 2, payload: Buffer.from('{}') }), {
      message: 'the stream was closed during a write',
    });
  },
);

function listenerCounts(stream: Readable | Writable): Record<string, number> {
  const counts = stream.eventNames().map((name) => [String(name), stream.listenerCount(name)]);
  return Object.fromEntries(counts);
}
