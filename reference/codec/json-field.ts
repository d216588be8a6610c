/** The four kinds of fields: the zero value of each, its encoding, and how it reads a JSON value. */

import type { Int64, JsonValue } from '../protocol/message-types.ts';
import { decodeBase64 } from './base64.ts';
import { type JsonScanner, QUOTE } from './json-scan.ts';
import { jsonText, parseJson, parseString, stringText } from './json-text.ts';

/** A string, a signed 64-bit integer (M9), bytes as base64 (M10), or any JSON value. */
export type FieldKind = 'string' | 'int64' | 'bytes' | 'json';

/** The value of a field of any kind. */
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
 * The canonical text of a value (M12). For bytes, the bytes themselves; the caller writes them as base64 between
 * quotes. Undefined when the value is not of the kind. Throws a TypeError when a value of kind 'json' cannot be JSON.
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
 * Takes a value and reads it as the given kind. Undefined when it is not of the kind (M4). For a string or an
 * integer, null gives `before`, the value so far (M3); for the other kinds, null is the zero value.
 */
export function readField(scanner: JsonScanner, kind: FieldKind, before: FieldValue): FieldValue | undefined {
  if (kind === 'bytes' && scanner.peek() === QUOTE) {
    // Nearly always plain base64 without escapes. It is found by its closing quote, without scanning each byte.
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

/** Only integers without fraction and exponent, even when these would not change the value (M9). */
function parseInt64(text: string): Int64 | undefined {
  // The longest int64 has a sign and 19 digits. Much longer numbers would be slow to convert.
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number === 0 ? 0 : number;
  const integer = BigInt(text);
  return isInt64(integer) ? integer : undefined;
}

/** Base64 with escapes and line breaks, or an array of byte values in which null counts as 0 (M10). */
function parseBytes(text: string): Uint8Array | undefined {
  if (text.startsWith('"')) return decodeBase64(Buffer.from(parseString(text).replaceAll(/[\r\n]/g, '')));
  // The text is JSON, so these characters can only form natural numbers and nulls.
  if (!/^\[[\dnul,\s]*\]$/.test(text)) return undefined;
  const items: (number | null)[] = JSON.parse(text);
  const bytes = new Uint8Array(items.length);
  for (const [index, item] of items.entries()) {
    if (item !== null && item > 255) return undefined;
    bytes[index] = item ?? 0;
  }
  return bytes;
}
