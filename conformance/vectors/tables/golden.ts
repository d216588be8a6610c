/**
 * Frames in files of their own (fixtures/golden/): one legal frame of each message, and one frame of each kind that a
 * layer of a receiver refuses.
 */
import { createHash } from 'node:crypto';
import {
  type Bytes,
  concat,
  DESCRIPTION_CAP,
  inBytes,
  JUSTIFICATION_CAP,
  KiB,
  PAYLOAD_CAP,
  repeat,
  slice,
  text,
} from '../../scenario/bytes.ts';
import { frame, header, littleEndianHeader, object, quoted } from '../../scenario/messages.ts';
import { MESSAGES, TASK_FILE } from '../build/messages.ts';
import { renderBytes } from '../build/runs.ts';
import { SAMPLES } from '../build/samples.ts';
import type { GoldenFrame, Level } from '../build/vector.ts';

/** A file up to this size stands in the index as hex too. */
const MAX_HEX_BYTES = 512;

/** The content of a file, and its entry in the index. */
interface GoldenFile {
  readonly entry: GoldenFrame;
  readonly content: Buffer;
}

function describeFile(slug: string, note: string, clause: string, level: Level, bytes: Bytes) {
  const content = renderBytes(bytes);
  return {
    content,
    entry: {
      id: `golden-${slug}`,
      note,
      clause,
      level,
      source: 'derived',
      file: `${slug}.bin`,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      ...(content.length <= MAX_HEX_BYTES && { hex: content.toString('hex') }),
    },
  } as const;
}

const legal = MESSAGES.filter((message) => message !== TASK_FILE).map(
  ({ name, slug, type = 0 }): GoldenFile => {
    const members = SAMPLES[name];
    const payload = `{${members.map(([field, token]) => `"${field}":${token}`).join(',')}}`;
    const value = Object.fromEntries(members.map(([field, , fieldValue]) => [field, fieldValue]));
    const note = `A legal ${name}, every field filled.`;
    const { content, entry } = describeFile(slug, note, 'M12', 'must', frame(type, text(payload)));
    return { content, entry: { ...entry, valid: true, message: name, value } };
  },
);

type Refused = readonly [slug: string, note: string, clause: string, level: Level, bytes: Bytes];
type Layer = Extract<GoldenFrame, { valid: false }>['refused_by'];

function refusedBy(layer: Layer, rows: readonly Refused[]): readonly GoldenFile[] {
  return rows.map((row) => {
    const { content, entry } = describeFile(...row);
    return { content, entry: { ...entry, valid: false, refused_by: layer } };
  });
}

/** The tokens of a complete message, some replaced, as a payload. */
function payload(name: keyof typeof SAMPLES, changes: Readonly<Record<string, Bytes>> = {}): Bytes {
  const tokens = Object.fromEntries(SAMPLES[name].map(([field, token]) => [field, text(token)]));
  return object({ ...tokens, ...changes });
}

const submit = (changes: Readonly<Record<string, Bytes>> = {}) => frame(1, payload('SubmitRequest', changes));
const results = (changes: Readonly<Record<string, Bytes>>) => frame(4, payload('TaskResultMessage', changes));
const long = (letter: string, times: number) => quoted(repeat(letter, times));

