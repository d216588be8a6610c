/**
 * The fields of a value on the pipe. What a JSON reader might change travels as an object: an integer from 2^53 on, a string
 * that is not valid Unicode, and what repeats. `result` is any JSON value, and never such an object.
 */

import { parseJson } from '../../payload/parse-json.ts';
import type { Field } from '../../vectors/build/messages.ts';
import type { FieldValue, Value } from '../../vectors/build/vector.ts';
import { expandHex } from '../../vectors/load.ts';
import { isObject } from './interface.ts';

/** A field as it is compared. `undefined` in a reading: the field has another type. */
export type Plain = string | bigint | Buffer | { readonly json: unknown };

/** The long text of a value, which the adapter builds itself. `field` gets `text`, `count` times. */
export interface Repeat {
  readonly field: string;
  readonly text: string;
  readonly count: number;
}

/** Longest text, in UTF-16 units, that is written out in a request. */
const LONGEST_TEXT = 1024;

/** The value of a vector as arguments of a request: the fields, and the longest of them as `repeat` if it is long. */
export function requestValue(value: Value): { readonly value: unknown; readonly repeat?: Repeat } {
  const fields: Record<string, unknown> = {};
  let repeat: Repeat | undefined;
  for (const [name, field] of Object.entries(value)) {
    const long = repeat === undefined ? repeatOf(name, field) : undefined;
    if (long === undefined) fields[name] = written(field);
    else repeat = long;
  }
  return { value: fields, ...(repeat && { repeat }) };
}

/** All fields of a value, written out. */
export function writtenValue(value: Value): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, written(field)]));
}

function repeatOf(name: string, field: FieldValue): Repeat | undefined {
  if (typeof field !== 'object') return undefined;
  // Which bytes a file holds does not matter here, and the text of a request is UTF-8.
  if ('hex' in field && field.times > LONGEST_TEXT)
    return { field: name, text: 'x'.repeat(field.hex.length / 2), count: field.times };
  if ('repeat' in field && field.repeat.length * field.times > LONGEST_TEXT)
    return { field: name, text: field.repeat, count: field.times };
  return undefined;
}

function written(field: FieldValue): unknown {
  if (typeof field !== 'object') return field;
  if ('hex' in field) return expandHex([field]).toString('base64');
  if ('repeat' in field) return field.repeat.repeat(field.times);
  if ('json' in field) return parseJson(field.json);
  return field;
}

/** A field of a vector as it is compared. With `repeat`, as the request sends it. */
export function plainOf(name: string, field: FieldValue, repeat?: Repeat): Plain {
  if (repeat?.field === name) {
    const text = repeat.text.repeat(repeat.count);
    return typeof field === 'object' && 'hex' in field ? Buffer.from(text) : text;
  }
  if (typeof field === 'string') return field;
  if (typeof field === 'number') return BigInt(field);
  if ('int64' in field) return BigInt(field.int64);
  if ('hex' in field) return expandHex([field]);
  if ('repeat' in field) return field.repeat.repeat(field.times);
  if ('json' in field) return { json: parseJson(field.json) };
  return Buffer.from(field.utf8_hex, 'hex').toString();
}

/** The zero value of a kind of field (M2). */
export function zeroOf(kind: Field['kind']): Plain {
  switch (kind) {
    case 'string':
      return '';
    case 'int64':
      return 0n;
    case 'bytes':
      return Buffer.alloc(0);
    case 'json':
      return { json: null };
  }
}

/**
 * A field of an answer. Undefined if its type is another one. A missing field is its zero value. A plain number from 2^53 on, or
 * from -2^53 down, remains JSON: it may have been rounded when the answer was read.
 */
export function readField(kind: Field['kind'], found: unknown): Plain | undefined {
  if (kind === 'json') return { json: found ?? null };
  if (found === undefined || found === null) return zeroOf(kind);
  if (kind === 'string') return readText(found);
  if (kind === 'int64') {
    if (Number.isSafeInteger(found)) return BigInt(found as number);
    if (Number.isInteger(found)) return { json: found };
    const digits = isObject(found) ? found['int64'] : undefined;
    return typeof digits === 'string' && /^-?\d{1,30}$/.test(digits) ? BigInt(digits) : undefined;
  }
  if (typeof found === 'string') return readBase64(found);
  if (!isObject(found)) return undefined;
  const { hex, times } = found;
  if (typeof hex !== 'string' || !/^(?:[0-9a-f]{2})+$/i.test(hex)) return undefined;
  return isCount(times, hex.length / 2) ? expandHex([{ hex, times }]) : undefined;
}

function readText(found: unknown): string | undefined {
  if (typeof found === 'string') return found;
  if (!isObject(found)) return undefined;
  const { utf8_hex: hex, repeat, times } = found;
  if (typeof hex === 'string') return Buffer.from(hex, 'hex').toString();
  return typeof repeat === 'string' && isCount(times, repeat.length) ? repeat.repeat(times) : undefined;
}

/** Most bytes, or UTF-16 units, that a repetition in an answer may stand for: nothing in this protocol is longer. */
const MOST_REPEATED = 2 ** 25;

function isCount(times: unknown, size: number): times is number {
  if (typeof times !== 'number' || !Number.isInteger(times)) return false;
  return times >= 0 && times * Math.max(1, size) <= MOST_REPEATED;
}

/** Undefined unless the text is standard base64 with its padding. */
export function readBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Buffer.from(text, 'base64');
}

/** Whether both are the same value. */
export function isSame(a: Plain, b: Plain): boolean {
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b);
  if (typeof a === 'object' && typeof b === 'object' && 'json' in b) return isSameJson(a.json, b.json);
  return a === b;
}

/** Whether both are the same JSON value, whatever the order of members. Without recursion: an answer nests as it likes. */
function isSameJson(one: unknown, other: unknown): boolean {
  const open: [unknown, unknown][] = [[one, other]];
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [a, b] = pair;
    if (Array.isArray(a)) {
      if (!Array.isArray(b) || a.length !== b.length) return false;
      for (const [at, item] of a.entries()) open.push([item, b[at]]);
    } else if (isObject(a)) {
      if (!isObject(b)) return false;
      const names = Object.keys(a);
      if (names.length !== Object.keys(b).length) return false;
      for (const name of names) {
        if (!Object.hasOwn(b, name)) return false;
        open.push([a[name], b[name]]);
      }
    } else if (typeof a === 'number' && typeof b === 'number' ? a !== b : !Object.is(a, b)) return false;
  }
  return true;
}
