import fc from 'fast-check';
import t from 'tap';
import type { Marks } from '../evidence/span.ts';
import { PAYLOAD_CAP, render, text } from '../scenario/bytes.ts';
import { frame, header } from '../scenario/messages.ts';
import type { TranscriptEntry, WireEvent } from '../wire/transcript.ts';
import { annotate } from './annotate.ts';

function wire(type: number, payload: string, declaredLength?: number): Buffer {
  return Buffer.from(render(frame(type, text(payload), declaredLength), String));
}

function sent(head: Uint8Array, total = head.length, asked = total): WireEvent {
  return { kind: 'sent', head, total, asked, segments: 1, tookMs: 0 };
}

function received(bytes: Uint8Array): WireEvent {
  return { kind: 'received', bytes };
}

function annotated(...events: readonly WireEvent[]): string[] {
  return annotate(events.map((event, index): TranscriptEntry => ({ ...event, atMs: index })));
}

/** The lines that show bytes, as [offset, hex, meaning]. */
function fields(lines: readonly string[]): string[][] {
  return lines.flatMap((line) => {
    const [, ...parts] = /^ {14}([0-9a-f]{6}) {2}((?:[0-9a-f]{2} )*(?:… )?) *(.*)$/.exec(line) ?? [];
    return parts.length > 0 ? [parts.map((part) => part.replace(/ +/g, ' ').trim())] : [];
  });
}

t.test('the fields of a frame have their offsets', async (t) => {
  t.strictSame(fields(annotated(received(wire(1, '{"a":"é"}')))), [
    ['000000', '00 00 00 01', 'type 1 SUBMIT'],
    ['000004', '00 00 00 0a', 'length 10'],
    ['000008', '7b 22 61 22 3a 22 c3 a9 …', 'payload {"a":"é"}'],
  ]);
  t.strictSame(
    fields(annotated(sent(wire(0x101, '')))),
    [
      ['000000', '00 00 01 01', 'type 257 UNKNOWN'],
      ['000004', '00 00 00 00', 'length 0'],
    ],
    'an empty payload has no line',
  );
});

t.test('consecutive frames are shown one by one, the first three in full', async (t) => {
  const lines = annotated(received(Buffer.concat([1, 2, 3, 4].map((type) => wire(type, 'ab')))));
  t.strictSame(
    fields(lines).map(([offset, , meaning]) => `${offset} ${meaning}`),
    [
      ...['000000 type 1 SUBMIT', '000004 length 2', '000008 payload ab'],
      ...['00000a type 2 RESULT', '00000e length 2', '000012 payload ab'],
      ...['000014 type 3 STATUS_UPDATE', '000018 length 2', '00001c payload ab'],
    ],
  );
  t.match(lines.at(-1), / 10 more bytes$/);
});

t.test('the segments do not change the fields', async (t) => {
  const bytes = Buffer.concat([wire(1, '{"a":1}'), wire(2, '{}')]);
  const ways = [received, sent];
  for (const way of ways) {
    const whole = fields(annotated(way(bytes)));
    for (let at = 0; at <= bytes.length; at += 1) {
      t.strictSame(fields(annotated(way(bytes.subarray(0, at)), way(bytes.subarray(at)))), whole);
    }
  }
});

t.test('consecutive reads are one line', async (t) => {
  const bytes = wire(1, '{}');
  const pieces = [...bytes].map((byte) => received(Uint8Array.of(byte)));
  const lines = annotated(...pieces, sent(bytes), received(bytes)).filter((line) => / ms /.test(line));
  t.strictSame(
    lines.map((line) => line.trim()),
    ['0.0 ms ← received 10 bytes in 10 pieces', '10.0 ms → sent 10 bytes', '11.0 ms ← received 10 bytes'],
  );
  t.match(annotated(received(Uint8Array.of(1))).join('\n'), /received 1 byte$/m);
});

t.test('an incomplete header and an incomplete payload are reported', async (t) => {
  const legal = wire(1, 'abcd');
  for (let length = 1; length < 8; length += 1) {
    const [field] = fields(annotated(received(legal.subarray(0, length))));
    t.match(field?.[2], new RegExp(`^${length} of the 8 bytes`));
  }
  t.match(annotated(received(legal.subarray(0, 8))).at(-1), / 4 bytes of the payload are missing/);
  t.match(annotated(received(legal.subarray(0, 11))).at(-1), / 1 byte of the payload is missing/);
});

t.test('a length over the cap is called so, the cap itself is not', async (t) => {
  const meaning = (length: number) =>
    fields(annotated(sent(Buffer.from(render(header(1, length), String)))))[1]?.[2];
  t.equal(meaning(PAYLOAD_CAP), `length ${PAYLOAD_CAP}`);
  t.match(meaning(PAYLOAD_CAP + 1), /over the cap/);
  t.match(meaning(0xffffffff), /4294967295.*over the cap/);
});

