import fc from 'fast-check';
import t from 'tap';
import { shownBytes } from './shown-bytes.ts';

/** A frame of type 1. */
function frame(payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(1, 0);
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

t.test('each header is in hex, also where its bytes are letters', async (t) => {
  const long = frame('a'.repeat(0x7b));
  t.equal(shownBytes(long), `\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x7b${'a'.repeat(0x7b)}`);
  t.equal(
    shownBytes(Buffer.concat([frame('{}'), frame('\n')])),
    '\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x02{}\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x01\\n',
  );
  t.equal(shownBytes(Buffer.from('GET')), '\\x47\\x45\\x54', 'less than a header');
  t.equal(shownBytes(Buffer.alloc(0)), '');
});

t.test('what is left out is counted', async (t) => {
  t.match(shownBytes(frame('a'.repeat(5000))), /^(?:\\x..){8}a{208}… \(4792 bytes left out\)$/);
  t.match(shownBytes(frame('é'.repeat(500))), /é… \(\d+ bytes left out\)$/, 'no character is cut in half');
  t.match(shownBytes(frame('ab'), 1), /ab… \(1 byte left out\)$/, 'what was not kept counts');
});

t.test('any bytes fit a few lines, and nothing is lost', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(300), (bytes, declared) => {
      if (bytes.length >= 8) new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, declared);
      const text = shownBytes(bytes);
      return text.length < 280 && !/\p{Cc}/u.test(text);
    }),
  );
});
