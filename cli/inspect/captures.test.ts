import fc from 'fast-check';
import t from 'tap';
import { CaptureError } from '../../conformance/capture/capture-error.ts';
import { CaptureReader } from '../../conformance/capture/capture-reader.ts';
import { ConnectionPackets, captureHeader } from '../../conformance/capture/capture-writer.ts';
import { Inspection } from '../../conformance/inspect/inspection.ts';
import { ACK, captureOf, FIN } from '../../conformance/testing/captures.ts';
import { answer, submit, update } from '../../conformance/testing/traffic.ts';
import { UsageError } from '../core/errors.ts';
import { CaptureSource } from './captures.ts';

/** Of the flags, in an IPv4 packet with TCP. */
const FLAGS_AT = 20 + 13;

const SERVER = { host: '127.0.0.1', port: 1003 };

/** How the exchanges end. An open one is followed until the capture ends. */
const ENDS = ['fin', 'client resets', 'server resets', 'open'] as const;

/**
 * The packets of connections whose bytes are in segments of that size: a SUBMIT for each way to end, and an update. Each answer
 * is acknowledged four times, so that no three losses hide it.
 */
function packetsOf(segmentBytes: number): Buffer[] {
  return [...ENDS, undefined].flatMap((end, at) => {
    const packets = new ConnectionPackets({ host: '127.0.0.1', port: 40_000 + at }, SERVER);
    const atMs = 10 * (at + 1);
    const segments = (side: 'client' | 'server', bytes: Buffer): Buffer[] =>
      Array.from({ length: Math.ceil(bytes.length / segmentBytes) }, (_, nth) =>
        packets.data(side, bytes.subarray(nth * segmentBytes, (nth + 1) * segmentBytes), atMs + 1),
      );
    const exchange = [
      ...[packets.open(atMs)],
      ...segments('client', end === undefined ? update() : submit()),
      ...(end === undefined ? [] : segments('server', answer())),
      ...[0, 1, 2, 3].map(() => packets.acknowledge('client', atMs + 2)),
    ];
    if (end === 'open') return exchange;
    if (end === 'client resets') return [...exchange, packets.reset('client', atMs + 3)];
    if (end === 'server resets') return [...exchange, packets.reset('server', atMs + 3)];
    return [...exchange, packets.fin('client', atMs + 3), packets.fin('server', atMs + 4)];
  });
}

/** Later than any deadline, so that what is still open has waited in vain. */
const LATER = new ConnectionPackets({ host: '127.0.0.1', port: 50_000 }, SERVER).open(20_000);

/** The rules that are broken in a capture, and how many answers it holds. */
function inspected(file: Buffer): { rules: string[]; answers: number } {
  const inspection = new Inspection();
  const source = new CaptureSource({ inspection, onConversation: () => {}, ports: [] });
  source.push(file);
  source.end();
  const { broken, statuses } = inspection.statistics;
  return { rules: broken.map(({ rule }) => rule), answers: statuses.get('answer 200') ?? 0 };
}

t.test('nothing is lost: each answer is read', (t) => {
  const file = Buffer.concat([captureHeader(), ...packetsOf(100), LATER]);
  t.strictSame(inspected(file), { rules: [], answers: ENDS.length });
  t.end();
});

t.test(
  'packets cut at any length, with the ends in segments of their own or not: neither side is accused',
  (t) => {
    const packets = [...new CaptureReader().push(Buffer.concat([captureHeader(), ...packetsOf(200)]))];
    const whole = packets.map(({ bytes }) => Buffer.from(bytes));
    const ended = whole.map((packet) => Buffer.from(packet));
    for (const packet of ended) if (packet.length > 40) packet[FLAGS_AT] = FIN | ACK;
    for (const packets of [whole, ended])
      for (let snapLength = 40; snapLength <= 240; snapLength += 4)
        for (const format of ['pcap', 'pcapng', 'pcapng-simple'] as const) {
          const file = captureOf(packets, { format, endian: 'little', link: 'raw', snapLength });
          t.strictSame(inspected(file).rules, [], `${format}, ${snapLength} bytes`);
        }
    t.end();
  },
);

t.test('lost, doubled and exchanged packets: neither side is accused', (t) => {
  const damage = fc.record({
    segmentBytes: fc.integer({ min: 1, max: 200 }),
    lost: fc.array(fc.nat(), { maxLength: 3 }),
    again: fc.array(fc.nat(), { maxLength: 3 }),
    exchanged: fc.array(fc.nat(), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(damage, ({ segmentBytes, lost, again, exchanged }) => {
      const packets: Buffer[] = packetsOf(segmentBytes);
      // With the next one. A connection whose SYN comes after its reset would be another one.
      for (const at of exchanged) {
        const from = at % packets.length;
        const [one] = packets.splice(from, 1);
        if (one) packets.splice(from + 1, 0, one);
      }
      for (const at of again)
        packets.splice((at % packets.length) + 3, 0, packets[at % packets.length] ?? Buffer.alloc(0));
      for (const at of lost) packets.splice(at % packets.length, 1);
      const { rules } = inspected(Buffer.concat([captureHeader(), ...packets, LATER]));
      return rules.length === 0;
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('any damage to a file ends in a clear error, or in a reading', (t) => {
  const whole = Buffer.concat([captureHeader(), ...packetsOf(50)]);
  const edits = fc.array(fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }), { maxLength: 8 });
  fc.assert(
    fc.property(edits, fc.integer({ min: 1, max: whole.length }), (changes, length) => {
      const file = Buffer.from(whole.subarray(0, length));
      for (const { at, byte } of changes) if (at < length) file[at] = byte;
      try {
        inspected(file);
      } catch (error) {
        if (!(error instanceof CaptureError || error instanceof UsageError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
  t.end();
});
