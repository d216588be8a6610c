import t from 'tap';
import { hexDump } from './hex-dump.ts';

const stream = (length: number) => ({ offset: 0, bytes: Buffer.alloc(length, 'a') });

t.test('marks bytes in hex and as text, also across rows', async (t) => {
  t.strictSame(hexDump([{ offset: 0, bytes: Buffer.from('<ab>') }], 4, { offset: 1, bytes: 2 }), [
    `000000  3c <mark>61 62</mark> 3e ${' '.repeat(35)}  &lt;<mark>ab</mark>&gt;`,
  ]);
  const [one, two] = hexDump([stream(32)], 32, { offset: 15, bytes: 2 });
  t.match(one, / <mark>61<\/mark> {2}a{15}<mark>a<\/mark>$/);
  t.match(two, /^000010 {2}<mark>61<\/mark> 61/);
});

t.test('a mark without bytes is a gap before a byte, or after the last', async (t) => {
  t.match(hexDump([stream(3)], 3, { offset: 1, bytes: 0 })[0], /61 <mark class="gap">61<\/mark> 61/);
  t.match(hexDump([stream(3)], 3, { offset: 3, bytes: 0 })[0], /61 <mark class="gap"> {2}<\/mark>/);
  t.equal(hexDump([stream(16)], 16, { offset: 16, bytes: 0 }).length, 1);
});

t.test('shows the first 16 rows, and those around a later mark', async (t) => {
  t.strictSame(hexDump([stream(300)], 5000, undefined).slice(16), ['4744 more bytes']);
  const kept = [stream(300), { offset: 4000, bytes: Buffer.alloc(200, 'b') }];
  const lines = hexDump(kept, 5000, { offset: 4100, bytes: 1 });
  t.equal(lines[16], '3824 more bytes');
  t.match(lines[17], /^000ff0/);
  t.match(lines[18], /<mark>62<\/mark>/);
  t.equal(lines.at(-1), '840 more bytes');
  t.strictSame(hexDump(kept, 5000, { offset: 3000, bytes: 1 }).slice(16), ['4744 more bytes'], 'not kept');
  t.strictSame(hexDump([], 5, undefined), []);
});
