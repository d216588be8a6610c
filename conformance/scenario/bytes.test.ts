import fc from 'fast-check';
import t from 'tap';
import {
  type Bytes,
  concat,
  fileResult,
  frame,
  HEADER_BYTES,
  header,
  littleEndianHeader,
  members,
  nestedArrays,
  nestedObjects,
  object,
  quoted,
  render,
  repeat,
  SEND_RESULTS,
  STATUS_UPDATE,
  SUBMIT,
  segments,
  size,
  slice,
  statusUpdate,
  submit,
  submitPayload,
  taskId,
  text,
  textResult,
} from './bytes.ts';

/** Ids that name their slot, as long as real ones. */
const idOf = (slot: number) => String(slot).padStart(36, '0');

function rendered(bytes: Bytes): Buffer {
  return Buffer.from(render(bytes, idOf));
}

/** Every description that the builders can make, nested at will. */
const { description } = fc.letrec<{ description: Bytes }>((tie) => ({
  description: fc.oneof(
    { depthSize: 'medium' },
    fc.uint8Array().map((raw) => ({ raw })),
    fc.record({ repeat: fc.uint8Array({ maxLength: 5 }), times: fc.nat(20) }),
    fc.nat(3).map(taskId),
    fc.string({ unit: 'binary' }).map(text),
    fc.array(tie('description'), { maxLength: 4 }).map((parts) => concat(...parts)),
    fc.tuple(tie('description'), fc.nat(), fc.nat()).map(([bytes, a, b]) => {
      const ends = size(bytes) + 1;
      return slice(bytes, Math.min(a % ends, b % ends), Math.max(a % ends, b % ends));
    }),
  ),
}));

t.test('the size is known without making the bytes', async () => {
  fc.assert(fc.property(description, (bytes) => size(bytes) === render(bytes, idOf).length));
});

t.test('cut anywhere, the two pieces make the whole', async () => {
  fc.assert(
    fc.property(description, fc.nat(), (bytes, n) => {
      const at = n % (size(bytes) + 1);
      return rendered(concat(slice(bytes, 0, at), slice(bytes, at))).equals(rendered(bytes));
    }),
  );
});

t.test('a slice is that part of the whole', async () => {
  fc.assert(
    fc.property(description, fc.nat(), fc.nat(), (bytes, a, b) => {
      const ends = size(bytes) + 1;
      const [from, to] = [Math.min(a % ends, b % ends), Math.max(a % ends, b % ends)];
      return rendered(slice(bytes, from, to)).equals(rendered(bytes).subarray(from, to));
    }),
  );
});

t.test(
  'segments are the bytes in their order, each of the size that was asked for but the last',
  async () => {
    fc.assert(
      fc.property(description, fc.integer({ min: 1, max: 50 }), (bytes, segmentBytes) => {
        const copies = Array.from(segments(bytes, idOf, segmentBytes), (segment) => Buffer.from(segment));
        const isFull = copies.slice(0, -1).every(({ length }) => length === segmentBytes);
        return isFull && Buffer.concat(copies).equals(rendered(bytes));
      }),
    );
  },
);

t.test('what is repeated often is as long as said, in segments of bounded length', async (t) => {
  const bytes = concat(text('x'), repeat('abc', 200_000), text('y'));
  let total = 0;
  for (const segment of segments(bytes, idOf, Number.MAX_SAFE_INTEGER)) {
    t.ok(segment.length <= 256 * 1024);
    total += segment.length;
  }
  t.equal(total, size(bytes));
  t.ok(rendered(bytes).equals(Buffer.from(`x${'abc'.repeat(200_000)}y`)));
  t.equal(rendered(slice(bytes, 70_000, 70_004)).toString(), 'abca');
});

t.test('each builder makes the bytes that it says', async (t) => {
  t.equal(rendered(text('aé🚀')).toString(), 'aé🚀');
  t.equal(rendered(repeat('é', 3)).toString(), 'ééé');
  t.equal(rendered(repeat('a', 0)).length, 0);
  t.equal(rendered(slice(text('abcdef'), 2, 4)).toString(), 'cd');
  t.equal(rendered(slice(text('abcdef'), 2)).toString(), 'cdef');
  t.equal(rendered(quoted(text('a'))).toString(), '"a"');
  t.equal(rendered(object({})).toString(), '{}');
  t.equal(rendered(object({ 'a"': text('1'), b: text('x') })).toString(), '{"a\\"":1,"b":x}');
});

