import fc from 'fast-check';
import t from 'tap';
import { encodeFrame } from '../codec/frame.ts';
import { marshalTaskResultMessage, marshalTaskStatusUpdate } from '../codec/message.ts';
import {
  MAX_JUSTIFICATION_BYTES,
  MAX_PAYLOAD_BYTES,
  MAX_RESULT_TEXT_BYTES,
  MAX_TASK_DESCRIPTION_BYTES,
} from '../protocol/constants.ts';
import { frameHeader, request, submitFrame } from '../testing/samples.ts';
import { Session, type SessionEvent } from './session.ts';

const update = { taskId: 'a', status: 'ACCEPTED', justification: '' };
const results = {
  taskId: 'a',
  resultType: 'text',
  resultText: 'done',
  completedAt: '2026-01-02T03:04:05Z',
};
const statusFrame = encodeFrame(marshalTaskStatusUpdate(update));
const resultsFrame = encodeFrame(marshalTaskResultMessage(results));

function frame(type: number, payload: string): Uint8Array {
  return encodeFrame({ type, payload: Buffer.from(payload) });
}

/** All events of a session that receives `chunks` and then the end of the stream. */
function eventsOf(chunks: readonly Uint8Array[], maxFrames?: number): SessionEvent[] {
  const session = new Session(maxFrames);
  const events: SessionEvent[] = [];
  const drain = () => {
    for (let event = session.next(); event !== undefined; event = session.next()) events.push(event);
  };
  for (const chunk of chunks) {
    session.push(chunk);
    drain();
  }
  session.end();
  drain();
  return events;
}

/** An event as one word: its kind, or the code of the violation. */
function label(event: SessionEvent): string {
  return event.kind === 'violation' ? event.error.code : event.kind;
}

function labels(chunks: readonly Uint8Array[], maxFrames?: number): string[] {
  return eventsOf(chunks, maxFrames).map(label);
}

t.test('every legal message gives its event, then the session ends', async (t) => {
  t.strictSame(eventsOf([submitFrame()]), [{ kind: 'submit', request }, { kind: 'end' }]);
  t.strictSame(eventsOf([statusFrame]), [{ kind: 'status-update', update }, { kind: 'end' }]);
  t.strictSame(eventsOf([resultsFrame]), [{ kind: 'results', message: results }, { kind: 'end' }]);
  t.strictSame(labels([]), ['end'], 'a peer that sends nothing does not break the protocol');
});

t.test('the bound on a description counts bytes of UTF-8 and is inclusive (S5)', async (t) => {
  const longest = 'é'.repeat(MAX_TASK_DESCRIPTION_BYTES / 2);
  t.strictSame(labels([submitFrame({ taskDescription: longest })]), ['submit', 'end']);
  const over = { ...request, taskDescription: `${longest}x` };
  const { taskId } = over;
  t.strictSame(eventsOf([submitFrame(over)]), [{ kind: 'oversized-submit', taskId }, { kind: 'end' }]);
});

t.test('of a message over another bound, nothing is kept (U4, R2)', async (t) => {
  const justification = 'x'.repeat(MAX_JUSTIFICATION_BYTES);
  const withText = (text: string): Uint8Array =>
    encodeFrame(marshalTaskStatusUpdate({ ...update, justification: text }));
  t.strictSame(labels([withText(justification)]), ['status-update', 'end']);
  t.strictSame(eventsOf([withText(`${justification}x`)]), [
    { kind: 'oversized', code: 'justification-too-long', clause: 'U4' },
    { kind: 'end' },
  ]);
  const resultText = 'x'.repeat(MAX_RESULT_TEXT_BYTES + 1);
  t.strictSame(eventsOf([encodeFrame(marshalTaskResultMessage({ ...results, resultText }))]), [
    { kind: 'oversized', code: 'result-text-too-long', clause: 'R2' },
    { kind: 'end' },
  ]);
});

