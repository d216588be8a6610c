import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Slab } from './slab.ts';

t.test('memory that was returned is never returned again', (t) => {
  const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(5000)), { maxLength: 100 });
  fc.assert(
    fc.property(lengths, (lengths) => {
      const slab = new Slab();
      const taken = lengths.map((length, index) => slab.allocate(length).fill(index));
      return taken.every(
        (bytes, index) => bytes.length === lengths[index] && bytes.every((byte) => byte === index),
      );
    }),
  );
  t.end();
});

t.test('text is encoded as the platform encodes it, and does not change later', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 2000 }),
    fc.array(fc.constantFrom('a', 'é', '漢', '🙂', '\ud800', '\udc00')).map((units) => units.join('')),
  );
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const slab = new Slab();
      const encoded = texts.map((text) => slab.utf8Bytes(text));
      for (const [index, bytes] of encoded.entries()) {
        deepStrictEqual(bytes, new TextEncoder().encode(texts[index]));
      }
    }),
  );
  t.end();
});
