import fc from 'fast-check';
import t from 'tap';
import { ObjectReader, type ObjectReading } from './object-reader.ts';
import { isPlainAscii } from './plain-ascii.ts';

const LIMITS = { names: new Set(['a']), units: 8 };

function read(bytes: Uint8Array, pieces: number): ObjectReading {
  const reader = new ObjectReader(LIMITS);
  for (let at = 0; at < bytes.length; at += pieces) reader.push(bytes.subarray(at, at + pieces));
  return reader.end();
}

t.test('the same reading, however the bytes are cut', async () => {
  const value = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(
      value,
      fc.integer({ min: 1, max: 50 }),
      fc.uint8Array({ maxLength: 2 }),
      (a, pieces, noise) => {
        const text = Buffer.from(JSON.stringify({ a, b: a.repeat(3) }));
        const bytes = Buffer.concat([text.subarray(0, 12), noise, text.subarray(12)]);
        return (
          JSON.stringify(read(bytes, pieces), shown) === JSON.stringify(read(bytes, bytes.length), shown)
        );
      },
    ),
  );
});

function shown(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

t.test('plain bytes are those that a JSON string holds without escapes', async () => {
  const ordinary = fc.integer({ min: 0x20, max: 0x7e });
  fc.assert(
    fc.property(
      fc.array(ordinary, { minLength: 4, maxLength: 40 }),
      fc.nat(39),
      fc.nat(255),
      (all, at, byte) => {
        const bytes = Uint8Array.from(all);
        if (at < bytes.length) bytes[at] = byte;
        return (
          isPlainAscii(bytes) ===
          bytes.every((one) => one >= 0x20 && one < 0x80 && one !== 0x22 && one !== 0x5c)
        );
      },
    ),
  );
});

t.test('a control within the part of a string that is not kept', async (t) => {
  const bytes = Buffer.from(`{"a":"${'x'.repeat(100)}\n${'x'.repeat(100)}"}`);
  for (const pieces of [1, 16, 64, 1000]) t.match(read(bytes, pieces), { problem: { code: 'not-json' } });
});
