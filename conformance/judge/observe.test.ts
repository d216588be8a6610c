import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { PAYLOAD_CAP, render, SUBMIT, text } from '../scenario/bytes.ts';
import { frame, header } from '../scenario/messages.ts';
import type { TranscriptEntry, WireEvent } from '../wire/transcript.ts';
import { type Ending, type Observation, observe } from './observe.ts';

function at(atMs: number, event: WireEvent): TranscriptEntry {
  return { ...event, atMs };
}

function sent(bytes: number, tookMs = 0): WireEvent {
  return { kind: 'sent', head: new Uint8Array(), total: bytes, asked: bytes, segments: 1, tookMs };
}

function received(bytes: Uint8Array): WireEvent {
  return { kind: 'received', bytes };
}

function wire(type: number, payload: Uint8Array | string): Buffer {
  const bytes = typeof payload === 'string' ? text(payload) : { raw: payload };
  return Buffer.from(render(frame(type, bytes), String));
}

/** Whether the observation holds these bytes: whole frames at their beginning, and the number of all others. */
function holds({ frames, restBytes }: Observation, bytes: Buffer): boolean {
  const restored = Buffer.concat(frames.map(({ type, payload }) => wire(type, payload)));
  return restored.equals(bytes.subarray(0, restored.length)) && restored.length + restBytes === bytes.length;
}

function observeChunks(chunks: readonly Uint8Array[]): Observation {
  return observe([...chunks.map((chunk) => at(3, received(chunk))), at(4, { kind: 'fin' })]);
}

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const frames = fc.array(fc.tuple(u32, fc.uint8Array({ maxLength: 30 })), { maxLength: 4 });
const tail = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc
    .tuple(u32, fc.integer({ min: PAYLOAD_CAP - 1, max: 0xffffffff }), fc.uint8Array({ maxLength: 20 }))
    .map(([type, length, after]) => Buffer.concat([render(header(type, length), String), after])),
);
/** Complete frames, then arbitrary bytes. */
const stream = fc
  .tuple(frames, tail)
  .map(([complete, rest]) =>
    Buffer.concat([...complete.map(([type, payload]) => wire(type, payload)), rest]),
  );
const cuts = fc.array(fc.nat(), { maxLength: 6 });

/** The bytes cut at the given offsets; pieces can be empty. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

t.test('loses no byte, for any segmentation and any events between', async () => {
  const event = fc.oneof(
    stream.map(received),
    fc.uint8Array({ maxLength: 10 }).map(received),
    fc.constantFrom<WireEvent>(
      { kind: 'connected' },
      sent(10),
      { kind: 'sent-fin' },
      { kind: 'fin' },
      { kind: 'reset', code: 'ECONNRESET' },
      { kind: 'quiet', ms: 5 },
      { kind: 'deadline', ms: 5 },
      { kind: 'flood', keptBytes: 5 },
      { kind: 'connect-failed', code: 'ECONNREFUSED' },
      { kind: 'aborted' },
    ),
  );
  const transcript = fc.array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), event));
  fc.assert(
    fc.property(transcript, (events) => {
      const came = events.flatMap(([, { kind, ...rest }]) => ('bytes' in rest ? [rest.bytes] : []));
      return holds(observe(events.map(([ms, event]) => at(ms, event))), Buffer.concat(came));
    }),
  );
});

t.test('the same bytes give the same observation in any segmentation', async () => {
  fc.assert(
    fc.property(stream, cuts, (bytes, places) =>
      isDeepStrictEqual(observeChunks(cut(bytes, places)), observeChunks([bytes])),
    ),
  );
});

t.test('finds exactly the complete frames', async () => {
  fc.assert(
    fc.property(frames, fc.uint8Array({ maxLength: 7 }), (complete, rest) => {
      const bytes = Buffer.concat([...complete.map(([type, payload]) => wire(type, payload)), rest]);
      const observation = observeChunks([bytes]);
      return isDeepStrictEqual(
        observation.frames.map(({ type, payload }) => [type, [...payload]]),
        complete.map(([type, payload]) => [type, [...payload]]),
      );
    }),
  );
});

t.test('a header over the cap begins no frame, and neither do the bytes after it (F2)', async (t) => {
  const legal = wire(SUBMIT, '{}');
  const over = Buffer.from(render(header(SUBMIT, PAYLOAD_CAP + 1), String));
  const observation = observeChunks([legal, over, legal]);
  t.equal(observation.frames.length, 1);
  t.equal(observation.restBytes, over.length + legal.length);
  const whole = Buffer.alloc(8 + PAYLOAD_CAP + 1);
  whole.set(over);
  t.equal(observeChunks([whole]).frames.length, 0, 'not even when all of it came');
  const largest = whole.subarray(0, 8 + PAYLOAD_CAP);
  largest.set(render(header(SUBMIT, PAYLOAD_CAP), String));
  t.equal(observeChunks([largest]).frames.length, 1, 'the cap itself is within');
});

t.test('an incomplete frame is rest', async (t) => {
  const legal = wire(SUBMIT, '{}');
  for (let length = 0; length < legal.length; length += 1) {
    const { frames, restBytes } = observeChunks([legal.subarray(0, length)]);
    t.strictSame([frames.length, restBytes], [0, length]);
  }
});

t.test('the ending is the one of the transcript, or aborted without one', async (t) => {
  const endings: readonly Ending[] = [
    { kind: 'fin' },
    { kind: 'reset', code: 'EPIPE' },
    { kind: 'quiet', ms: 100 },
    { kind: 'deadline', ms: 5000 },
    { kind: 'flood', keptBytes: 9 },
    { kind: 'connect-failed', code: 'ECONNREFUSED' },
    { kind: 'aborted' },
  ];
  for (const ending of endings) t.match(observe([at(1, ending)]).ending, ending);
  t.equal(observe([at(0, { kind: 'connected' }), at(1, sent(1))]).ending.kind, 'aborted');
  t.equal(observe([at(0, { kind: 'connected' }), at(1, { kind: 'sent-fin' })]).ending.kind, 'aborted');
  t.equal(observe([]).ending.kind, 'aborted');
});

t.test('the answer time runs from the last byte sent to the last byte of the first frame', async (t) => {
  const answer = wire(SUBMIT, '{}');
  const after = (...entries: TranscriptEntry[]) => observe(entries).answeredAfterMs;
  t.equal(after(at(10, sent(5, 30)), at(100, received(answer))), 60, 'sending took a while');
  t.equal(after(at(10, sent(5)), at(20, sent(5, 2)), at(100, received(answer))), 78, 'the last send counts');
  t.equal(
    after(at(0, sent(5)), at(10, received(answer.subarray(0, 9))), at(25, received(answer.subarray(9)))),
    25,
    'the frame is complete with its last byte',
  );
  t.equal(
    after(at(0, sent(5)), at(5, received(answer)), at(50, received(answer))),
    5,
    'a second one is ignored',
  );
  t.equal(after(at(10, sent(5, 40)), at(30, received(answer))), 0, 'an answer before the end of the sending');
  t.equal(after(at(0, sent(5)), at(5, received(answer.subarray(1)))), undefined, 'no frame, no time');
  t.notOk('answeredAfterMs' in observe([]));
});
