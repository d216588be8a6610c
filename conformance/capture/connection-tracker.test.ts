import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ACK, FIN, ipPacket, type Side, SYN } from '../testing/captures.ts';
import { type CapturedEvent, ConnectionTracker } from './connection-tracker.ts';
import { segmentInIp } from './segment.ts';

const CLIENT: Side = { host: '10.0.0.1', port: 40_000 };
const SERVER: Side = { host: '10.0.0.2', port: 1003 };
const RST = 4;

interface Sent {
  readonly side: '>' | '<';
  readonly flags?: number;
  readonly text?: string;
  /** Bytes of the text that the capture holds. Default: all. */
  readonly kept?: number;
  /** Counts from the SYN, which is 0. */
  readonly at: number;
  /** What of the other side is acknowledged; likewise. */
  readonly ack?: number;
}

const BASE = 0xffff_fff0;

function packetOf({ side, flags = ACK, text = '', at, ack }: Sent): Buffer {
  const [from, to] = side === '>' ? [CLIENT, SERVER] : [SERVER, CLIENT];
  const packet = ipPacket({ from, to, sequence: BASE + at, flags, bytes: Buffer.from(text) });
  packet.writeUInt32BE((BASE + (ack ?? 0)) >>> 0, 28);
  return packet;
}

/** The events in short: `>abc`, `<fin`, `>gap`, `end`. Bytes of a side that follow each other are joined. */
function told(packets: readonly Sent[]): string[] {
  const tracker = new ConnectionTracker();
  const events: CapturedEvent[] = [];
  const keep = (event: CapturedEvent): void => {
    events.push(event.kind === 'bytes' ? { ...event, bytes: Uint8Array.from(event.bytes) } : event);
  };
  for (const [atMs, packet] of packets.entries()) {
    const whole = packetOf(packet);
    const cut = (packet.text?.length ?? 0) - (packet.kept ?? packet.text?.length ?? 0);
    const segment = segmentInIp(whole.subarray(0, whole.length - cut));
    assert.ok(segment);
    for (const event of tracker.push(segment, atMs)) keep(event);
  }
  for (const event of tracker.end(packets.length)) keep(event);
  return events.flatMap((event): string[] => {
    if (event.kind === 'begin') return [];
    if (event.kind === 'end') return [event.isOpen ? 'end, open' : 'end'];
    const side = event.from === 'sender' ? '>' : '<';
    return [`${side}${event.kind === 'bytes' ? Buffer.from(event.bytes) : event.kind}`];
  });
}

const OPEN: readonly Sent[] = [
  { side: '>', flags: SYN, at: 0 },
  { side: '<', flags: SYN | ACK, at: 0, ack: 1 },
];
const REQUEST: Sent = { side: '>', text: 'ab', at: 1, ack: 1 };
const ANSWER: Sent = { side: '<', text: 'x', at: 1, ack: 3 };
const CLOSE: readonly Sent[] = [
  { side: '<', flags: FIN | ACK, at: 2, ack: 3 },
  { side: '>', flags: FIN | ACK, at: 3, ack: 3 },
];

