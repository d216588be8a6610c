import t from 'tap';
import { readingsOf } from './broken-text.ts';
import { text } from './bytes.ts';

t.test('legal text has one reading', async (t) => {
  t.strictSame(readingsOf(text('a\\ud83d\\ude80\\nb')), ['a🚀\nb']);
});

/** Those with U+FFFD, and the same with a question mark. */
const either = (...readings: readonly string[]) => [
  ...readings,
  ...readings.map((reading) => reading.replaceAll('\ufffd', '?')),
];

t.test('a run of invalid bytes is read as one replacement or more, at most one for each byte', async (t) => {
  const raw = (hex: string) => ({ raw: Uint8Array.from(Buffer.from(hex, 'hex')) });
  t.strictSame(readingsOf(raw('e28261')), either('\ufffda', '\ufffd\ufffda'));
  t.strictSame(readingsOf(raw('80619f')), either('\ufffda\ufffd'));
  t.strictSame(
    readingsOf(raw('c0af61c0af')),
    either('\ufffda\ufffd', '\ufffda\ufffd\ufffd', '\ufffd\ufffda\ufffd', '\ufffd\ufffda\ufffd\ufffd'),
  );
});

t.test('the decoder of the platform gives one of the readings', async (t) => {
  for (const hex of ['80', 'e28261', 'c0af', 'eda080', 'f4908080', 'feff', '636166e9']) {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    t.ok(readingsOf({ raw: bytes }).includes(new TextDecoder().decode(bytes)), hex);
  }
});

t.test('lone surrogates are replaced', async (t) => {
  t.strictSame(readingsOf(text('\\ude80a\\ud83d')), either('\ufffda\ufffd'));
  t.strictSame(readingsOf(text('\\ude80\\ud83d')), either('\ufffd', '\ufffd\ufffd'));
});
