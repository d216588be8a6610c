/**
 * The four kinds of fields: what each is when empty, what it writes, and what it makes of the JSON value that it finds.
 */

import type { Int64, JsonValue } from '../protocol/message-types.ts';
import { decodeBase64 } from './base64.ts';
import { type JsonScanner, QUOTE } from './json-scan.ts';
import { jsonText, parseJson, parseString, stringText } from './json-text.ts';

/** A string, a signed 64-bit integer (M9), bytes as base64 (M10), or any JSON value. */
export type FieldKind = 'string' | 'int64' | 'bytes' | 'json';

/** What a field of any kind holds. */
export type FieldValue = string | Int64 | Uint8Array | JsonValue;

const NO_BYTES = new Uint8Array(0);

/** The value of a field that is missing (M2). */
export function zeroOf(kind: FieldKind): FieldValue {
  switch (kind) {
    case 'string':
      return '';
    case 'int64':
      return 0;
    case 'bytes':
      return NO_BYTES;
    case 'json':
      return null;
  }
}

/** Whether an optional field is left out on the wire (M12). */
export function isEmpty(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return value === undefined || value === '' || value === 0 || value === 0n;
}

/**
 * Canonical text (M12); of bytes, the bytes, which go between quotes as base64. Undefined when the value is not of the
 * kind; a TypeError from inside a free value that is no JSON.
 */
export function encodeField(kind: FieldKind, value: unknown): string | Uint8Array | undefined {
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? stringText(value) : undefined;
    case 'int64':
      return isInt64(value) ? String(value) : undefined;
    case 'bytes':
      return value instanceof Uint8Array ? value : undefined;
    case 'json':
      return jsonText(value);
  }
}

function isInt64(value: unknown): boolean {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
}

/**
 * Takes the value of a field, or returns undefined when it is not of the kind (M4). Null leaves a string or an integer
 * as it was before (M3); for the other kinds it is a value, and empty.
 */
export function readField(scanner: JsonScanner, kind: FieldKind, before: FieldValue): FieldValue | undefined {
  if (kind === 'bytes' && scanner.peek() === QUOTE) {
    // Nearly always plain base64, which needs no grammar: its megabytes are found and checked at the speed of memory.
    const letters = scanner.peekQuoted();
    const bytes = decodeBase64(letters);
    if (bytes !== undefined) {
      scanner.skipQuoted(letters.length);
      return bytes;
    }
  }
  if (kind === 'string' && scanner.peek() === QUOTE) return parseString(scanner.takeString());
  const { text, inRange } = scanner.takeValue(1);
  switch (kind) {
    case 'string':
      return text === 'null' ? before : undefined;
    case 'int64':
      return text === 'null' ? before : parseInt64(text);
    case 'bytes':
      return text === 'null' ? NO_BYTES : parseBytes(text);
    case 'json':
      return inRange ? parseJson(text) : undefined;
  }
}

/** Integers only, without fraction or exponent, even where those would make no difference (M9). */
function parseInt64(text: string): Int64 | undefined {
  // The longest int64 has a sign and 19 digits. What is far longer would be slow to convert.
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  const integer = BigInt(text);
  return isInt64(integer) ? integer : undefined;
}

/** Base64 whose letters may be escaped and broken into lines, or an array of byte values, null counting as 0 (M10). */
function parseBytes(text: string): Uint8Array | undefined {
  if (text.startsWith('"')) return decodeBase64(Buffer.from(parseString(text).replaceAll(/[\r\n]/g, '')));
  // The text is JSON, so that without any other character its items are natural numbers and nulls.
  if (!/^\[[\dnul,\s]*\]$/.test(text)) return undefined;
  const items: (number | null)[] = JSON.parse(text);
  const bytes = new Uint8Array(items.length);
  for (const [index, item] of items.entries()) {
    if (item !== null && item > 255) return undefined;
    bytes[index] = item ?? 0;
  }
  return bytes;
}
