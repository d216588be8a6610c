import fc from 'fast-check';
import t from 'tap';
import { decodeUtf8, isSameText } from './utf8.ts';

/** The result of the platform's decoder. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const odd = ['efbbbf', 'eda080', 'c080', 'f4908080', 'f09f9a80', 'e282', 'ff'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(...odd),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    ),
  )
  .map((parts) => Buffer.concat(parts));

t.test('decodes as the platform does, and keeps the byte order mark', async () => {
  fc.assert(fc.property(bytes, (input) => decodeUtf8(input) === decoded(input)));
});

t.test('a lone surrogate compares as U+FFFD', async (t) => {
  t.ok(isSameText('a\ud800b', 'a\ufffdb'));
  t.ok(isSameText('a\ufffdb', 'a\ufffdb'));
  t.ok(isSameText('🚀', '🚀'));
  t.notOk(isSameText('ab', 'a\ufffdb'));
  t.notOk(isSameText('a\ufffdb', 'ab'));
});
