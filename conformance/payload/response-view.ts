/**
 * Reads a payload as a SubmitResponse (S1–S4), piece by piece. What is kept of it is bounded, because the target decides how
 * large it is.
 */

import type { Json } from './json.ts';
import { ObjectReader, type ObjectReading, type PayloadProblem } from './object-reader.ts';

/** Why a field has no value. */
export type FieldProblem =
  | PayloadProblem
  | { readonly code: 'missing' }
  | { readonly code: 'wrong-type'; readonly is: Json['type']; readonly expected: 'string' | 'integer' }
  /** A JSON number in another form than that of an integer; `text` as it was written, or its beginning. */
  | { readonly code: 'not-plain-integer'; readonly text: string };

/** A field of an answer: its value, or why it has none. */
export type Field<T> =
  /** `omitted`: the number of UTF-16 units at its end that were not kept. Absent: 0. */
  { readonly value: T; readonly omitted?: number } | { readonly problem: FieldProblem };

/** Why a payload is no SubmitResponse, whatever its fields hold. */
export type ResponseProblem = PayloadProblem | { readonly code: 'no-status-nor-message' };

/** The fields of a payload, read as a SubmitResponse (S1–S4). */
export interface ResponseView {
  readonly taskId: Field<string>;
  /** Only the plain form of an integer has a value: `200.0` and `2e2` are problems (M9). */
  readonly status: Field<number>;
  readonly message: Field<string>;
}

/** Most UTF-16 units of a field that are kept. */
export const KEPT_UNITS = 4096;
const NAMES: ReadonlySet<string> = new Set(['task_id', 'status', 'message']);

/** Reads a payload as a SubmitResponse. */
export function viewAsResponse(payload: Uint8Array): ResponseView {
  const reader = new ResponseReader();
  reader.push(payload);
  return reader.end();
}

/** Reads a payload that comes in pieces. */
export class ResponseReader {
  readonly #object: ObjectReader;

  /** `units`: most UTF-16 units of a field that are kept. */
  constructor(units = KEPT_UNITS) {
    this.#object = new ObjectReader({ names: NAMES, units });
  }

  push(bytes: Uint8Array): void {
    this.#object.push(bytes);
  }

  end(): ResponseView {
    return responseIn(this.#object.end());
  }
}

/** The fields of an object, read as a SubmitResponse. */
export function responseIn(reading: ObjectReading): ResponseView {
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

function stringField(json: Json | undefined): Field<string> {
  if (json === undefined) return { problem: { code: 'missing' } };
  if (json.type !== 'string') return { problem: { code: 'wrong-type', is: json.type, expected: 'string' } };
  const { value, omitted } = json;
  return omitted === undefined ? { value } : { value, omitted };
}

function integerField(json: Json | undefined): Field<number> {
  if (json === undefined) return { problem: { code: 'missing' } };
  if (json.type !== 'number') return { problem: { code: 'wrong-type', is: json.type, expected: 'integer' } };
  if (!/^-?\d{1,19}$/.test(json.text)) return { problem: { code: 'not-plain-integer', text: json.text } };
  return { value: Number(json.text) };
}
