import fc from 'fast-check';
import t from 'tap';
import { printable, printableBytes } from './printable.ts';

// Written as ranges, so that it shares nothing with what it checks: everything but C0, DEL and C1, and then the soft
// hyphen, Arabic marks, zero-width and bidi characters, separators, byte order marks, tags and lone surrogates.
const NO_CONTROLS = /^[\u0020-\u007e\u00a0-\u{10ffff}]*$/u;
const TREACHEROUS =
  /[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}\u{f0000}-\u{10ffff}]/u;

function isHarmless(shown: string): boolean {
  return NO_CONTROLS.test(shown) && !TREACHEROUS.test(shown);
}

/** Arbitrary UTF-16 units, with frequent special ones. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        '\x1b[2J',
        '\x9b31m',
        '\x07',
        '\r\n',
        '\u202e',
        '\u2066',
        '\u2028',
        '\u200b',
        '\ud83d',
        '🚀',
      ),
    ),
  )
  .map((pieces) => pieces.join(''));

t.test('no character that acts on a terminal or is invisible remains', async () => {
  fc.assert(fc.property(hostile, fc.nat(50), (value, limit) => isHarmless(printable(value, limit))));
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    if (!isHarmless(printable(String.fromCharCode(unit)))) throw new Error(`U+${unit.toString(16)}`);
  }
});

t.test('bytes are shown as safely as their text', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    hostile.map((value) => Buffer.from(value)),
  );
  fc.assert(
    fc.property(bytes, fc.nat(30), (value, limit) => {
      const shown = printableBytes(value, limit);
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
      return isHarmless(shown) && shown === printable(text, limit);
    }),
  );
});

t.test('printable ASCII and ordinary text pass unchanged', async () => {
  const ascii = fc.string({ unit: 'binary-ascii' }).map((value) => value.replace(/[^ -~]/g, '~'));
  fc.assert(fc.property(ascii, (value) => printable(value) === value));
  const text = 'Zusammenfassung: 要約 résumé 🚀';
  t.equal(printable(text), text);
  t.equal(printableBytes(Buffer.from(text)), text);
});

t.test("an escape shows the character's code", async (t) => {
  t.equal(printable('a\nb\rc\td'), 'a\\nb\\rc\\td');
  t.equal(printable('\x1b[31m\x9b'), '\\x1b[31m\\x9b');
  t.equal(printable('\u202e\ufeff\ud800\u{e0041}'), '\\u{202e}\\u{feff}\\u{d800}\\u{e0041}');
  t.equal(printableBytes(Uint8Array.of(0x61, 0xff, 0x00)), 'a\ufffd\\x00');
});

t.test('the limit holds, and an ellipsis marks a cut', async (t) => {
  t.equal(printable('a'.repeat(200)), 'a'.repeat(200));
  t.equal(printable('a'.repeat(201)), `${'a'.repeat(200)}…`);
  t.equal(printable('abc', 2), 'ab…');
  t.equal(printable('abc', 0), '…');
  t.equal(printable('', 0), '');
  t.equal(printableBytes(Buffer.from('abc'), 2), 'ab…');
  t.equal(printableBytes(Buffer.alloc(1000, 'a'), 120), `${'a'.repeat(120)}…`);
  const longest = '\\u{10ffff}'.length;
  fc.assert(
    fc.property(hostile, fc.nat(50), (value, limit) => printable(value, limit).length <= longest * limit + 1),
  );
});

t.test('a character of two units is shown whole or not at all', async (t) => {
  t.equal(printable('🚀🚀', 3), '🚀…');
  t.equal(printable('🚀', 1), '…');
  t.equal(printable('a🚀', 3), 'a🚀');
  t.equal(printable('a\ud83d', 2), 'a\\u{d83d}', 'a lone half is shown as one');
  t.equal(printableBytes(Buffer.from('🚀🚀'), 3), '🚀…');
});
