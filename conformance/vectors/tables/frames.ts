/** Frames of many types and lengths, and streams that are truncated or declare too long a payload. */
import { concat, inBytes, PAYLOAD_CAP, repeat, slice, text } from '../../scenario/bytes.ts';
import { header } from '../../scenario/messages.ts';
import {
  brokenStream,
  buildFrame,
  EMPTY_OBJECT,
  intactStream,
  NO_PAYLOAD,
  SUBMIT,
  SUBMIT_BYTES,
  UPDATE,
} from '../build/frame-builders.ts';
import type { FrameVector } from '../build/vector.ts';

const types = [
  0x06, 0xff, 0x100, 0x101, 0x104, 0x10000, 0x10001, 0x1000000, 0x1000001, 0x7fffffff, 0x80000000, 0x80000001,
  0xfffffffe,
].map((type) =>
  intactStream(`type-${type}`, `Type 0x${type.toString(16).padStart(8, '0')} is unknown.`, 'F6', [
    buildFrame(type, EMPTY_OBJECT),
  ]),
);

const lengths = [
  1,
  127,
  128,
  255,
  256,
  257,
  32_767,
  32_768,
  65_535,
  65_536,
  1 << 20,
  PAYLOAD_CAP - 1,
  PAYLOAD_CAP,
].map((length) =>
  intactStream(
    `length-${length}`,
    length === PAYLOAD_CAP ? `Exactly ${inBytes(PAYLOAD_CAP)}.` : `A payload of ${length} bytes.`,
    length < PAYLOAD_CAP - 1 ? 'F1' : 'F2',
    [buildFrame(1, repeat(' ', length))],
  ),
);

const oversized = [
  PAYLOAD_CAP + 1,
  PAYLOAD_CAP + 256,
  0x01010000,
  0x02000000,
  0x10000000,
  0x7fffffff,
  0x80000001,
  0xff000000,
  0xfffffffe,
].map((length) =>
  brokenStream(
    `over-cap-${length}`,
    `A declared length of 0x${length.toString(16).padStart(8, '0')}.`,
    'F2',
    'too-large',
    header(1, length),
  ),
);

const refusals = [
  brokenStream(
    'over-cap-unknown-type',
    'The cap holds for every type.',
    'F2',
    'too-large',
    header(9, PAYLOAD_CAP + 1),
  ),
  brokenStream(
    'over-cap-with-payload',
    'The refusal does not wait for the payload.',
    'F2',
    'too-large',
    concat(header(1, PAYLOAD_CAP + 1), repeat('x', 100)),
  ),
  brokenStream(
    'over-cap-behind-frame',
    'The frame before it is complete.',
    'F2',
    'too-large',
    header(1, 0xffffffff),
    [SUBMIT],
  ),
  brokenStream(
    'over-cap-behind-frame-in-bytes',
    'The same, one byte at a time.',
    'F2',
    'too-large',
    header(1, 0xffffffff),
    [SUBMIT],
    Array(SUBMIT_BYTES + 8).fill(1),
  ),
  ...[1, 4, 7].map((cut) =>
    brokenStream(
      `header-cut-at-${cut}-behind-frame`,
      `A frame, and ${cut} bytes of the next header.`,
      'F4',
      'truncated',
      slice(header(3, 2), 0, cut),
      [SUBMIT],
    ),
  ),
  ...[0, 1, 14].map((cut) =>
    brokenStream(
      `payload-cut-at-${cut}-behind-frame`,
      `A frame, and ${cut} of 15 payload bytes of the next.`,
      'F4',
      'truncated',
      slice(UPDATE.bytes, 0, 8 + cut),
      [SUBMIT],
    ),
  ),
  brokenStream(
    'payload-cut-unknown-type',
    'A truncated frame of an unknown type.',
    'F4',
    'truncated',
    slice(buildFrame(7, EMPTY_OBJECT).bytes, 0, 9),
  ),
  brokenStream(
    'payload-cut-long',
    `${inBytes(PAYLOAD_CAP)} declared, one byte missing.`,
    'F4',
    'truncated',
    concat(header(1, PAYLOAD_CAP), repeat(' ', PAYLOAD_CAP - 1)),
  ),
  brokenStream(
    'payload-cut-in-bytes',
    'A truncated payload, one byte at a time.',
    'F4',
    'truncated',
    slice(SUBMIT.bytes, 0, SUBMIT_BYTES - 1),
    [],
    Array(SUBMIT_BYTES - 1).fill(1),
  ),
  brokenStream(
    'json-without-header',
    'A payload without a header: "sk_i" is read as the length.',
    'F1',
    'too-large',
    text('{"task_id":"a"}'),
  ),
  brokenStream(
    'newline-between-frames',
    'Frames have no separator: the line feed is read as part of a header.',
    'F1',
    'too-large',
    concat(text('\n'), UPDATE.bytes),
    [SUBMIT],
  ),
  brokenStream(
    'http-post',
    'An HTTP POST request: " / H" is read as the length.',
    'F2',
    'too-large',
    text('POST / HTTP/1.1\r\n'),
  ),
  brokenStream(
    'ssh-banner',
    'An SSH banner: "2.0-" is read as the length.',
    'F2',
    'too-large',
    text('SSH-2.0-x\r\n'),
  ),
];

const payloads = [
  intactStream('payload-not-json', 'The payload of a frame need not be JSON.', 'F1', [
    buildFrame(1, text('hello')),
  ]),
  intactStream('payload-binary', 'Any byte may occur in a payload.', 'F1', [
    buildFrame(2, { raw: Uint8Array.from({ length: 256 }, (_, byte) => byte) }),
  ]),
  intactStream('payload-holds-frame', 'A payload may hold the bytes of a frame.', 'F3', [
    buildFrame(4, SUBMIT.bytes),
  ]),
  intactStream('payload-ends-in-newline', 'A line end is part of the payload.', 'F3', [
    buildFrame(1, text('{}\n')),
    UPDATE,
  ]),
  ...[2, 3, 4, 0xffffffff].map((type) =>
    intactStream(`empty-payload-type-${type}`, 'Length 0 is legal for any type.', 'F8', [
      buildFrame(type, text('')),
    ]),
  ),
  intactStream('empty-payloads', 'Three frames without payload.', 'F8', [NO_PAYLOAD, NO_PAYLOAD, NO_PAYLOAD]),
  intactStream('empty-payload-between', 'A frame without payload between two others.', 'F8', [
    SUBMIT,
    NO_PAYLOAD,
    UPDATE,
  ]),
];

export const frames: readonly FrameVector[] = [...types, ...lengths, ...oversized, ...refusals, ...payloads];