const FRAME: readonly Refused[] = [
  ['over-cap', `Declares ${inBytes(PAYLOAD_CAP)} and one byte.`, 'F2', 'must', header(1, PAYLOAD_CAP + 1)],
  [
    'over-cap-sign-bit',
    'Declares 2 GiB, which is negative as a signed integer.',
    'F2',
    'must',
    header(1, 0x80000000),
  ],
  [
    'little-endian',
    'The header is in the wrong byte order.',
    'F1',
    'must',
    concat(littleEndianHeader(1, 2), text('{}')),
  ],
  ['truncated-header', 'Ends after five bytes of the header.', 'F4', 'must', slice(header(1, 2), 0, 5)],
  [
    'truncated-payload',
    'Complete JSON, one byte less than declared.',
    'F4',
    'must',
    concat(header(1, 3), text('{}')),
  ],
  [
    'http-request',
    'An HTTP request: "GET " is read as the type, "/ HT" as the length.',
    'F2',
    'must',
    text('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  ],
];

const TYPE: readonly Refused[] = [
  ['unknown-type', 'Type 5 is unknown.', 'F7', 'must', frame(5, payload('SubmitRequest'))],
  ['type-all-bits', 'Type 0x00000101 is not 1.', 'F6', 'must', frame(0x101, payload('SubmitRequest'))],
];

const MESSAGE: readonly Refused[] = [
  ['empty-payload', 'Length 0 is legal, but an empty payload is not JSON.', 'F8', 'must', header(1, 0)],
  ['malformed-json', 'The object does not end.', 'M6', 'must', frame(1, text('{"task_id":"x"'))],
  [
    'not-an-object',
    'An array around the object.',
    'M6',
    'must',
    frame(1, concat(text('['), payload('SubmitRequest'), text(']'))),
  ],
  ['trailing-comma', 'A comma after the last member.', 'M6', 'should', frame(1, text('{"task_id":"x",}'))],
  [
    'byte-order-mark',
    'A byte-order mark before the object.',
    'M6',
    'should',
    frame(1, concat(text('\ufeff'), payload('SubmitRequest'))),
  ],
  [
    'trailing-data',
    'A second object after the first.',
    'M5',
    'must',
    frame(1, concat(payload('SubmitRequest'), text('{}'))),
  ],
  [
    'trailing-nul',
    'A NUL byte after the object.',
    'M5',
    'must',
    frame(1, concat(payload('SubmitRequest'), text('\0'))),
  ],
  ['wrong-field-type', 'task_id is a number.', 'M4', 'must', submit({ task_id: text('1') })],
  ['integer-in-string', 'time_cpu_ms is a string.', 'M4', 'must', results({ time_cpu_ms: text('"60000"') })],
  [
    'integer-with-fraction',
    '60000.0 is not written as an integer.',
    'M9',
    'should',
    results({ time_cpu_ms: text('60000.0') }),
  ],
  [
    'integer-above-max',
    '2^63 is above the largest int64.',
    'M9',
    'should',
    results({ time_cpu_ms: text('9223372036854775808') }),
  ],
  ['base64-url-safe', 'The URL-safe alphabet.', 'M10', 'should', results({ file_data: text('"-_-_"') })],
  ['base64-unpadded', 'Padding is missing.', 'M10', 'should', results({ file_data: text('"AA"') })],
  [
    'nested-too-deep',
    '10 001 levels in an unknown field.',
    'M11',
    'should',
    submit({ extra: concat(repeat('[', 10_000), repeat(']', 10_000)) }),
  ],
];

const VALIDATION: readonly Refused[] = [
  [
    'description-too-long',
    '16 385 bytes, one over the bound.',
    'S5',
    'must',
    submit({ task_description: long('a', DESCRIPTION_CAP + 1) }),
  ],
  [
    'description-too-long-in-bytes',
    '8 193 characters of two bytes.',
    'S5',
    'must',
    submit({ task_description: long('é', 8 * KiB + 1) }),
  ],
  [
    'justification-too-long',
    '4 097 bytes, one over the bound.',
    'U4',
    'should',
    frame(3, payload('TaskStatusUpdate', { justification: long('a', JUSTIFICATION_CAP + 1) })),
  ],
  [
    'filename-too-long',
    '257 bytes, one over the bound.',
    'R2',
    'must',
    results({ filename: concat(text('"'), repeat('a', 253), text('.txt"')) }),
  ],
  [
    'filename-is-path',
    'A file name that leads out of the store.',
    'R5',
    'must',
    results({ filename: text('"../../escape.txt"') }),
  ],
  [
    'extension-forbidden',
    'The extension of source code.',
    'R4',
    'should',
    results({ filename: text('"a.py"') }),
  ],
];

export const golden: readonly GoldenFile[] = [
  ...legal,
  ...refusedBy('frame', FRAME),
  ...refusedBy('type', TYPE),
  ...refusedBy('message', MESSAGE),
  ...refusedBy('validation', VALIDATION),
];
