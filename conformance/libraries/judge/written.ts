/** What a library writes: frames and task files. The value and the required fields count; the bytes are free (M12). */

import { isUtf8 } from 'node:buffer';
import { type Json, readJson } from '../../payload/json.ts';
import { PAYLOAD_CAP } from '../../scenario/bytes.ts';
import { counted } from '../../util/counted.ts';
import type { Expectation, ExpectedField } from '../cases/case.ts';
import { type Plain, readBase64 } from '../pipe/field.ts';
import { type Answer, isObject } from '../pipe/interface.ts';
import { judgeFields } from './fields.ts';
import { type Finding, fail, pass, shownValue, WRONG_SHAPE } from './finding.ts';

const HEADER_BYTES = 8;

/** A frame in an answer; undefined if the answer has another form. */
export function frameIn(answer: Answer): Buffer | undefined {
  const hex = answer.kind === 'value' && isObject(answer.value) ? answer.value['frame_hex'] : undefined;
  return typeof hex === 'string' && /^(?:[0-9a-f]{2})*$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

/** The text of a task file in an answer; undefined if the answer has another form. */
export function textIn(answer: Answer): string | undefined {
  const text = answer.kind === 'value' && isObject(answer.value) ? answer.value['text'] : undefined;
  return typeof text === 'string' ? text : undefined;
}

export function judgeFrame(
  { type, fields }: Extract<Expectation, { kind: 'frame' }>,
  answer: Answer,
  clause: string,
): Finding {
  if (answer.kind === 'refused')
    return fail(`a refusal: ${shownValue(answer.error)}`, 'a frame', {
      cause: `a legal message is not written (${clause})`,
    });
  const frame = frameIn(answer);
  if (frame === undefined) return fail(shownAnswer(answer), '{"frame_hex": "…"}', WRONG_SHAPE);
  return judgeHeader(frame, type) ?? judgePayload(frame.subarray(HEADER_BYTES), fields(), clause);
}

export function judgeNoFrame(answer: Answer): Finding {
  if (answer.kind === 'refused') return pass('refused');
  return fail(`a frame of ${counted((frameIn(answer) ?? '').length, 'byte')}`, 'a refusal', {
    cause: 'a frame over the cap is written (F9)',
    likely: `the size of the payload is not compared with ${PAYLOAD_CAP} before the frame is written`,
  });
}

export function judgeTaskText(
  { fields }: Extract<Expectation, { kind: 'task-text' }>,
  answer: Answer,
  clause: string,
): Finding {
  if (answer.kind === 'refused')
    return fail(`a refusal: ${shownValue(answer.error)}`, 'a task file', {
      cause: `a task file is not written (${clause})`,
    });
  const text = textIn(answer);
  if (text === undefined) return fail(shownAnswer(answer), '{"text": "…"}', WRONG_SHAPE);
  return judgeText(text, fields(), clause);
}

/** Undefined if type and length are right. */
function judgeHeader(frame: Buffer, type: number): Finding | undefined {
  if (frame.length < HEADER_BYTES)
    return fail(counted(frame.length, 'byte'), 'a header of 8 bytes and a payload', {
      cause: 'a frame has no complete header (F1)',
    });
  const length = frame.length - HEADER_BYTES;
  const header = { type: frame.readUInt32BE(0), length: frame.readUInt32BE(4) };
  if (header.type === type && header.length === length) return undefined;
  const shown = (one: typeof header) => `type ${one.type}, length ${one.length}`;
  const isSwapped = frame.readUInt32LE(0) === type && frame.readUInt32LE(4) === length;
  const cause = isSwapped
    ? { cause: 'the header is little-endian (F1)', likely: 'write both integers in network byte order' }
    : header.type !== type
      ? { cause: 'a frame has the wrong type (F6)' }
      : {
          cause: 'a header declares another length than its payload has (F1)',
          likely: 'the length counts the bytes of the payload in UTF-8, without the header',
        };
  return fail(shown(header), shown({ type, length }), cause);
}

function judgePayload(payload: Buffer, fields: readonly ExpectedField[], clause: string): Finding {
  // A payload is UTF-8, whatever a decoder makes of other bytes.
  return isUtf8(payload)
    ? judgeText(payload.toString(), fields, clause)
    : fail(shownValue(payload.toString()), 'a payload in UTF-8', {
        cause: 'what is written is not UTF-8',
        likely: 'text is written as Latin-1, or its bytes are copied without a check',
      });
}

function judgeText(text: string, fields: readonly ExpectedField[], clause: string): Finding {
  const reading = readJson(text);
  if (!('value' in reading) || reading.value.type !== 'object')
    return fail(shownValue(text), 'a JSON object', {
      cause: 'what is written is no JSON object',
      likely: 'quotes, backslashes and control characters are written unescaped',
    });
  const { members } = reading.value;
  const missing = fields.find(({ name, optional }) => !optional && !members.has(name));
  if (missing !== undefined)
    return fail(`no ${missing.name} in ${shownValue(text)}`, `${missing.name} is written`, {
      cause: 'a required field is left out',
      likely: 'an option such as omitempty is set for a field that is always written, also when it is empty',
    });
  const finding = judgeFields(fields, (field) => fieldIn(field, members.get(field.name)), 'writes', clause);
  return finding.verdict === 'pass' ? pass('every required field is written, with its value') : finding;
}

function fieldIn({ kind }: ExpectedField, json: Json | undefined): Plain | undefined {
  if (kind === 'json') return { json: json === undefined ? null : plainJson(json) };
  if (json === undefined) return kind === 'string' ? '' : kind === 'int64' ? 0n : Buffer.alloc(0);
  if (kind === 'int64')
    return json.type === 'number' && /^-?\d{1,30}$/.test(json.text) ? BigInt(json.text) : undefined;
  if (json.type !== 'string') return undefined;
  return kind === 'string' ? Buffer.from(json.value).toString() : readBase64(json.value);
}

/** Recursion is bounded, because the reader bounds the nesting. */
function plainJson(json: Json): unknown {
  switch (json.type) {
    case 'null':
      return null;
    case 'number':
      return Number(json.text);
    case 'boolean':
    case 'string':
      return json.value;
    case 'array':
      return json.items.map(plainJson);
    case 'object':
      return Object.fromEntries(Array.from(json.members, ([name, member]) => [name, plainJson(member)]));
  }
}

function shownAnswer(answer: Answer): string {
  return shownValue(answer.kind === 'value' ? answer.value : answer);
}
