import fc from 'fast-check';
import t from 'tap';
import { PAYLOAD_CAP, render, text } from '../scenario/bytes.ts';
import { frame, header } from '../scenario/messages.ts';
import { difference } from './difference.ts';

const bytesOf = (payload: string, type = 1, declaredLength?: number): Buffer =>
  Buffer.from(render(frame(type, text(payload), declaredLength), String));

const USUAL = '{"id":"abc","text":"one two","to":"x"}';

/** What is sent, with the part that differs from USUAL in brackets. */
const PAYLOADS: readonly string[] = [
  '{"id":⟦1⟧,"text":"one two","to":"x"}',
  '{"id":⟦[1,2]⟧,"text":"one two","to":"x"}',
  '{"id":"⟦⟧","text":"one two","to":"x"}',
  '{"id":"⟦abd⟧","text":"one two","to":"x"}',
  '{"id":"⟦éé⟧","text":"one two","to":"x"}',
  '{"id":"⟦../⟧abc","text":"one two","to":"x"}',
  '{"id":"abc","text":"one two","to":"x"⟦,"n":NaN⟧}',
  '{"id":"abc","text":"one two","to":"x"⟦,⟧}',
  '{⟦// c\n⟧"id":"abc","text":"one two","to":"x"}',
  '{"id":"abc"⟦⟧,"to":"x"}',
  '{⟦⟧"text":"one two","to":"x"}',
  '{"id":"abc","text":"one two"⟦⟧}',
  '{"id":"abc","text":"one two","to":"x"}⟦}⟧',
  '{"id":"abc","text":"one two","to":"x"}⟦{"id":"abc","text":"one two","to":"x"}⟧',
  '{"id":"abc"⟦⟧',
  '⟦200⟧',
];

t.test('the part of a payload that differs is found, in whole tokens and members', async (t) => {
  for (const marked of PAYLOADS) {
    const sent = bytesOf(marked.replace(/[⟦⟧]/g, ''));
    const span = difference(sent, bytesOf(USUAL));
    t.ok(span, marked);
    if (span === undefined) continue;
    const [before, inside, after] = [
      sent.subarray(8, span.offset),
      sent.subarray(span.offset, span.offset + span.bytes),
      sent.subarray(span.offset + span.bytes),
    ];
    t.equal(`${before}⟦${inside}⟧${after}`, marked);
  }
  t.equal(difference(bytesOf(USUAL), bytesOf(USUAL)), undefined);
});

t.test('in a header, the field that differs is marked', async (t) => {
  const usual = bytesOf(USUAL);
  const length = { offset: 4, bytes: 4 };
  t.strictSame(difference(bytesOf(USUAL, 5), usual), { offset: 0, bytes: 4 });
  t.strictSame(difference(bytesOf('{}', 5), usual), { offset: 0, bytes: 8 });
  t.strictSame(difference(bytesOf(USUAL, 1, 99), usual), length);
  t.strictSame(difference(bytesOf('', 1, 0), usual), length);
  const headerOf = (declared: number) => Buffer.from(render(header(1, declared), String));
  t.strictSame(difference(headerOf(PAYLOAD_CAP + 1), headerOf(PAYLOAD_CAP)), length);
  t.strictSame(
    difference(Buffer.concat([headerOf(PAYLOAD_CAP + 1), Buffer.from('  ')]), headerOf(PAYLOAD_CAP)),
    length,
  );
});

t.test('where a stream ends too early, and what follows a frame, is marked', async (t) => {
  const usual = bytesOf(USUAL);
  for (const bytes of [1, 4, 8, 20, usual.length - 1])
    t.strictSame(difference(usual.subarray(0, bytes), usual), { offset: bytes, bytes: 0 });
  const two = Buffer.concat([usual, usual]);
  t.strictSame(difference(two, usual), { offset: usual.length, bytes: usual.length });
});

t.test('a difference is within the bytes, and equal bytes have none', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(...'{}[]",:aé') }).map((payload) => bytesOf(payload)),
  );
  fc.assert(
    fc.property(bytes, bytes, (sent, usual) => {
      const span = difference(sent, usual);
      if (span === undefined) return Buffer.from(sent).equals(usual);
      return span.offset >= 0 && span.bytes >= 0 && span.offset + span.bytes <= sent.length;
    }),
  );
});
