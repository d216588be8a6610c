/**
 * Reads a transcript into facts: frames, rest, ending. Never throws and loses no byte; bytes that form no frame are kept,
 * and a payload that is no SubmitResponse gets a problem for each field.
 */

import { HEADER_BYTES } from '../scenario/bytes.ts';
import { decodeUtf8 } from '../util/utf8.ts';
import { type Frame, readFrames } from '../wire/frames.ts';
import type { Transcript } from '../wire/transcript.ts';
import { type Json, type JsonProblem, readJson } from './json.ts';

/** The state of the connection when the kit stopped listening. */
export type Ending =
  /** The target ended its side (FIN), or reset the connection. */
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset'; readonly code: string }
  /** Still open: after an expected silence, or after an expected event did not come. */
  | { readonly kind: 'quiet'; readonly ms: number }
  | { readonly kind: 'deadline'; readonly ms: number }
  /** The target sent more than the kit keeps. */
  | { readonly kind: 'flood'; readonly keptBytes: number }
  /** No connection was established. */
  | { readonly kind: 'connect-failed'; readonly code: string }
  /** The kit reset the connection. */
  | { readonly kind: 'sent-reset' }
  | { readonly kind: 'aborted' };

/** Why no field of a payload can be read. */
export type PayloadProblem =
  | { readonly code: 'not-utf8' }
  | { readonly code: 'not-json'; readonly json: JsonProblem }
  | { readonly code: 'not-an-object'; readonly is: Json['type'] };

/** Why a field has no value. */
export type FieldProblem =
  | PayloadProblem
  | { readonly code: 'missing' }
  | { readonly code: 'wrong-type'; readonly is: Json['type']; readonly expected: 'string' | 'integer' }
  /** A JSON number in another form than that of an integer; `text` as it was written. */
  | { readonly code: 'not-plain-integer'; readonly text: string };

/** A field of an answer: its value, or why it has none. */
export type Field<T> = { readonly value: T } | { readonly problem: FieldProblem };

/** Why a payload is no SubmitResponse, whatever its fields hold. */
export type ResponseProblem = PayloadProblem | { readonly code: 'no-status-nor-message' };

/** The fields of a payload, read as a SubmitResponse (S1–S4). */
export interface ResponseView {
  readonly taskId: Field<string>;
  /** Only the plain form of an integer has a value: `200.0` and `2e2` are problems (M9). */
  readonly status: Field<number>;
  readonly message: Field<string>;
}

export interface Observation {
  /** Complete frames that came back, in order. */
  readonly frames: readonly Frame[];
  /** Bytes after them that form no complete frame. */
  readonly rest: Uint8Array;
  readonly ending: Ending;
  /** Milliseconds from the last byte sent to the last byte of the first frame; at least 0. Absent without a frame. */
  readonly answeredAfterMs?: number;
}

/** Reads a transcript. A transcript without an end counts as aborted. */
export function observe(transcript: Transcript): Observation {
  const received: Uint8Array[] = [];
  let receivedBytes = 0;
  let lastSentMs = 0;
  let ending: Ending = { kind: 'aborted' };
  const arrivals: { readonly upTo: number; readonly atMs: number }[] = [];
  for (const entry of transcript) {
    switch (entry.kind) {
      case 'connected':
      case 'sent-fin':
        break;
      case 'sent':
        lastSentMs = entry.atMs + entry.tookMs;
        break;
      case 'received':
        received.push(entry.bytes);
        receivedBytes += entry.bytes.length;
        arrivals.push({ upTo: receivedBytes, atMs: entry.atMs });
        break;
      default:
        ending = entry;
    }
  }
  const bytes = Buffer.concat(received);
  const { frames, end } = readFrames(bytes);
  const first = frames[0];
  const answered = first && arrivals.find(({ upTo }) => upTo >= HEADER_BYTES + first.payload.length);
  return {
    frames,
    rest: bytes.subarray(end),
    ending,
    ...(answered && { answeredAfterMs: Math.max(0, answered.atMs - lastSentMs) }),
  };
}

/** Reads a payload as a SubmitResponse. */
export function viewAsResponse(payload: Uint8Array): ResponseView {
  const reading = readPayload(payload);
  if ('problem' in reading) return { taskId: reading, status: reading, message: reading };
  const { members } = reading;
  return {
    taskId: stringField(members.get('task_id')),
    status: integerField(members.get('status')),
    message: stringField(members.get('message')),
  };
}

/** Why a payload is no SubmitResponse, whatever its fields hold; undefined if it is one. */
export function responseProblem({ status, message }: ResponseView): ResponseProblem | undefined {
  if (!('problem' in status)) return undefined;
  const { problem } = status;
  switch (problem.code) {
    case 'not-utf8':
    case 'not-json':
    case 'not-an-object':
      return problem;
    case 'missing':
      return 'problem' in message && message.problem.code === 'missing'
        ? { code: 'no-status-nor-message' }
        : undefined;
    case 'wrong-type':
    case 'not-plain-integer':
      return undefined;
  }
}

function readPayload(
  payload: Uint8Array,
): Extract<Json, { type: 'object' }> | { readonly problem: PayloadProblem } {
  const text = decodeUtf8(payload);
  if (text === undefined) return { problem: { code: 'not-utf8' } };
  const reading = readJson(text);
  if ('problem' in reading) return { problem: { code: 'not-json', json: reading.problem } };
  const { value } = reading;
  return value.type === 'object' ? value : { problem: { code: 'not-an-object', is: value.type } };
}

function stringField(json: Json | undefined): Field<string> {
  if (json === undefined) return { problem: { code: 'missing' } };
  if (json.type !== 'string') return { problem: { code: 'wrong-type', is: json.type, expected: 'string' } };
  return { value: json.value };
}

function integerField(json: Json | undefined): Field<number> {
  if (json === undefined) return { problem: { code: 'missing' } };
  if (json.type !== 'number') return { problem: { code: 'wrong-type', is: json.type, expected: 'integer' } };
  if (!/^-?\d{1,19}$/.test(json.text)) return { problem: { code: 'not-plain-integer', text: json.text } };
  return { value: Number(json.text) };
}
