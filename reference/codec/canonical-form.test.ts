import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ProtocolError } from '../protocol/errors.ts';
import type { Int64, SubmitRequest, SubmitResponse } from '../protocol/message-types.ts';
import { looseText, submitRequest, submitResponse } from '../testing/arbitraries.ts';
import { ObjectCodec } from './json-object.ts';
import { marshalSubmitRequest, marshalSubmitResponse } from './message.ts';

interface Pair {
  readonly name: string;
  readonly count: Int64;
  readonly last: string;
}

/** Tables without a template. */
const pair = new ObjectCodec<Pair>({
  name: { wire: 'name', kind: 'string' },
  count: { wire: 'count', kind: 'int64' },
  last: { wire: 'last', kind: 'string' },
});
const request = new ObjectCodec<SubmitRequest>({
  taskId: { wire: 'task_id', kind: 'string' },
  taskDescription: { wire: 'task_description', kind: 'string' },
  fromAddr: { wire: 'from_addr', kind: 'string' },
  toAddr: { wire: 'to_addr', kind: 'string' },
});
const response = new ObjectCodec<SubmitResponse>({
  taskId: { wire: 'task_id', kind: 'string' },
  status: { wire: 'status', kind: 'int64' },
  message: { wire: 'message', kind: 'string' },
});

/** What `decode` gives: a value, or the code and the message of a ProtocolError. */
function outcomeOf(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, message: error.message };
    throw error;
  }
}

function decodesAlike(payload: Uint8Array): void {
  deepStrictEqual(
    outcomeOf(() => pair.decode(payload)),
    outcomeOf(() => pair.decodeAny(payload)),
  );
}

const EVERY_UNIT = Array.from({ length: 0x3000 }, (_, unit) => String.fromCharCode(unit));
const NUMBERS = [
  '0',
  '-0',
  '-1',
  '01',
  '1.0',
  '1e3',
  '',
  'null',
  '"1"',
  '9007199254740993',
  '999999999999999',
];

t.test('a canonical payload, and one like it, reads as by the grammar', (t) => {
  const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.bigInt().map(String));
  const string = fc.oneof(
    looseText.map((value) => JSON.stringify(value)),
    looseText.map((value) => `"${value}"`),
  );
  const payload = fc
    .tuple(string, number, string)
    .map(([name, count, last]) => `{"name":${name},"count":${count},"last":${last}}`);
  fc.assert(
    fc.property(payload, (text) => decodesAlike(Buffer.from(text))),
    { numRuns: 1000 },
  );
  const bytes = Buffer.from('{"name":"a task","count":-12,"last":"0:0000.0000.0001"}');
  for (let at = 0; at <= bytes.length; at++) {
    decodesAlike(bytes.subarray(0, at));
    for (let byte = 0; byte < 256; byte++) {
      decodesAlike(Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + 1)]));
    }
  }
  for (const end of ['\n', ' ', '{}', '\0']) decodesAlike(Buffer.concat([bytes, Buffer.from(end)]));
  for (const length of [960, 1000, 1024, 5000, 100_000]) {
    decodesAlike(pair.encode({ name: 'x'.repeat(length), count: 1, last: '' }));
  }
  t.end();
});

t.test('the templates of the SUBMIT and of its answer give what their tables give (M12)', (t) => {
  const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
  const isRequest = (value: SubmitRequest) =>
    same(marshalSubmitRequest(value).payload, request.encode(value));
  const isResponse = (value: SubmitResponse) =>
    same(marshalSubmitResponse(value).payload, response.encode(value));
  fc.assert(fc.property(submitRequest, isRequest));
  fc.assert(fc.property(submitResponse, isResponse));
  fc.assert(fc.property(looseText, (taskId) => isResponse({ taskId, status: 200, message: '' })));
  const plain = { taskId: 'a', taskDescription: 'b', fromAddr: 'c', toAddr: 'd' };
  const differing = EVERY_UNIT.filter(
    (unit) => !isRequest({ ...plain, taskId: unit }) || !isRequest({ ...plain, toAddr: `x${unit}y` }),
  );
  t.strictSame(differing, []);
  t.ok(isRequest({ ...plain, taskDescription: 'x'.repeat(100_000) }));
  for (const status of [0, -0, 200, -1, Number.MAX_SAFE_INTEGER, 2n ** 63n - 1n])
    t.ok(isResponse({ taskId: '', status, message: '' }), String(status));
  for (const status of [0.5, Number.NaN, 2 ** 60, '200', undefined])
    t.throws(() => marshalSubmitResponse({ taskId: '', status: status as number, message: '' }), TypeError);
  for (const taskId of [undefined, null, 1, {}])
    t.throws(() => marshalSubmitRequest({ ...plain, taskId: taskId as unknown as string }), TypeError);
  t.end();
});