t.test('of a long send the kept beginning is shown and the rest is counted', async (t) => {
  const bytes = wire(1, 'a'.repeat(5000));
  t.strictSame(
    annotated(sent(bytes.subarray(0, 4096), bytes.length), sent(Buffer.from('later')))
      .slice(2)
      .map((line) => line.trim().replace(/ +/g, ' ')),
    [
      '→ sent in total: 5013 bytes',
      '000000 00 00 00 01 type 1 SUBMIT',
      '000004 00 00 13 88 length 5000',
      `000008 61 61 61 61 61 61 61 61 … payload ${'a'.repeat(80)}…`,
      '5 more bytes',
    ],
  );
  const short = wire(1, 'abcde');
  t.equal(
    fields(annotated(sent(short.subarray(0, 10), 13), sent(Buffer.from('XY'))))[2]?.[2],
    'payload ab',
    'what was sent behind a gap is not shown in its place',
  );
  const twice = Buffer.concat([wire(1, 'a'), wire(1, 'b')]);
  const cut = annotated(sent(twice.subarray(0, 12), twice.length));
  t.notMatch(cut.join('\n'), /of the 8 bytes/, 'the second header was sent, but not kept');
  t.match(cut.at(-1), / 9 more bytes$/);
});

t.test('bytes that the target did not accept are not shown as sent', async (t) => {
  const bytes = wire(1, '{"a":1}');
  t.match(annotated(sent(bytes, 0, bytes.length)), [/sent 0 bytes of 15: the target accepted no more/]);
  t.match(annotated(sent(bytes, 5, bytes.length)).at(-1), /5 of the 8 bytes/);
});

t.test('every event has a line with its time', async (t) => {
  const lines = annotated(
    { kind: 'connected' },
    { kind: 'sent', head: new Uint8Array(), total: 0, asked: 0, segments: 3, tookMs: 0 },
    { kind: 'sent-fin' },
    { kind: 'fin' },
    { kind: 'reset', code: 'ECONNRESET' },
    { kind: 'quiet', ms: 100 },
    { kind: 'deadline', ms: 5000.4 },
    { kind: 'flood', keptBytes: 70_000 },
    { kind: 'connect-failed', code: 'ECONNREFUSED' },
    { kind: 'aborted' },
  );
  t.match(lines, [
    / 0\.0 ms → connected/,
    / 1\.0 ms → sent 0 bytes in 3 pieces/,
    / 2\.0 ms → sent FIN/,
    / 3\.0 ms ← FIN/,
    / 4\.0 ms ← reset: ECONNRESET/,
    / 5\.0 ms .*silence for 100 ms/,
    / 6\.0 ms .*after 5000 ms/,
    / 7\.0 ms ← more than 70000 bytes/,
    / 8\.0 ms ← no connection: ECONNREFUSED/,
    / 9\.0 ms .*interrupted/,
  ]);
  t.equal(lines.length, 10);
  t.strictSame(annotate([]), []);
});

/** The meanings of the lines that have brackets. */
function marked(event: WireEvent, marks: Marks): string[] {
  const lines = annotate([{ ...event, atMs: 0 }], marks).filter((line) => line.includes('⟦'));
  return lines.map((line) => line.replace(/^ *([0-9a-f]{6} {2}.{26} )?/, ''));
}

t.test('what the marks name is in brackets', async (t) => {
  const short = wire(1, '{"id":1,"text":"é"}', 21);
  const inSent = (offset: number, bytes: number) => marked(sent(short), { sent: { offset, bytes } });
  t.strictSame(inSent(0, 4), ['type    ⟦1 SUBMIT⟧']);
  t.strictSame(inSent(4, 4), ['length  ⟦21⟧']);
  t.strictSame(inSent(0, 8), ['type    ⟦1 SUBMIT⟧', 'length  ⟦21⟧']);
  t.strictSame(inSent(14, 1), ['payload {"id":⟦1⟧,"text":"é"}']);
  t.strictSame(inSent(9, 0), ['payload {⟦missing⟧"id":1,"text":"é"}']);
  t.strictSame(inSent(short.length, 0), ['⟦1 byte of the payload is missing⟧']);
  t.strictSame(inSent(400, 1), [], 'the target did not accept as much');
  const whole = wire(1, '{"id":1}');
  t.strictSame(marked(sent(whole), { sent: { offset: whole.length, bytes: 0 } }), [
    'payload {"id":1}⟦missing⟧',
  ]);
  const more = Buffer.concat([whole, Buffer.from('abc')]);
  t.strictSame(marked(received(more), { received: { offset: whole.length, bytes: 3 } }), [
    '⟦3 of the 8 bytes of a header⟧',
  ]);
  t.strictSame(marked(received(whole), { received: { offset: 14, bytes: 1 } }), ['payload {"id":⟦1⟧}']);
});

