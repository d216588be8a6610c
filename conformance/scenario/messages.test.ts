import fc from 'fast-check';
import t from 'tap';
import { type Bytes, HEADER_BYTES, render, SEND_RESULTS, STATUS_UPDATE, SUBMIT, text } from './bytes.ts';
import {
  fileResult,
  frame,
  header,
  littleEndianHeader,
  members,
  nestedArrays,
  nestedObjects,
  object,
  quoted,
  statusUpdate,
  submit,
  submitPayload,
  textResult,
} from './messages.ts';

/** Ids that name their slot, with the length of real ones. */
const idOf = (slot: number) => String(slot).padStart(36, '0');

function rendered(bytes: Bytes): Buffer {
  return Buffer.from(render(bytes, idOf));
}

t.test('tokens and objects are written byte for byte', async (t) => {
  t.equal(rendered(quoted(text('a'))).toString(), '"a"');
  t.equal(rendered(object({})).toString(), '{}');
  t.equal(rendered(object({ 'a"': text('1'), b: text('x') })).toString(), '{"a\\"":1,"b":x}');
});

t.test('a header is big-endian (F1), a little-endian header is not', async (t) => {
  t.equal(rendered(header(0x01020304, 0xfffefdfc)).toString('hex'), '01020304fffefdfc');
  t.equal(rendered(littleEndianHeader(0x01020304, 0xfffefdfc)).toString('hex'), '04030201fcfdfeff');
});

t.test('a frame declares its length, or the given length', async (t) => {
  t.equal(rendered(frame(3, text('abc'))).toString('hex'), '0000000300000003616263');
  t.equal(rendered(frame(3, text('abc'), 9)).toString('hex'), '0000000300000009616263');
});

t.test('a SUBMIT is a frame of type 1 with the four documented fields in order', async (t) => {
  const bytes = rendered(submit());
  t.equal(bytes.readUInt32BE(0), SUBMIT);
  t.equal(bytes.readUInt32BE(4), bytes.length - HEADER_BYTES);
  const message: Record<string, unknown> = JSON.parse(bytes.subarray(HEADER_BYTES).toString());
  t.strictSame(Object.keys(message), ['task_id', 'task_description', 'from_addr', 'to_addr']);
  t.ok(Object.values(message).every((value) => typeof value === 'string' && value !== ''));
  t.equal(message['task_id'], idOf(1));
});

t.test('an override replaces a token in its place, or adds a field after the others', async (t) => {
  const payload = rendered(submitPayload({ task_description: text('1.0'), extra: text('null') })).toString();
  t.match(
    payload,
    /^\{"task_id":"0+1","task_description":1\.0,"from_addr":"[^"]+","to_addr":"[^"]+","extra":null\}$/,
  );
});

t.test('members can repeat and be escaped', async (t) => {
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

t.test('nested values have the given depth', async () => {
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

t.test('messages of types 3 and 4 are legal, and an override replaces a token in its place', async (t) => {
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
});
