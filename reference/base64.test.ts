import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decodeBase64, encodeBase64 } from './base64.ts';

/** The definition, far slower than what it judges. */
const STANDARD = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

t.test('decodes what it encodes', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      deepStrictEqual(decodeBase64(Buffer.from(encodeBase64(bytes))), bytes);
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