t.test('in a long payload, the marked part has a line of its own with the bytes around it', async (t) => {
  const payload = `{"text":"${'a'.repeat(300)}","n":NaN,"more":"${'b'.repeat(300)}"}`;
  const offset = 8 + payload.indexOf(',"n"');
  const lines = annotated(sent(wire(1, payload)));
  const [, , shown] = fields(lines);
  t.equal(shown?.[2], `payload {"text":"${'a'.repeat(71)} …525 bytes… ${'b'.repeat(22)}"}`, 'without marks');
  const withMarks = annotate([{ ...sent(wire(1, payload)), atMs: 0 }], { sent: { offset, bytes: 8 } });
  t.strictSame(fields(withMarks).slice(2), [
    [
      '000008',
      '7b 22 74 65 78 74 22 3a …',
      `payload {"text":"${'a'.repeat(39)} …557 bytes… ${'b'.repeat(22)}"}`,
    ],
    [
      offset.toString(16).padStart(6, '0'),
      '2c 22 6e 22 3a 4e 61 4e',
      `differs … ${'a'.repeat(39)}"⟦,"n":NaN⟧,"more":"${'b'.repeat(15)} …`,
    ],
  ]);
  const long = { offset: 8 + 9, bytes: 300 };
  t.strictSame(marked(received(wire(1, payload)), { received: long }), [
    `fault   {"text":"⟦${'a'.repeat(36)} …300 bytes…⟧ …`,
  ]);
});

t.test('a marked part that is not kept is shown from the bytes around it', async (t) => {
  const bytes = wire(1, 'a'.repeat(5000));
  const around = { offset: 4000, hex: Buffer.from(`${'a'.repeat(64)}é${'a'.repeat(9)}`).toString('hex') };
  t.strictSame(
    marked(sent(bytes.subarray(0, 2048), bytes.length), { sent: { offset: 4064, bytes: 2, around } }),
    [`differs … ${'a'.repeat(40)}⟦é⟧${'a'.repeat(9)}`],
  );
  t.strictSame(marked(sent(bytes.subarray(0, 2048), bytes.length), { sent: { offset: 4064, bytes: 2 } }), []);
});

t.test('a mark cuts no character, and what it marks is escaped', async (t) => {
  const payload = Buffer.from(`${'é'.repeat(100)}\x1b[2J${'é'.repeat(100)}`);
  const bytes = Buffer.concat([Buffer.from(render(header(1, payload.length), String)), payload]);
  const [line = ''] = marked(received(bytes), { received: { offset: 208, bytes: 4 } });
  t.match(line, /^fault {3}… é{20}⟦\\x1b\[2J⟧é+ …$/);
  t.notMatch(line, '\ufffd');
});

t.test('a hostile payload is escaped', async (t) => {
  const lines = annotated(received(wire(1, '\x1b[2J\r\n::error::x\u202ey\u2028')));
  t.equal(fields(lines)[2]?.[2], 'payload \\x1b[2J\\r\\n::error::x\\u{202e}y\\u{2028}');
});

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary' }).map((value) => wire(1, value)),
  fc.tuple(fc.nat(), fc.string()).map(([length, value]) => wire(1, value, length)),
);
const code = fc.oneof(fc.constant('ECONNRESET'), fc.string({ unit: 'binary' }));
const event: fc.Arbitrary<WireEvent> = fc.oneof(
  bytes.map(received),
  fc.tuple(bytes, fc.nat(60), fc.nat(60)).map(([head, total, more]) => sent(head, total, total + more)),
  code.map((code) => ({ kind: 'reset', code }) as const),
  code.map((code) => ({ kind: 'connect-failed', code }) as const),
  fc.constantFrom<WireEvent>({ kind: 'connected' }, { kind: 'sent-fin' }, { kind: 'quiet', ms: 1 }),
  fc.constantFrom<WireEvent>({ kind: 'fin' }, { kind: 'deadline', ms: 1 }, { kind: 'aborted' }),
);

t.test('no transcript gives a control character, or more lines than fit a screen', async () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const lines = annotated(...events);
      // Header lines, payloads, missing and further bytes: at most 14 lines in each direction besides the events.
      return (
        lines.length <= events.length + 28 &&
        lines.every((line) => /^[ -~\u00a0-\u{10ffff}]*$/u.test(line) && !/[\u202a-\u202e\u2028]/.test(line))
      );
    }),
  );
});

t.test(
  'where a client connects to the kit, each line says whose doing it is, and the client is first',
  async (t) => {
    const bytes = Buffer.from('0000000100000000', 'hex');
    const lines = annotate(
      [
        { kind: 'connected', atMs: 0 },
        { kind: 'received', bytes, atMs: 1 },
        { kind: 'sent', head: bytes, total: 8, asked: 9, segments: 1, tookMs: 0, atMs: 2 },
        { kind: 'fin', atMs: 3 },
      ],
      {},
      'client',
    ).map((line) => line.trim());
    t.strictSame(lines.slice(0, 5), [
      '0.0 ms client → connected',
      '1.0 ms client → sent 8 bytes',
      '2.0 ms ← kit sent 8 bytes of 9: the client accepted no more',
      '3.0 ms client → FIN: the client closed the connection',
      'client → sent in total: 8 bytes',
    ]);
    t.ok(lines.indexOf('← kit sent in total: 8 bytes') > 4);
    t.notMatch(lines.join('\n'), /target/);
  },
);
