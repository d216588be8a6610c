import fc from 'fast-check';
import t from 'tap';
import { CaptureError } from '../../conformance/capture/capture-error.ts';
import { ConnectionPackets, captureHeader } from '../../conformance/capture/capture-writer.ts';
import { Inspection } from '../../conformance/inspect/inspection.ts';
import { answer, submit, update } from '../../conformance/testing/traffic.ts';
import { UsageError } from '../core/errors.ts';
import { CaptureSource } from './captures.ts';

const SERVER = { host: '127.0.0.1', port: 1003 };

/** The packets of connections whose bytes are in segments of that size. */
function packetsOf(segmentBytes: number): Buffer[] {
  return [0, 1, 2].flatMap((at) => {
    const packets = new ConnectionPackets({ host: '127.0.0.1', port: 40_000 + at }, SERVER);
    const begin = 1000 * (at + 1);
    const request = at === 2 ? update() : submit();
    const segments: Buffer[] = [];
    for (let from = 0; from < request.length; from += segmentBytes)
      segments.push(packets.data('client', request.subarray(from, from + segmentBytes), begin + 1));
    const opening = packets.open(begin);
    const closing = [packets.fin('client', begin + 4), packets.fin('server', begin + 5)];
    return [
      opening,
      ...segments,
      ...(at === 2 ? [] : [packets.data('server', answer(), begin + 2)]),
      ...closing,
    ];
  });
}

/** The rules that are broken in a capture, and how many conversations it holds. */
function inspected(file: Buffer): { rules: string[]; conversations: number } {
  const inspection = new Inspection();
  const source = new CaptureSource({ inspection, onConversation: () => {}, ports: [] });
  source.push(file);
  source.end();
  const { broken, conversations } = inspection.statistics;
  return { rules: broken.map(({ rule }) => rule), conversations };
}

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
      for (const at of exchanged) {
        const [one] = packets.splice(at % packets.length, 1);
        if (one) packets.splice((at % packets.length) + 1, 0, one);
      }
      for (const at of again) packets.push(packets[at % packets.length] ?? Buffer.alloc(0));
      for (const at of lost) packets.splice(at % packets.length, 1);
      const { rules } = inspected(Buffer.concat([captureHeader(), ...packets]));
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
