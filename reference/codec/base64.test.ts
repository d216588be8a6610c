import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { base64Length, decodeBase64, writeBase64 } from './base64.ts';

/** The definition of standard base64. */
const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Writes the letters between two other bytes and returns them. */
function encoded(bytes: Uint8Array): Buffer {
  const length = base64Length(bytes);
  const target = Buffer.alloc(length + 2, '!');
  strictEqual(writeBase64(bytes, target, 1), length);
  strictEqual(`${target[0]} ${target.at(-1)}`, '33 33', 'the bytes around the letters stay');
  return target.subarray(1, -1);
}

t.test('bytes of any length are encoded as by the platform, and decoded again', (t) => {
  // Includes lengths around the number of bytes that are encoded at a time.
  const length = fc.oneof(fc.nat(100), fc.integer({ min: 24_500, max: 24_600 }), fc.nat(100_000));
  fc.assert(
    fc.property(length, fc.nat(255), (length, first) => {
      const bytes = Uint8Array.from({ length }, (_, at) => first + at * 7 + (at >> 8));
      const letters = encoded(bytes);
      strictEqual(letters.toString(), Buffer.from(bytes).toString('base64'));
      deepStrictEqual(decodeBase64(letters), bytes);
    }),
  );
  t.end();
});

t.test('decoding accepts only the standard form (M10)', (t) => {
  const letters = fc.constantFrom(
    'A',
    'Q',
    'z',
    '9',
    '+',
    '/',
    '=',
    '==',
    '-',
    '_',
    ' ',
    '\n',
    '\0',
    'Ł',
    'AAAA',
    'BB==',
  );
  const nearly = fc.tuple(fc.base64String(), fc.array(letters, { maxLength: 6 }), fc.base64String());
  const input = fc.oneof(
    fc.array(letters).map((parts) => parts.join('')),
    nearly.map((parts) => parts.flat().join('')),
  );
  fc.assert(
    fc.property(input, (text) => (decodeBase64(Buffer.from(text)) !== undefined) === STANDARD.test(text)),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('the unused bits of the last letter do not matter (M10)', (t) => {
  t.strictSame(decodeBase64(Buffer.from('AB==')), new Uint8Array([0]));
  t.strictSame(decodeBase64(Buffer.from('AAF=')), new Uint8Array([0, 1]));
  t.end();
});
