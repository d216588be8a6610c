import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { GoldenFrame } from '../conformance/vectors/vector.ts';
import { ProtocolError, ValidationError } from './errors.ts';
import { validateResultFilename } from './extensions.ts';
import { type Frame, FrameDecoder } from './frame.ts';
import {
  unmarshalSubmitRequest,
  unmarshalTaskResult,
  unmarshalTaskResultMessage,
  unmarshalTaskStatusUpdate,
} from './message.ts';
import { TYPE_RESULT, TYPE_SEND_RESULTS, TYPE_STATUS_UPDATE, TYPE_SUBMIT } from './protocol.ts';
import { isSafeFilename } from './safe-name.ts';
import { validateSubmitRequest, validateTaskResultMessage, validateTaskStatusUpdate } from './validation.ts';
import { all } from './vectors.fixture.ts';

/** Takes a frame as a receiver does; throws what the first layer throws that refuses it. */
function receive(bytes: Uint8Array): void {
  const decoder = new FrameDecoder();
  decoder.push(bytes);
  const frame = decoder.next();
  decoder.end();
  if (frame !== undefined) validate(frame);
}

function validate(frame: Frame): void {
  if (frame.type === TYPE_SUBMIT) validateSubmitRequest(unmarshalSubmitRequest(frame));
  else if (frame.type === TYPE_RESULT) unmarshalTaskResult(frame);
  else if (frame.type === TYPE_STATUS_UPDATE) validateTaskStatusUpdate(unmarshalTaskStatusUpdate(frame));
  else if (frame.type === TYPE_SEND_RESULTS) {
    const message = unmarshalTaskResultMessage(frame);
    const name = message.filename ?? '';
    validateTaskResultMessage(message);
    validateResultFilename(name);
    if (!isSafeFilename(name)) throw new UnsafeName();
  } else throw new ProtocolError('unexpected-type', 'F6', 'of no type that a receiver takes');
}

/** A store's refusal (R5). */
class UnsafeName extends Error {}

/** Which layer throws this. */
function layerOf(error: unknown): string {
  if (error instanceof ValidationError || error instanceof UnsafeName) return 'validation';
  if (!(error instanceof ProtocolError)) throw error;
  switch (error.code) {
    case 'frame-too-large':
    case 'frame-truncated':
      return 'frame';
    case 'unexpected-type':
      return 'type';
    default:
      return 'message';
  }
}

t.test('golden frames are taken, or refused by the layer that their index names', (t) => {
  all<GoldenFrame>(t, 'golden/index', (vector) => {
    let refusedBy: string | undefined;
    try {
      receive(readFileSync(new URL(`../fixtures/golden/${vector.file}`, import.meta.url)));
    } catch (error) {
      refusedBy = layerOf(error);
    }
    equal(refusedBy, vector.valid ? undefined : vector.refused_by);
  });
});
