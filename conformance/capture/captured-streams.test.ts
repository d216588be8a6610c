import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  ACK,
  captureOf,
  FIN,
  type FileForm,
  ipPacket,
  LINK_HEADERS,
  type Side,
  SYN,
} from '../testing/captures.ts';
import { CaptureError } from './capture-error.ts';
import { CapturedStreams, type StreamOptions } from './captured-streams.ts';
import type { CapturedStream } from './stream-assembler.ts';

const CLIENT: Side = { host: '10.0.0.1', port: 40000 };
const SERVER: Side = { host: '10.0.0.2', port: 1003 };
const CLIENT_6: Side = { host: 'fd00:0:0:0:0:0:0:1', port: 40000 };
const SERVER_6: Side = { host: 'fd00:0:0:0:0:0:0:2', port: 1003 };
const FORM: FileForm = { format: 'pcap', endian: 'little', link: 'ethernet' };

/** What a capture holds, read in chunks of that size. */
function streamsIn(file: Buffer, options?: StreamOptions, chunkBytes = 65_536) {
  const reader = new CapturedStreams(options);
  const streams: CapturedStream[] = [];
  for (let at = 0; at < file.length; at += chunkBytes)
    streams.push(...reader.push(file.subarray(at, at + chunkBytes)));
  streams.push(...reader.end());
  return { streams, counts: reader.counts };
}

const textsIn = (file: Buffer, options?: StreamOptions) =>
  streamsIn(file, options).streams.map(({ bytes }) => bytes.toString('latin1'));

/** The packets of one side that sends the text in segments of that size. */
function sending(
  text: string,
  { size = 4, from = CLIENT, to = SERVER, sequence = 1000, synFlags = SYN } = {},
): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const packets = [ipPacket({ from, to, sequence, flags: synFlags })];
  for (let at = 0; at < bytes.length; at += size)
    packets.push(
      ipPacket({ from, to, sequence: sequence + 1 + at, flags: ACK, bytes: bytes.subarray(at, at + size) }),
    );
  packets.push(ipPacket({ from, to, sequence: sequence + 1 + bytes.length, flags: FIN | ACK }));
  return packets;
}

const form = fc.record({
  format: fc.constantFrom('pcap', 'pcapng', 'pcapng-simple'),
  endian: fc.constantFrom('little', 'big'),
  link: fc.constantFrom(...Object.keys(LINK_HEADERS)),
}) satisfies fc.Arbitrary<FileForm>;

t.test(
  'any format, link, order of segments, retransmission and chunks give the bytes that were sent',
  async () => {
    const sent = fc.record({
      text: fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 60 }),
      size: fc.integer({ min: 1, max: 9 }),
      sequence: fc.constantFrom(0, 1000, 2 ** 31 - 3, 2 ** 32 - 5),
      isIpv6: fc.boolean(),
      order: fc.array(fc.nat(), { minLength: 70, maxLength: 70 }),
      again: fc.array(fc.nat(), { maxLength: 5 }),
      form,
      chunkBytes: fc.constantFrom(1, 7, 100, 1 << 20),
    });
    fc.assert(
      fc.property(sent, ({ text, size, sequence, isIpv6, order, again, form, chunkBytes }) => {
        const [from, to] = isIpv6 ? [CLIENT_6, SERVER_6] : [CLIENT, SERVER];
        const packets = sending(text, { size, sequence, from, to });
        const repeated = again.map((nth) => packets[nth % packets.length] as Buffer);
        const shuffled = [...packets, ...repeated]
          .map((packet, nth) => [order[nth] ?? 0, packet] as const)
          .sort(([one], [other]) => one - other)
          .map(([, packet]) => packet);
        const { streams, counts } = streamsIn(captureOf(shuffled, form), {}, chunkBytes);
        assert.deepEqual(
          streams.map(({ bytes }) => bytes.toString('latin1')),
          [text],
        );
        assert.equal(streams[0]?.isWhole, true);
        assert.equal(streams[0]?.isClient, true);
        assert.equal(streams[0]?.from, isIpv6 ? '[fd00::1]:40000' : '10.0.0.1:40000');
        assert.equal(counts.isCut, false);
        assert.equal(counts.segments, counts.packets);
      }),
    );
  },
);

