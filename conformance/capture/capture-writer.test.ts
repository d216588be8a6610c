import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ConnectionPackets, captureHeader, type Endpoint } from './capture-writer.ts';
import { CapturedStreams } from './captured-streams.ts';

const CLIENT: Endpoint = { host: '10.0.0.1', port: 40_000 };
const SERVER: Endpoint = { host: '10.0.0.2', port: 1003 };

function streamsIn(file: Buffer) {
  const reader = new CapturedStreams({ streamBytes: 1 << 24 });
  const streams = [...reader.push(file), ...reader.end()];
  assert.equal(reader.counts.segments, reader.counts.packets, 'every packet is TCP over IP');
  return streams;
}

t.test('what was written is read again, in segments that fit a packet', (t) => {
  const bytes = fc
    .record({ length: fc.nat({ max: 200_000 }), step: fc.nat(255) })
    .map(({ length, step }) => Buffer.alloc(length).map((_, at) => at * step));
  fc.assert(
    fc.property(bytes, bytes, (request, answer) => {
      const packets = new ConnectionPackets(CLIENT, SERVER);
      const file = Buffer.concat([
        captureHeader(),
        packets.open(1000),
        packets.data('client', request, 1001.5),
        packets.data('server', answer, 1002),
        packets.fin('client', 1003),
        packets.fin('server', 1003),
      ]);
      const sent = (isClient: boolean) =>
        streamsIn(file).find((stream) => stream.isClient === isClient)?.bytes ?? Buffer.alloc(0);
      assert.ok(sent(true).equals(request));
      assert.ok(sent(false).equals(answer));
    }),
    { numRuns: 20 },
  );
  t.end();
});

t.test('addresses of either kind', (t) => {
  const ends = [
    ['127.0.0.1', '10.1.2.3', '127.0.0.1:5', '10.1.2.3:6'],
    ['::1', 'fe80::1%eth0', '[::1]:5', '[fe80::1]:6'],
    ['::ffff:127.0.0.1', '127.0.0.2', '[::ffff:7f00:1]:5', '[::ffff:7f00:2]:6'],
  ] as const;
  for (const [client, server, from, to] of ends) {
    const packets = new ConnectionPackets({ host: client, port: 5 }, { host: server, port: 6 });
    const file = [captureHeader(), packets.open(0), packets.data('client', Buffer.from('a'), 0)];
    t.match(streamsIn(Buffer.concat(file)), [{ from, to, toPort: 6, isClient: true }]);
  }
  t.end();
});

t.test('times are microseconds, and a comment stands at the first packet', (t) => {
  const packets = new ConnectionPackets(CLIENT, SERVER);
  const first = packets.open(1_700_000_000_123.456, 'an example');
  const time = (BigInt(first.readUInt32LE(12)) << 32n) | BigInt(first.readUInt32LE(16));
  t.equal(time, 1_700_000_000_123_456n);
  t.ok(first.includes('an example'));
  t.end();
});
