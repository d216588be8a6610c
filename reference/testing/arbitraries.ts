/** Random legal data for the property tests of the reference: text, JSON, messages, frames and segmentations. */
import fc from 'fast-check';
import type { Frame } from '../codec/frame.ts';
import type {
  Int64,
  JsonValue,
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../protocol/message-types.ts';

/** Records with the prototype that a decoder gives its objects, because comparisons are strict. */
const PLAIN = { noNullPrototype: true } as const;

/** Characters at the boundary of an escape or of an encoded length, and names that break careless code. */
const SPECIAL = [
  ...'"\\/<>&\0\b\t\n\f\r\u001f\u007f\u0080\u07ff\u0800\u2028\u2029\ud7ff\ue000\ufeff\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '\\u0041',
  '\\ud800',
  '__proto__',
];

/** Well-formed text. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.oneof(fc.constantFrom(...SPECIAL), fc.string({ unit: 'binary', maxLength: 3 })) }),
);

/** Text in which some surrogates have no partner. */
export const looseText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(text, fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff')),
  maxLength: 6,
});

const filledText = text.filter((value) => value !== '');

/** In canonical form: a number while that is exact, a bigint beyond (M9). */
const int64: fc.Arbitrary<Int64> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.maxSafeInteger().map(BigInt),
    fc.constantFrom(0n, 200n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n),
  )
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));

const durationMs = int64.filter((value) => value !== 0);

/** Any JSON value, with unusual keys and numbers. */
export const jsonValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
  ),
})).value;

export const submitRequest: fc.Arbitrary<SubmitRequest> = fc.record(
  { taskId: text, taskDescription: text, fromAddr: text, toAddr: text },
  PLAIN,
);

export const submitResponse: fc.Arbitrary<SubmitResponse> = fc.record(
  { taskId: text, status: int64, message: text },
  PLAIN,
);

export const taskResult: fc.Arbitrary<TaskResult> = fc.record(
  { taskDescription: text, status: text, result: jsonValue, error: filledText, timestamp: text },
  { ...PLAIN, requiredKeys: ['taskDescription', 'status', 'result', 'timestamp'] },
);

export const taskStatusUpdate: fc.Arbitrary<TaskStatusUpdate> = fc.record(
  { taskId: text, status: text, justification: text },
  PLAIN,
);

export const taskResultMessage: fc.Arbitrary<TaskResultMessage> = fc.record(
  {
    taskId: text,
    resultType: text,
    resultText: filledText,
    filename: filledText,
    fileData: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    completedAt: text,
    timeIdleMs: durationMs,
    timeStagedMs: durationMs,
    timeCpuMs: durationMs,
  },
  { ...PLAIN, requiredKeys: ['taskId', 'resultType', 'completedAt'] },
);

/** Frames of known and unknown types, some equal to a known type in their low byte. */
export const frame: fc.Arbitrary<Frame> = fc.record(
  {
    type: fc.oneof(fc.nat(5), fc.constantFrom(0x101, 0x01000000, 0x80000000, 0xffffffff), fc.nat()),
    payload: fc.uint8Array({ maxLength: 300 }),
  },
  PLAIN,
);

/** The bytes in chunks, each a copy: one chunk, single bytes, or any division, empty chunks included. */
export function segmentation(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  const boundaries = fc.oneof(
    fc.constant([]),
    fc.constant([...bytes.keys()]),
    fc.array(fc.nat(bytes.length), { maxLength: 24 }),
  );
  return boundaries.map((inner) => {
    const ends = [...inner.toSorted((a, b) => a - b), bytes.length];
    return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
  });
}
