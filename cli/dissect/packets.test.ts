import t from 'tap';
import { readPackets } from './packets.ts';

/** As tcpdump 4.99 printed it. */
const REAL = `05:12:31.434060 IP localhost.20031 > localhost.55948: Flags [S.], seq 3407758193, ack 3369459376, win 65483, length 0
	0x0000:  4500 003c 0000 4000 4006 3cba 7f00 0001  E..<..@.@.<.....
	0x0010:  7f00 0001 4e3f da8c cb1e 4371 c8d5 deb0  ....N?....Cq....
	0x0020:  a012 ffcb fe30 0000 0204 ffd7 0402 080a  .....0..........
	0x0030:  89ef 4302 2c67 143c 0103 030a            ..C.,g.<....
05:12:31.436662 IP localhost.55948 > localhost.20031: Flags [P.], seq 1:143, ack 1, win 64, length 142
	0x0000:  4500 00c2 abfa 4000 4006 9039 7f00 0001  E.....@.@..9....
	0x0010:  7f00 0001 da8c 4e3f c8d5 deb0 cb1e 4372  ......N?......Cr
	0x0020:  8018 0040 feb6 0000 0101 080a 2c67 143f  ...@........,g.?
	0x0030:  89ef 4302 0000 0001 0000 0086 7b22 7461  ..C.........{"ta
	0x0040:  736b 5f69 6422 3a22 3430 6663 6365 6336  sk_id":"40fccec6
	0x0050:  2d39 6665 312d 3161 3636 2d31 3235 662d  -9fe1-1a66-125f-
	0x0060:  3239 3332 3435 3432 6465 6533 222c 2274  29324542dee3","t
	0x0070:  6173 6b5f 6465 7363 7269 7074 696f 6e22  ask_description"
	0x0080:  3a22 5375 6d6d 6172 6973 6520 7468 6520  :"Summarise.the.
	0x0090:  7061 7065 7222 2c22 6672 6f6d 5f61 6464  paper","from_add
	0x00a0:  7222 3a22 222c 2274 6f5f 6164 6472 223a  r":"","to_addr":
	0x00b0:  2231 3237 2e30 2e30 2e31 3a32 3030 3331  "127.0.0.1:20031
	0x00c0:  227d                                     "}
`;

interface Packet {
  readonly ports?: readonly [number, number];
  readonly sequence: number;
  readonly isFirst?: boolean;
  readonly data?: string;
}

function tcp({ ports: [from, to] = [4000, 1003], sequence, isFirst = false, data = '' }: Packet): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header[12] = 6 << 4;
  header[13] = isFirst ? 2 : 0x18;
  return Buffer.concat([header, Buffer.from(data)]);
}

function ipv4(packet: Packet, { offload = false, trailer = '', ...fields } = {}): Buffer {
  const { protocol = 6, fragment = 0 } = fields as { protocol?: number; fragment?: number };
  const segment = tcp(packet);
  const header = Buffer.from('450000000000400040060000c0000201c0000202', 'hex');
  header.writeUInt16BE(offload ? 0 : header.length + segment.length, 2);
  header.writeUInt16BE(fragment, 6);
  header[9] = protocol;
  return Buffer.concat([header, segment, Buffer.from(trailer)]);
}

function ipv6(packet: Packet, extensions = Buffer.alloc(0), first = 6): Buffer {
  const segment = Buffer.concat([extensions, tcp(packet)]);
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(segment.length, 4);
  header[6] = first;
  header[23] = header[39] = 1;
  return Buffer.concat([header, segment]);
}

const ethernet = (packet: Buffer, type = '0800'): Buffer =>
  Buffer.concat([Buffer.from(`4500000000026600000000${'00'}${type}`, 'hex'), packet]);

/** As tcpdump -x prints packets. */
function printed(packets: readonly Buffer[]): string {
  return packets
    .map((packet) => {
      const rows = packet.toString('hex').match(/.{1,32}/g) ?? [];
      const lines = rows.map(
        (row, index) =>
          `\t0x${(16 * index).toString(16).padStart(4, '0')}:  ${row.replace(/.{4}(?=.)/g, '$& ')}`,
      );
      return ['12:00:00.000000 IP a > b: Flags [P.], length 1', ...lines, ''].join('\n');
    })
    .join('');
}

const streams = (...packets: Buffer[]): unknown =>
  readPackets(printed(packets))?.map(({ name, bytes }) => [name, bytes.toString()]);

const V4 = '192.0.2.1:4000 > 192.0.2.2:1003';
const V6 = '[::1]:4000 > [::1]:1003';

