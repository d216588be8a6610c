import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { PAYLOAD_CAP, render, SUBMIT } from '../scenario/bytes.ts';
import { header } from '../scenario/messages.ts';
import { FrameReader, type FramesRead, readStream } from './frame-reader.ts';
import { payloadBytes, responseOf } from './frames.ts';

function wire(type: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([render(header(type, bytes.length), String), bytes]);
}

/** The stream, read in pieces of the given sizes in turn. */
function read(bytes: Uint8Array, sizes: readonly number[]): FrameReader {
  const reader = new FrameReader();
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const end = at + (sizes[turn % sizes.length] ?? bytes.length);
    reader.push(bytes.subarray(at, end));
    at = end;
  }
  return reader;
}

/** What a verdict depends on. */
function facts({ frames, restBytes }: FramesRead) {
  const known = frames.map((frame) => [frame.type, payloadBytes(frame), responseOf(frame)]);
  return { known, restBytes };
}

const json = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record({
      task_id: fc.string({ unit: 'binary' }),
      status: fc.nat(),
      message: fc.string({ size: 'large' }),
    })
    .map((fields) => Buffer.from(JSON.stringify(fields))),
);
const stream = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(5), json), { maxLength: 4 }),
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc
        .uint8Array({ maxLength: 20 })
        .map((rest) => Buffer.concat([render(header(SUBMIT, PAYLOAD_CAP + 1), String), rest])),
    ),
  )
  .map(([frames, tail]) => Buffer.concat([...frames.map(([type, payload]) => wire(type, payload)), tail]));

t.test('any pieces give the same facts as the whole stream', async () => {
  fc.assert(
    fc.property(
      stream,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      (bytes, sizes) => isDeepStrictEqual(facts(read(bytes, sizes)), facts(readStream(bytes))),
    ),
  );
});

t.test('a payload at the cap is read as it comes, and not kept', async (t) => {
  const beginning = '{"task_id":"id-1","status":200,"message":"';
  const filler = PAYLOAD_CAP - beginning.length - 2;
  const payloads: readonly [what: string, payload: string, status: unknown][] = [
    ['a message', `${beginning}${'x'.repeat(filler)}"}`, { value: 200 }],
    ['spaces', `${beginning}"}${' '.repeat(filler)}`, { value: 200 }],
    [
      'an id that is not closed',
      `{"task_id":"${'x'.repeat(PAYLOAD_CAP - 12)}`,
      { problem: { code: 'not-json' } },
    ],
    ['brackets', '['.repeat(PAYLOAD_CAP), { problem: { json: { code: 'too-deep', at: 512 } } }],
    [
      'items',
      `[${'1,'.repeat(PAYLOAD_CAP / 2 - 1)}1`,
      { problem: { json: { code: 'array-not-closed', at: PAYLOAD_CAP } } },
    ],
    [
      'invalid UTF-8 at the end',
      `${beginning}"}${' '.repeat(filler - 1)}\xff`,
      { problem: { code: 'not-utf8' } },
    ],
  ];
  for (const [what, payload, status] of payloads) {
    const reader = read(wire(SUBMIT, Buffer.from(payload, 'latin1')), [65_536]);
    const [frame] = reader.frames;
    t.match(frame?.whole, { bytes: PAYLOAD_CAP, response: { status } }, what);
    t.equal(reader.restBytes, 0, what);
    t.ok((frame?.payload.length ?? 0) <= 4096, what);
    t.ok(JSON.stringify(frame?.whole).length < 20_000, what);
  }
});

t.test('of a long field, the beginning and the length are kept', async (t) => {
  const id = '\u{1f680}'.repeat(5000);
  const text = JSON.stringify({ task_id: id, status: 200, message: '' });
  const [frame] = read(wire(SUBMIT, text), [1000]).frames;
  const { taskId } = frame ? responseOf(frame) : {};
  t.match(taskId, { value: id.slice(0, 4096), omitted: id.length - 4096 });
});

t.test('more frames than are kept are counted', async (t) => {
  const reader = read(Buffer.concat(Array<Buffer>(1000).fill(wire(SUBMIT, '{}'))), [7]);
  t.equal(reader.count, 1000);
  t.equal(reader.frames.length, 128);
  t.equal(reader.restBytes, 0);
});
