import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { base64Length, decodeBase64, writeBase64 } from './base64.ts';

/** The definition, far slower than what it judges. */
const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Writes them amid other bytes, and returns the letters. */
function encoded(bytes: Uint8Array): Buffer {
  const length = base64Length(bytes);
  const target = Buffer.alloc(length + 2, '!');
  strictEqual(writeBase64(bytes, target, 1), length);
  strictEqual(`${target[0]} ${target.at(-1)}`, '33 33', 'the bytes around them stay');
  return target.subarray(1, -1);
}

t.test('encodes as the platform does, at any length, and decodes it', (t) => {
  // Around the length that is encoded at a time, as well.
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

t.test('accepts the standard form and nothing else (M10)', (t) => {
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