t.test('what tcpdump prints', async (t) => {
  for (const text of [REAL, REAL.replaceAll('\n', '\r\n'), REAL.replaceAll(/^\d.*\n/gm, '')]) {
    const [stream, ...others] = readPackets(text) ?? [];
    t.same(others, []);
    t.equal(stream?.name, '127.0.0.1:55948 > 127.0.0.1:20031');
    t.equal(stream?.bytes.subarray(0, 8).toString('hex'), '0000000100000086');
    t.match(stream?.bytes.subarray(8).toString(), /^\{"task_id":.*"\}$/);
  }
});

t.test('packets of any kind', async (t) => {
  const hopByHop = Buffer.from('2c00000000000000', 'hex');
  const fragment = Buffer.from('0600000000000000', 'hex');
  for (const [what, packets, expected] of [
    ['in order', [ipv4({ sequence: 5, data: 'ab' }), ipv4({ sequence: 7, data: 'cd' })], [[V4, 'abcd']]],
    ['out of order', [ipv4({ sequence: 7, data: 'cd' }), ipv4({ sequence: 5, data: 'ab' })], [[V4, 'abcd']]],
    [
      'sent twice, and overlapping',
      [
        ipv4({ sequence: 5, data: 'ab' }),
        ipv4({ sequence: 5, data: 'ab' }),
        ipv4({ sequence: 4, data: 'x' }),
        ipv4({ sequence: 6, data: 'bcd' }),
      ],
      [[V4, 'xabcd']],
    ],
    [
      'a probe that keeps the connection',
      [
        ipv4({ sequence: 4, isFirst: true }),
        ipv4({ sequence: 5, data: 'ab' }),
        ipv4({ sequence: 6, data: 'b' }),
      ],
      [[V4, 'ab']],
    ],
    [
      'sequence numbers that begin again at 0',
      [ipv4({ sequence: -2, data: 'ab' }), ipv4({ sequence: 0, data: 'cd' })],
      [[V4, 'abcd']],
    ],
    [
      'both directions',
      [ipv4({ sequence: 5, data: 'ab' }), ipv4({ sequence: 9, data: 'cd', ports: [1003, 4000] })],
      [
        [V4, 'ab'],
        ['192.0.2.1:1003 > 192.0.2.2:4000', 'cd'],
      ],
    ],
    [
      'ports that are used again',
      [
        ipv4({ sequence: 4, isFirst: true }),
        ipv4({ sequence: 4, isFirst: true }),
        ipv4({ sequence: 5, data: 'ab' }),
        ipv4({ sequence: 900, isFirst: true }),
        ipv4({ sequence: 901, data: 'cd' }),
      ],
      [
        [V4, 'ab'],
        [V4, 'cd'],
      ],
    ],
    ['bytes after the packet', [ipv4({ sequence: 5, data: 'ab' }, { trailer: 'xx' })], [[V4, 'ab']]],
    [
      'a length that the network card fills in',
      [ipv4({ sequence: 5, data: 'ab' }, { offload: true })],
      [[V4, 'ab']],
    ],
    [
      'Ethernet',
      [ethernet(ipv4({ sequence: 5, data: 'ab' })), ethernet(ipv4({ sequence: 7 }))],
      [[V4, 'ab']],
    ],
    ['IPv6', [ipv6({ sequence: 5, data: 'ab' })], [[V6, 'ab']]],
    [
      'IPv6 with more headers',
      [ipv6({ sequence: 5, data: 'ab' }, Buffer.concat([hopByHop, fragment]), 0)],
      [[V6, 'ab']],
    ],
    ['IPv6 over Ethernet', [ethernet(ipv6({ sequence: 5, data: 'ab' }), '86dd')], [[V6, 'ab']]],
    [
      'other packets between',
      [
        ipv4({ sequence: 5, data: 'ab' }),
        Buffer.alloc(30),
        ipv4({ sequence: 0 }, { protocol: 17 } as object),
      ],
      [[V4, 'ab']],
    ],
  ] as const)
    t.strictSame(streams(...packets), expected, what);
});

t.test('dumps that cannot be decoded are one line', async (t) => {
  const gap = printed([ipv4({ sequence: 5, data: 'ab' }), ipv4({ sequence: 17, data: 'cd' })]);
  for (const [text, message] of [
    [gap, /^192\.0\.2\.1:4000 > 192\.0\.2\.2:1003: 10 bytes at 2 are not in the dump; tcpdump -s 0 prints/],
    [printed([ipv4({ sequence: 5 })]), /^no packet of the dump carries data$/],
    [printed([Buffer.alloc(20), Buffer.alloc(20)]), /^none of the 2 packets is TCP over IP$/],
    [REAL.replace('0x0020', '0x0021'), /^line 4: offset 0x0021 does not count the bytes above it$/],
    [REAL.replace('4500', 'xyz'), /^line 2: no hex digits after the offset: xyz/],
  ] as const)
    t.throws(() => readPackets(text), { name: 'UsageError', message });
});

t.test('other dumps are no packets', async (t) => {
  for (const text of [
    '',
    'hello',
    '00000000: 0000 0001 0000 0002  ....',
    '\t0x0000:  0000 0001 0000 0002 7b7d  ......',
  ])
    t.equal(readPackets(text), undefined, text);
});
