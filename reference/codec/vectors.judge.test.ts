import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import t from 'tap';
import { observe } from '../../conformance/judge/observe.ts';
import { readJson } from '../../conformance/payload/json.ts';
import { viewAsResponse } from '../../conformance/payload/response-view.ts';
import type { DecodeVector, EncodeVector, FrameVector } from '../../conformance/vectors/build/vector.ts';
import { expandHex, payloadBytes, segmentsOf } from '../../conformance/vectors/load.ts';
import { checkAll } from '../testing/vectors.ts';
import { FrameDecoder } from './frame.ts';
import { unmarshalSubmitResponse } from './message.ts';

function received(segments: Iterable<Uint8Array>) {
  const entries = [...segments].map((bytes) => ({ kind: 'received', atMs: 0, bytes }) as const);
  return observe([...entries, { kind: 'fin', atMs: 0 }]);
}

t.test('the judge finds the frames of every stream, and the bytes after the last one', (t) => {
  checkAll<FrameVector>(t, 'vectors/frames', (vector) => {
    const { frames, restBytes } = received(segmentsOf(vector));
    deepStrictEqual(
      frames.map(({ type, payload }) => ({ type, payload: Buffer.from(payload) })),
      vector.frames.map((expected) => ({ type: expected.type, payload: payloadBytes(expected) })),
    );
    equal(restBytes > 0, vector.ending !== 'clean');
  });
});

t.test('the judge and the reference read every legal frame alike', (t) => {
  checkAll<EncodeVector>(t, 'vectors/encode', (vector) => {
    const bytes = expandHex('frame_hex' in vector ? vector.frame_hex : vector.frame_runs);
    const decoder = new FrameDecoder();
    decoder.push(bytes);
    const frame = decoder.next();
    const [observed] = received([bytes]).frames;
    ok(frame !== undefined && observed !== undefined);
    deepStrictEqual(
      { ...observed, payload: new Uint8Array(observed.payload) },
      { ...frame, payload: new Uint8Array(frame.payload) },
    );
    if (vector.message !== 'SubmitResponse') return;
    const { taskId, status, message } = unmarshalSubmitResponse(frame);
    // The judge reads integers as doubles, because it compares them only with 200 and 400.
    deepStrictEqual(viewAsResponse(observed.payload), {
      taskId: { value: taskId },
      status: { value: Number(status) },
      message: { value: message },
    });
  });
});

/** The clauses that refuse a payload although it is JSON. */
const OF_VALUE = new Set(['M4', 'M7', 'M9', 'M10']);

t.test('the reader of the judge accepts exactly the payloads that are JSON', (t) => {
  checkAll<DecodeVector>(t, 'vectors/decode', (vector) => {
    // The judge reads only answers. It calls invalid UTF-8 and deep nesting unreadable, which a receiver must survive.
    if (vector.clause === 'M8' || vector.clause === 'M11' || !('payload_hex' in vector)) return;
    const reading = readJson(payloadBytes(vector).toString());
    const isJson = 'value' in reading;
    if (vector.valid || OF_VALUE.has(vector.clause)) ok(isJson, 'it is JSON');
    else
      ok(!isJson || (vector.clause === 'M6' && reading.value.type !== 'object'), 'it is not a JSON object');
  });
});
