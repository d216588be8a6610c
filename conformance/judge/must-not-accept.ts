/**
 * Whether the protocol certainly forbids to answer a SUBMIT with 200. JSON dialects, repeated or misspelt names, bytes that
 * are not UTF-8 and deep nesting are left open or are in doubt, and are never reported. The payload is read by the judge's
 * JSON reader, which shares nothing with the reference.
 */

import { type Json, readJson } from '../payload/json.ts';
import { parseJson } from '../payload/parse-json.ts';
import { DESCRIPTION_CAP } from '../scenario/bytes.ts';
import { decodeUtf8 } from '../util/utf8.ts';

/** Why a SUBMIT must not be accepted. */
export interface Violation {
  readonly clause: string;
  /** Completes "the SUBMIT …". */
  readonly what: string;
}

/** The text fields of a SUBMIT. */
const FIELDS = ['task_id', 'task_description', 'from_addr', 'to_addr'] as const;
/** Characters that some dialect permits after a value, as a comment or as white space: all beyond ASCII count. */
const DOUBTFUL_TRAILING_DATA = /^[/#;\u0080-\uffff]/;
const SPACE_ONLY = /^[ \t\r\n]*$/;
const LONE_SURROGATE = /\p{Cs}/u;
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Longer payloads are not examined. */
const READ_BYTES = 256 * 1024;

/** A quick test that holds for nearly all payloads that a target accepts. False does not mean that it is illegal. */
export function isPlainlyLegal(payload: Uint8Array): boolean {
  if (payload.length > DESCRIPTION_CAP) return false;
  const text = decodeUtf8(payload);
  if (text === undefined) return false;
  try {
    const value: unknown = parseJson(text);
    return typeof value === 'object' && value !== null && FIELDS.every((field) => hasText(value, field));
  } catch {
    return false;
  }
}

/** Whether the payload is a JSON object, whatever is in it. */
export function isObjectText(payload: Uint8Array): boolean {
  const text = decodeUtf8(payload);
  const reading = text === undefined ? undefined : readJson(text);
  return reading !== undefined && 'value' in reading && reading.value.type === 'object';
}

function hasText(value: object, field: string): boolean {
  return typeof Object.getOwnPropertyDescriptor(value, field)?.value === 'string';
}

/**
 * Whether every receiver reads the payload as a legal SUBMIT: an id in the documented form (S10), the four fields, each once
 * and as text without lone surrogates (M8), nothing else, and no text over its bound.
 */
export function isOrdinary(payload: Uint8Array): boolean {
  const text = isPlainlyLegal(payload) ? decodeUtf8(payload) : undefined;
  if (text === undefined || countMembers(text) !== FIELDS.length) return false;
  const request = parseJson(text) as Readonly<Record<string, string>>;
  return (
    ID.test(request['task_id'] ?? '') && Object.values(request).every((value) => !LONE_SURROGATE.test(value))
  );
}

/** Why the payload must not be accepted; undefined if it may be, or if there is doubt. */
export function violationOf(payload: Uint8Array): Violation | undefined {
  if (payload.length > READ_BYTES) return undefined;
  const text = decodeUtf8(payload);
  if (text === undefined) return undefined;
  if (SPACE_ONLY.test(text)) return { clause: 'F8', what: 'has a payload of white space only' };
  const reading = readJson(text);
  if ('value' in reading) return violationOfValue(reading.value, text);
  const { code, at } = reading.problem;
  return code === 'trailing-data' ? violationOfTrailingData(text, at) : undefined;
}

/** `at` is the offset of the first character after the value. */
function violationOfTrailingData(text: string, at: number): Violation | undefined {
  // A first value that is a number or a word can continue in some dialect: 1_000, nullable.
  if (!/[}\]"]\s*$/.test(text.slice(0, at)) || DOUBTFUL_TRAILING_DATA.test(text.slice(at))) return undefined;
  return { clause: 'M5', what: 'has something after its JSON value' };
}

function violationOfValue(value: Json, text: string): Violation | undefined {
  if (value.type === 'null') return undefined;
  if (value.type !== 'object') return { clause: 'M6', what: `is a JSON ${value.type}, not an object` };
  if (!hasPlainNames(value, text)) return undefined;
  for (const field of FIELDS) {
    const held = value.members.get(field);
    if (held !== undefined && held.type !== 'string' && held.type !== 'null')
      return { clause: 'M4', what: `has a ${field} that is a JSON ${held.type}` };
  }
  const description = value.members.get('task_description');
  if (description?.type !== 'string' || LONE_SURROGATE.test(description.value)) return undefined;
  const bytes = Buffer.byteLength(description.value);
  if (bytes > DESCRIPTION_CAP) return { clause: 'S5', what: `has a task_description of ${bytes} bytes` };
  return undefined;
}

/** The task id of a SUBMIT, which is empty if there is none (M2, M3); undefined if there is doubt which one it is. */
export function taskIdOf(payload: Uint8Array): string | undefined {
  if (payload.length > READ_BYTES) return undefined;
  const text = decodeUtf8(payload);
  const reading = text === undefined ? undefined : readJson(text);
  if (text === undefined || reading === undefined || !('value' in reading)) return undefined;
  if (reading.value.type !== 'object' || !hasPlainNames(reading.value, text)) return undefined;
  const { members } = reading.value;
  const id = members.get('task_id');
  if (id === undefined) return [...members.keys()].some(mayMeanTheId) ? undefined : '';
  if (id.type === 'null') return '';
  return id?.type === 'string' && !LONE_SURROGATE.test(id.value) ? id.value : undefined;
}

/** Whether some dialect may take the name for `task_id`: as `taskId`, `task-id`, or up to a NUL character. */
function mayMeanTheId(name: string): boolean {
  const letters = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return letters.startsWith('taskid') || letters.endsWith('taskid');
}

/**
 * Whether each field occurs once and no other name resembles one (M7): the object has as many names as its text has colons
 * at the first level, outside of strings, and no name is that of a field in other letter case.
 */
function hasPlainNames(value: Extract<Json, { type: 'object' }>, text: string): boolean {
  if (countMembers(text) !== value.members.size) return false;
  for (const name of value.members.keys()) {
    if ((FIELDS as readonly string[]).includes(name)) continue;
    if (/[^\x20-\x7e]/.test(name) || (FIELDS as readonly string[]).includes(name.trim().toLowerCase()))
      return false;
  }
  return true;
}

/** Number of members of the outermost object, with repeated names. */
function countMembers(text: string): number {
  let depth = 0;
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    else if (character === ':' && depth === 1) members += 1;
  }
  return members;
}
