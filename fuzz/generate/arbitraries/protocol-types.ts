/**
 * Arbitraries of legal data of every shape in the protocol, for property tests of any implementation: frames, the five
 * messages, and the ways in which a network splits bytes into chunks. Strings often contain what codecs get wrong.
 */
import fc from 'fast-check';
import type {
  Frame,
  Int64,
  JsonValue,
  SubmitRequest,
  SubmitResponse,
  TaskResult,
  TaskResultMessage,
  TaskStatusUpdate,
} from '../../../reference/index.ts';
import { codePoint } from './code-point.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Objects have a prototype, as those of a codec have, so that a deep comparison can include prototypes. */
const PLAIN = { noNullPrototype: true };

/** Each is at a boundary of an escape or of an encoded length, or is typical of an attack. */
export const SENSITIVE = [
  '"',
  '\\',
  '/',
  '<',
  '>',
  '&',
  '\0',
  '\b',
  '\t',
  '\n',
  '\f',
  '\r',
  '\u001f',
  ' ',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\u0800',
  '\u2028',
  '\u2029',
  '\ud7ff',
  '\ue000',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{1f680}',
  '\u{10ffff}',
  '\\u0041',
  '\\ud800',
  '__proto__',
  '../',
];

/** Well-formed strings: ordinary text, and text that codecs get wrong. */
export function text(): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.constantFrom(...SENSITIVE), fc.string({ unit: codePoint, maxLength: 3 }));
  return fc.oneof(
    fc.string(),
    fc.array(unit, { maxLength: 8 }).map((units) => units.join('')),
  );
}

/** Any string, with lone surrogates as well: these have no UTF-8 form, and are encoded as U+FFFD (M8). */
export function looseText(): fc.Arbitrary<string> {
  const unit = fc.oneof(text(), fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff'));
  return fc.array(unit, { maxLength: 6 }).map((units) => units.join(''));
}

/** Signed integers of 64 bits: a number where that is exact, else a bigint. Boundaries are drawn often. */
export function int64(): fc.Arbitrary<Int64> {
  return fc
    .oneof(
      fc.maxSafeInteger().map(BigInt),
      fc.bigInt({ min: INT64_MIN, max: INT64_MAX }),
      fc.constantFrom(0n, 200n, 400n, 2n ** 53n, 2n ** 53n - 1n, -(2n ** 53n), INT64_MIN, INT64_MAX),
    )
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
}

/** Any JSON value, with keys such as `__proto__` and numbers such as -0. */
export function jsonValue(): fc.Arbitrary<JsonValue> {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const leaf = fc.oneof(fc.constantFrom(null, true, false), number, fc.integer(), text());
  return fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(text(), tie('value')), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  })).value;
}

/** SUBMIT requests with any well-formed text in each field (S1). */
export function submitRequest(): fc.Arbitrary<SubmitRequest> {
  return fc.record({ taskId: text(), taskDescription: text(), fromAddr: text(), toAddr: text() }, PLAIN);
}

/** Answers to a SUBMIT, with any status (S1). */
export function submitResponse(): fc.Arbitrary<SubmitResponse> {
  return fc.record({ taskId: text(), status: int64(), message: text() }, PLAIN);
}

/** RESULT messages (F6). The optional error is absent or not empty. */
export function taskResult(): fc.Arbitrary<TaskResult> {
  return fc.record(
    {
      taskDescription: text(),
      status: text(),
      result: jsonValue(),
      error: filled(text()),
      timestamp: text(),
    },
    { noNullPrototype: true, requiredKeys: ['taskDescription', 'status', 'result', 'timestamp'] },
  );
}

/** Status updates, with any text as the status (U2). */
export function taskStatusUpdate(): fc.Arbitrary<TaskStatusUpdate> {
  return fc.record({ taskId: text(), status: text(), justification: text() }, PLAIN);
}

/** Result messages with a text, a file of 1 to 64 bytes, or both (R2). Optional fields are absent or not empty. */
export function taskResultMessage(): fc.Arbitrary<TaskResultMessage> {
  return fc.record(
    {
      taskId: text(),
      resultType: fc.oneof(fc.constantFrom('text', 'file'), text()),
      resultText: filled(text()),
      filename: filled(text()),
      fileData: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      completedAt: text(),
      timeIdleMs: int64().filter((value) => value !== 0),
      timeStagedMs: int64().filter((value) => value !== 0),
      timeCpuMs: int64().filter((value) => value !== 0),
    },
    { noNullPrototype: true, requiredKeys: ['taskId', 'resultType', 'completedAt'] },
  );
}

/** Frames of any type, known or unknown, with a payload of up to 300 random bytes. */
export function frame(): fc.Arbitrary<Frame> {
  const known = fc.integer({ min: 0, max: 5 });
  const lookalike = fc.constantFrom(0x101, 0x01000000, 0x7fffffff, 0x80000000, 0xffffffff);
  const type = fc.oneof(known, lookalike, fc.nat());
  return fc.record({ type, payload: fc.uint8Array({ maxLength: 300 }) }, PLAIN);
}

/**
 * The bytes, split into chunks as a network might split them: as a whole, byte by byte, or anywhere, with empty chunks among
 * them. Each chunk is a copy.
 */
export function segmentation(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  const cuts = fc.oneof(
    fc.constant([]),
    fc.constant(Array.from(bytes.keys())),
    fc.array(fc.nat({ max: bytes.length }), { maxLength: 24 }),
  );
  return cuts.map((positions) => {
    const sorted = [0, ...positions.toSorted((a, b) => a - b), bytes.length];
    return sorted.slice(1).map((end, index) => bytes.slice(sorted[index], end));
  });
}

/** Without the empty string: an optional field that is empty is left out when it is encoded. */
function filled(strings: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return strings.filter((value) => value !== '');
}