t.test('bytes that are no capture, or a damaged one, are a CaptureError or some streams', async (t) => {
  const capture = captureOf(sending('hello, this is a stream'), FORM);
  const next = captureOf(sending('hello, this is a stream'), { ...FORM, format: 'pcapng' });
  const damaged = fc
    .tuple(
      fc.constantFrom(capture, next),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.nat(),
    )
    .map(([file, edits, end]) => {
      const copy = Buffer.from(file);
      for (const [at, value] of edits) copy[at % copy.length] = value;
      return copy.subarray(0, end % 3 === 0 ? end % copy.length : undefined);
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 300 }).map(Buffer.from)), (bytes) => {
      try {
        streamsIn(bytes, {}, 50);
      } catch (error) {
        assert.ok(error instanceof CaptureError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
  t.throws(() => streamsIn(Buffer.from('{"id":1}')), { code: 'not-a-capture' });
  t.throws(() => streamsIn(Buffer.alloc(0)), { code: 'not-a-capture' });
});

t.test('connections are told apart, also with the same ports', async (t) => {
  const other = { ...CLIENT, port: 40001 };
  const [one, two] = [sending('one'), sending('two', { from: other })];
  const mixed = one.flatMap((packet, nth) => [packet, ...(two[nth] ? [two[nth]] : [])]);
  const again = sending('three', { sequence: 77_000 });
  t.strictSame(textsIn(captureOf([...mixed, ...again], FORM)).toSorted(), ['one', 'three', 'two']);
});

t.test('an answer is a stream of the other side', async (t) => {
  const answer = sending('answer', { from: SERVER, to: CLIENT, synFlags: SYN | ACK });
  const file = captureOf([...sending('request'), ...answer], FORM);
  t.match(streamsIn(file).streams, [
    { bytes: Buffer.from('request'), isClient: true, toPort: 1003 },
    { bytes: Buffer.from('answer'), isClient: false, toPort: 40000 },
  ]);
  t.strictSame([...streamsIn(file).counts.ports], [1003]);
  t.strictSame(textsIn(file, { select: ({ toPort }) => toPort === 1003 }), ['request']);
});

t.test(
  'what the capture lacks: a stream ends before a gap, and one without its beginning is left out',
  async (t) => {
    const packets = sending('abcdefghijkl');
    const lost = captureOf(packets.toSpliced(2, 1), FORM);
    t.match(streamsIn(lost).streams, [{ bytes: Buffer.from('abcd'), isWhole: false }]);
    const late = streamsIn(captureOf(packets.slice(1), FORM));
    t.strictSame([late.streams, late.counts.headless], [[], 1]);
    const cut = captureOf(packets, { ...FORM, snapLength: 14 + 20 + 20 + 2 });
    t.match(streamsIn(cut).streams, [{ bytes: Buffer.from('ab'), isWhole: false }]);
    const killed = captureOf(packets, FORM);
    t.match(streamsIn(killed.subarray(0, -60)), { streams: [{}], counts: { isCut: true } });
  },
);

t.test('memory is bounded: by stream, by all streams, and by what waits', async (t) => {
  const long = captureOf(sending('x'.repeat(5000), { size: 1000 }), FORM);
  t.match(streamsIn(long, { streamBytes: 1500 }).streams, [
    { bytes: Buffer.from('x'.repeat(1500)), isWhole: false },
  ]);
  const open = Array.from({ length: 50 }, (_, nth) =>
    sending('x'.repeat(100), { from: { ...CLIENT, port: nth + 1 } }).slice(0, -1),
  );
  const many = captureOf(open.flat(), FORM);
  const reader = new CapturedStreams({ streams: 10 });
  t.equal([...reader.push(many)].length, 40, 'the oldest end first');
  const all = new CapturedStreams({ totalBytes: 2000 });
  t.ok([...all.push(many)].length >= 30);
  const [syn = Buffer.alloc(0), , ...early] = sending('y'.repeat(2000), { size: 1 });
  t.strictSame(textsIn(captureOf([syn, ...early], FORM)), [], 'nothing precedes the gap');
});

t.test('other packets are passed over', async (t) => {
  const udp = ipPacket({ from: CLIENT, to: SERVER, sequence: 0, flags: 0 });
  udp[9] = 17;
  const fragment = ipPacket({ from: CLIENT, to: SERVER, sequence: 0, flags: 0, bytes: Buffer.from('no') });
  fragment.writeUInt16BE(100, 6);
  const short = Buffer.from([0x45, 0]);
  const file = captureOf([udp, fragment, short, ...sending('yes')], FORM);
  const { streams, counts } = streamsIn(file);
  t.match(streams, [{ bytes: Buffer.from('yes') }]);
  t.match(counts, { packets: 6, segments: 3, unknownLinks: 0 });
  const wifi = Buffer.from(captureOf(sending('yes'), FORM));
  wifi.writeUInt32LE(105, 20);
  t.match(streamsIn(wifi), { streams: [], counts: { packets: 3, segments: 0, unknownLinks: 3 } });
});