const TABLE: readonly (readonly [name: string, packets: readonly Sent[], events: readonly string[]])[] = [
  ['an exchange', [...OPEN, REQUEST, ANSWER, ...CLOSE], ['>ab', '<x', '<fin', '>fin', 'end']],
  ['a connection that goes on', [...OPEN, REQUEST], ['>ab', 'end, open']],
  ['what was sent twice', [...OPEN, REQUEST, REQUEST, ANSWER], ['>ab', '<x', 'end, open']],
  ['a reset', [...OPEN, REQUEST, { side: '<', flags: RST | ACK, at: 1, ack: 3 }], ['>ab', '<reset', 'end']],
  ['a segment that is missing, before an answer to it', [...OPEN, ANSWER], ['>gap', '<x', 'end, open']],
  [
    'the end of a segment is missing, before the other side ends',
    [...OPEN, { ...REQUEST, text: 'a' }, { ...ANSWER, text: '', flags: FIN | ACK }],
    ['>a', '>gap', '<fin', 'end, open'],
  ],
  [
    'cut segments that also end their sides',
    [...OPEN, { ...REQUEST, flags: FIN | ACK, kept: 1 }, { ...ANSWER, flags: FIN | ACK, ack: 4, kept: 0 }],
    ['>a', '>gap', '>fin', '<gap', '<fin', 'end'],
  ],
  [
    'a segment of which only the headers are captured, before an answer',
    [...OPEN, { ...REQUEST, kept: 0 }, ANSWER],
    ['>gap', '<x', 'end, open'],
  ],
  [
    'an answer that is missing, before a reset that its number shows',
    [...OPEN, REQUEST, { side: '<', flags: RST, at: 2 }],
    ['>ab', '<gap', '<reset', 'end'],
  ],
  [
    'an answer that is missing, before a reset after the acknowledgement of it',
    [...OPEN, REQUEST, { side: '>', at: 3, ack: 2 }, { side: '<', flags: RST, at: 1 }],
    ['>ab', '<gap', '<reset', 'end'],
  ],
  [
    'the same, and the sender resets',
    [...OPEN, REQUEST, { side: '>', at: 3, ack: 2 }, { side: '>', flags: RST, at: 3 }],
    ['>ab', '<gap', '>reset', 'end'],
  ],
  [
    'an answer that is missing, and its acknowledgement at the end',
    [...OPEN, REQUEST, { side: '>', at: 3, ack: 2 }],
    ['>ab', '<gap', 'end, open'],
  ],
  [
    'an answer that is missing, and a number that shows it at the end',
    [...OPEN, REQUEST, { side: '<', at: 2, ack: 3 }],
    ['>ab', '<gap', 'end, open'],
  ],
  [
    'an acknowledgement that was captured before what it acknowledges',
    [...OPEN, REQUEST, { side: '>', at: 3, ack: 2 }, ANSWER],
    ['>ab', '<x', 'end, open'],
  ],
  [
    'acknowledgements of ends, and a reset after them',
    [
      ...OPEN,
      REQUEST,
      ANSWER,
      { side: '<', flags: FIN | ACK, at: 2, ack: 3 },
      { side: '>', at: 3, ack: 3 },
      { side: '>', flags: RST | ACK, at: 3, ack: 3 },
    ],
    ['>ab', '<x', '<fin', '>reset', 'end'],
  ],
  [
    'a connection that is refused',
    [
      { side: '>', flags: SYN, at: 0 },
      { side: '<', flags: RST | ACK, at: 16, ack: 1 },
    ],
    ['<reset', 'end'],
  ],
  [
    'segments in another order',
    [...OPEN, { ...REQUEST, text: 'b', at: 2 }, { ...REQUEST, text: 'a' }, ANSWER],
    ['>a', '>b', '<x', 'end, open'],
  ],
  [
    'the beginning is not in the capture',
    [REQUEST, ANSWER, ...CLOSE],
    ['<gap', '>gap', '<fin', '>fin', 'end'],
  ],
  [
    'a segment of an ended connection, and the same ports again',
    [...OPEN, REQUEST, ANSWER, ...CLOSE, ANSWER, { side: '>', flags: SYN, at: 500 }],
    ['>ab', '<x', '<fin', '>fin', 'end', 'end, open'],
  ],
];

for (const [name, packets, events] of TABLE)
  t.test(name, (t) => {
    t.strictSame(told(packets), events);
    t.end();
  });

t.test('segments in any order, some of them twice, give the same bytes', (t) => {
  const pieces = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(7)), (order, again) => {
      const sent = [...order, ...again].map(
        (piece): Sent => ({ side: '>', text: 'abcdefgh'.slice(piece, piece + 2), at: 1 + piece, ack: 1 }),
      );
      const events = told([...OPEN, ...sent]);
      const bytes = events.filter((event) => event.startsWith('>')).map((event) => event.slice(1));
      return bytes.join('') === 'abcdefgh';
    }),
  );
  t.end();
});
