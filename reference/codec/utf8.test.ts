import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import t from 'tap';
import { text } from '../testing/arbitraries.ts';
import { toValidUtf8 } from './utf8.ts';

function decoded(hex: string): string {
  return toValidUtf8(Buffer.from(hex, 'hex')).toString();
}

t.test('each byte outside a well-formed character becomes one U+FFFD (M8)', (t) => {
  t.equal(decoded('f09f9a'), '\ufffd\ufffd\ufffd', 'truncated');
  t.equal(decoded('f09f9a41'), '\ufffd\ufffd\ufffdA', 'truncated, and the next character stays');
  t.equal(decoded('e282f09f9a80'), '\ufffd\ufffd\u{1f680}', 'truncated by a character');
  t.equal(decoded('c080'), '\ufffd\ufffd', 'overlong NUL');
  t.equal(decoded('c1bf'), '\ufffd\ufffd', 'overlong U+007F');
  t.equal(decoded('e09fbf'), '\ufffd\ufffd\ufffd', 'overlong U+07FF');
  t.equal(decoded('f08fbfbf'), '\ufffd\ufffd\ufffd\ufffd', 'overlong U+FFFF');
  t.equal(decoded('eda080'), '\ufffd\ufffd\ufffd', 'first surrogate');
  t.equal(decoded('edbfbf'), '\ufffd\ufffd\ufffd', 'last surrogate');
  t.equal(decoded('f4908080'), '\ufffd\ufffd\ufffd\ufffd', 'above U+10FFFF');
  t.equal(decoded('f5808080ff'), '\ufffd\ufffd\ufffd\ufffd\ufffd', 'bytes that never occur');
  t.equal(decoded('80'), '\ufffd', 'a continuation byte without a lead byte');
  t.equal(
    decoded('ff00c280dfbfe0a080ed9fbfee8080efbfbff0908080f48fbfbf'),
    '\ufffd\0\x80\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}',
    'boundaries',
  );
  t.end();
});

t.test('valid input is returned without a copy', (t) => {
  fc.assert(
    fc.property(text, (value) => {
      const bytes = new Uint8Array(Buffer.from(value));
      const valid = toValidUtf8(bytes);
      return valid.buffer === bytes.buffer && valid.toString() === value;
    }),
  );
  t.end();
});

t.test('valid text between invalid bytes is kept', (t) => {
  // The bytes 0xfe and 0xff are never part of a character.
  const parts = fc.array(fc.oneof(text, fc.constantFrom(0xfe, 0xff)), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(parts, (values) => {
      const bytes = values.map((part) =>
        typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part),
      );
      const expected = values.map((part) => (typeof part === 'number' ? '\ufffd' : part)).join('');
      return toValidUtf8(Buffer.concat(bytes)).toString() === expected;
    }),
  );
  t.end();
});

t.test('the result is always valid', (t) => {
  const bytes = fc.uint8Array({ min: 0x78 });
  fc.assert(
    fc.property(bytes, (input) => isUtf8(toValidUtf8(input))),
    { numRuns: 1000 },
  );
  t.end();
});