t.test('a violation is the last event', async (t) => {
  const cases: [string, Uint8Array, string][] = [
    ['type 2 (F7)', frame(2, '{}'), 'unexpected-type'],
    ['type 0 (F7)', frame(0, '{}'), 'unexpected-type'],
    ['all 32 bits of a type count (F6)', frame(0x101, '{}'), 'unexpected-type'],
    ['an empty payload (F8)', frame(1, ''), 'malformed-json'],
    ['malformed JSON (S6)', frame(1, '{"task_id":'), 'malformed-json'],
    ['a field of the wrong type (M4)', frame(3, '{"task_id":7}'), 'malformed-field'],
    ['a length over the cap (F2)', frameHeader(1, MAX_PAYLOAD_BYTES + 1), 'frame-too-large'],
    ['end inside a header (F4)', frameHeader(1, 2).subarray(0, 7), 'frame-truncated'],
    ['end before a payload (F4)', frameHeader(1, 2), 'frame-truncated'],
    ['end inside a payload (F4)', submitFrame().subarray(0, -1), 'frame-truncated'],
  ];
  for (const [what, bytes, code] of cases) t.strictSame(labels([bytes], 3), [code], what);
  t.strictSame(
    labels([frame(2, '{}'), submitFrame()], 3),
    ['unexpected-type'],
    'frames after it are not served',
  );
});

t.test('frames are served up to the limit, further bytes are ignored (T2)', async (t) => {
  const twoAndABit = Buffer.concat([submitFrame(), statusFrame, Buffer.from([0, 0])]);
  t.strictSame(labels([twoAndABit]), ['submit', 'end']);
  t.strictSame(labels([twoAndABit], 2), ['submit', 'status-update', 'end']);
  t.strictSame(labels([twoAndABit], 3), ['submit', 'status-update', 'frame-truncated']);
});

t.test('awaiting is the part of a frame that the next byte belongs to', async (t) => {
  const session = new Session(2);
  const bytes = submitFrame();
  t.equal(session.awaiting, 'header');
  session.push(bytes.subarray(0, 7));
  t.equal(session.next(), undefined);
  t.equal(session.awaiting, 'header');
  session.push(bytes.subarray(7, 8));
  t.equal(session.next(), undefined);
  t.equal(session.awaiting, 'payload');
  session.push(bytes.subarray(8));
  t.match(session.next(), { kind: 'submit' });
  t.equal(session.awaiting, 'header');
});

t.test('segmentation does not change the events (F3)', async () => {
  const piece = fc.oneof(
    fc.constantFrom(submitFrame(), statusFrame, resultsFrame, frame(1, 'null')),
    fc.constantFrom(frame(1, '[]'), frame(2, '{}'), frameHeader(1, MAX_PAYLOAD_BYTES + 1), frameHeader(4, 3)),
    fc.uint8Array({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 4 }),
      fc.array(fc.nat({ max: 1000 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (pieces, cuts, maxFrames) => {
        const stream = Buffer.concat(pieces);
        const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
          (a, b) => a - b,
        );
        const chunks = edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge));
        const whole = labels([stream], maxFrames);
        return (
          JSON.stringify(labels(chunks, maxFrames)) === JSON.stringify(whole) &&
          JSON.stringify(
            labels(
              [...stream].map((byte) => Buffer.of(byte)),
              maxFrames,
            ),
          ) === JSON.stringify(whole)
        );
      },
    ),
  );
});

t.test('no byte is kept after the last frame and after a violation', async (t) => {
  const surplus = Buffer.concat([statusFrame, Buffer.alloc(100)]);
  const over = new Session();
  over.push(surplus);
  t.match(over.nextFrame(), { kind: 'frame', isSoleUse: true });
  t.equal(over.pendingBytes, 0);
  const open = new Session(2);
  open.push(surplus);
  t.match(open.nextFrame(), { kind: 'frame', isSoleUse: false });
  t.equal(open.pendingBytes, 100);
  const broken = new Session();
  broken.push(Buffer.alloc(100, 255));
  t.match(broken.next(), { kind: 'violation' });
  t.equal(broken.pendingBytes, 0);
});
