import t from 'tap';
import { PAYLOAD_CAP, render, SUBMIT } from '../scenario/bytes.ts';
import { header } from '../scenario/messages.ts';
import { readFrames, readHeader } from './frames.ts';

/** Frames of type 1, 2, 3 with 1, 0, 3 bytes; the last one lacks its last byte. */
const STREAM = Buffer.from(
  ['0000000100000001', '61', '0000000200000000', '0000000300000003', '6363'].join(''),
  'hex',
);

t.test('complete frames are read from any frame on', async (t) => {
  const frames = [
    { type: 1, payload: Buffer.from('a') },
    { type: 2, payload: Buffer.alloc(0) },
  ];
  t.strictSame(readFrames(STREAM), { count: 2, frames, end: 17, tail: 'incomplete' });
  t.strictSame(readFrames(STREAM, 9), { count: 1, frames: frames.slice(1), end: 17, tail: 'incomplete' });
  t.strictSame(readFrames(STREAM, 17), { count: 0, frames: [], end: 17, tail: 'incomplete' });
  t.strictSame(readFrames(STREAM.subarray(0, 17)), { count: 2, frames, end: 17, tail: 'none' });
  const within = Buffer.concat([Buffer.alloc(5), STREAM]).subarray(5);
  t.strictSame(
    readFrames(within),
    { count: 2, frames, end: 17, tail: 'incomplete' },
    'in a view with an offset',
  );
});

t.test('a header over the cap begins no frame (F2)', async (t) => {
  const over = Buffer.from(render(header(SUBMIT, PAYLOAD_CAP + 1), String));
  t.strictSame(readFrames(over), { count: 0, frames: [], end: 0, tail: 'over-cap' });
  const atCap = Buffer.from(render(header(SUBMIT, PAYLOAD_CAP), String));
  t.strictSame(readFrames(atCap), { count: 0, frames: [], end: 0, tail: 'incomplete' });
});

t.test('a header needs 8 bytes', async (t) => {
  t.strictSame(readHeader(STREAM), { type: 1, length: 1 });
  t.strictSame(readHeader(STREAM, 17), { type: 3, length: 3 });
  t.equal(readHeader(STREAM.subarray(0, 7)), undefined);
  t.equal(readHeader(STREAM, STREAM.length), undefined);
});