t.test('a slot is one id however often it stands in a play, and another slot another id', async (t) => {
  const asked: number[] = [];
  const bytes = render(concat(taskId(), slice(taskId(2), 4), taskId()), (slot) => {
    asked.push(slot);
    return idOf(slot);
  });
  t.equal(Buffer.from(bytes).toString(), idOf(1) + idOf(2).slice(4) + idOf(1));
  t.strictSame(asked, [1, 2, 1]);
});

t.test('headers are big-endian, except the one that is meant not to be (F1)', async (t) => {
  t.equal(rendered(header(0x01020304, 0xfffefdfc)).toString('hex'), '01020304fffefdfc');
  t.equal(rendered(littleEndianHeader(0x01020304, 0xfffefdfc)).toString('hex'), '04030201fcfdfeff');
});

t.test('a frame declares its length, or the length it is told', async (t) => {
  t.equal(rendered(frame(3, text('abc'))).toString('hex'), '0000000300000003616263');
  t.equal(rendered(frame(3, text('abc'), 9)).toString('hex'), '0000000300000009616263');
});

t.test('a SUBMIT is a frame of type 1 with the four documented fields, in their order', async (t) => {
  const bytes = rendered(submit());
  t.equal(bytes.readUInt32BE(0), SUBMIT);
  t.equal(bytes.readUInt32BE(4), bytes.length - HEADER_BYTES);
  const message: Record<string, unknown> = JSON.parse(bytes.subarray(HEADER_BYTES).toString());
  t.strictSame(Object.keys(message), ['task_id', 'task_description', 'from_addr', 'to_addr']);
  t.ok(Object.values(message).every((value) => typeof value === 'string' && value !== ''));
  t.equal(message['task_id'], idOf(1));
});

t.test('an override replaces a token in its place, or adds a field behind the others', async (t) => {
  const payload = rendered(submitPayload({ task_description: text('1.0'), extra: text('null') })).toString();
  t.match(
    payload,
    /^\{"task_id":"0+1","task_description":1\.0,"from_addr":"[^"]+","to_addr":"[^"]+","extra":null\}$/,
  );
});

t.test('members may repeat and be escaped, where an object has each name once', async (t) => {
  t.equal(rendered(members([])).toString(), '{}');
  t.equal(
    rendered(
      members([
        ['"\\u0061"', text('1')],
        ['"a"', text('2')],
      ]),
    ).toString(),
    '{"\\u0061":1,"a":2}',
  );
});

t.test('nested values are as deep as said', async () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(nestedArrays, nestedObjects),
      (levels, nested) => {
        return depthOf(JSON.parse(rendered(nested(levels)).toString())) === levels;
      },
    ),
  );
});

t.test(
  'messages of types 3 and 4 are legal, and an override replaces a token of theirs in its place',
  async (t) => {
    for (const [bytes, type, names] of [
      [statusUpdate(), STATUS_UPDATE, ['task_id', 'status', 'justification']],
      [textResult(), SEND_RESULTS, ['task_id', 'result_type', 'result_text']],
      [fileResult(), SEND_RESULTS, ['task_id', 'result_type', 'filename', 'file_data']],
    ] as const) {
      const frame = rendered(bytes);
      t.equal(frame.readUInt32BE(0), type);
      t.equal(frame.readUInt32BE(4), frame.length - HEADER_BYTES);
      const message: Record<string, unknown> = JSON.parse(frame.subarray(HEADER_BYTES).toString());
      t.strictSame(Object.keys(message).slice(0, names.length), names);
      t.equal(message['task_id'], idOf(1));
    }
    const changed = JSON.parse(
      rendered(textResult({ time_cpu_ms: text('7') }))
        .subarray(HEADER_BYTES)
        .toString(),
    );
    t.equal(changed.time_cpu_ms, 7);
    t.equal(changed.time_idle_ms, 1500);
  },
);
