/**
 * JSON objects with documented fields: value ⇄ payload, driven by a table of the fields. Encoding follows the table,
 * whose order is the order on the wire (M12). Decoding follows the bytes and looks each name up in the table.
 *
 * Decoding: payload → utf8.ts (makes it valid UTF-8) → json-scan.ts (checks the grammar) → text of each known field →
 * json-field.ts → value. Encoding: value → json-field.ts → text → payload. A short payload in the form that an encoder
 * writes, of strings without escapes and of integers, takes a shorter way: canonical-form.ts reads it at once.
 */

import { ProtocolError } from '../protocol/errors.ts';
import type { Int64 } from '../protocol/message-types.ts';
import { base64Length, writeBase64 } from './base64.ts';
import { canonicalForm, readCanonical } from './canonical-form.ts';
import { encodeField, type FieldKind, type FieldValue, isEmpty, readField, zeroOf } from './json-field.ts';
import { CLOSE_BRACE, COLON, COMMA, JsonScanner, OPEN_BRACE } from './json-scan.ts';
import { parseString } from './json-text.ts';
import { Slab } from './slab.ts';
import { toValidUtf8 } from './utf8.ts';

type KindOf<V> = [V] extends [string]
  ? 'string'
  : [V] extends [Int64]
    ? 'int64'
    : [V] extends [Uint8Array]
      ? 'bytes'
      : 'json';

/** For each property, in documented order: its name on the wire, its kind, and whether it is left out when empty. */
export type FieldTable<T> = {
  readonly [P in keyof T]-?: {
    readonly wire: string;
    readonly kind: KindOf<Exclude<T[P], undefined>>;
  } & (undefined extends T[P] ? { readonly optional: true } : { readonly optional?: false });
};

/** One row of a table. */
interface FieldSpec {
  readonly wire: string;
  readonly kind: FieldKind;
  readonly optional?: boolean;
}

interface Field extends FieldSpec {
  readonly index: number;
  readonly property: string;
  /** The text before the value in the compact encoding, and in the indented one. */
  readonly compactKey: string;
  readonly indentedKey: string;
  /** The key as a canonical encoder writes it, with quotes. */
  readonly keyBytes: Uint8Array;
}

/** The compact canonical text of a value, which is ASCII; undefined for a value that the table has to encode. */
export type PlainText<T> = (value: T) => string | undefined;

/**
 * Encodes and decodes one kind of object. `plainText` is for messages that are sent so often that half of the time of the
 * table counts. It gives the text that the table would give.
 */
export class ObjectCodec<T extends object> {
  readonly #fields: readonly Field[];
  readonly #fieldByName: ReadonlyMap<string, Field>;
  readonly #plainText: PlainText<T> | undefined;
  readonly #form: RegExp | undefined;
  readonly #slab = new Slab();

  constructor(table: FieldTable<T>, plainText?: PlainText<T>) {
    this.#plainText = plainText;
    const rows: Readonly<Record<string, FieldSpec>> = table;
    this.#fields = Object.entries(rows).map(([property, { wire, kind, optional = false }], index) => {
      const key = `"${wire}"`;
      const keys = {
        compactKey: `${key}:`,
        indentedKey: `\n  ${key}: `,
        keyBytes: Buffer.from(key),
      };
      return { index, property, wire, kind, optional, ...keys };
    });
    this.#fieldByName = new Map(this.#fields.map((field) => [field.wire, field]));
    this.#form = canonicalForm(this.#fields);
  }

  /**
   * The canonical encoding (M12), without optional fields that are undefined or empty. `indent` indents by two spaces
   * (M13); default false. Throws a TypeError when a field holds a value that its type does not allow.
   */
  encode(value: T, { indent = false } = {}): Uint8Array {
    const text = indent ? undefined : this.#plainText?.(value);
    return text === undefined ? this.encodeAny(value, { indent }) : this.#slab.asciiBytes(text);
  }

  /** As `encode`, by the kinds of the fields alone, which gives the same for every value. */
  encodeAny(value: T, { indent = false } = {}): Uint8Array {
    const properties = value as Readonly<Record<string, unknown>>;
    const pieces: (string | Uint8Array)[] = [];
    let text = '{';
    let separator = '';
    for (const { property, kind, optional, compactKey, indentedKey } of this.#fields) {
      const field = properties[property];
      if (optional && isEmpty(field)) continue;
      text += separator + (indent ? indentedKey : compactKey);
      separator = ',';
      const encoded = encodeField(kind, field);
      if (encoded === undefined) throw new TypeError(`${property} is not of the kind ${kind}`);
      if (typeof encoded === 'string') text += encoded;
      else {
        pieces.push(`${text}"`, encoded);
        text = '"';
      }
    }
    text += indent ? '\n}' : '}';
    return pieces.length === 0 ? this.#slab.utf8Bytes(text) : joinPieces([...pieces, text], this.#slab);
  }

  /**
   * Decodes a payload. An optional field that is empty on the wire is absent from the result, as a missing one is.
   * Throws a ProtocolError 'malformed-json' when the payload is not exactly one JSON object or null (M5, M6, M11),
   * and otherwise 'malformed-field' when a documented field holds a value that its type does not allow (M4), also
   * when a later field of the same name overrides it (M7).
   */
  decode(payload: Uint8Array): T {
    return (readCanonical(payload, this.#fields, this.#form) as T | undefined) ?? this.decodeAny(payload);
  }

  /** As `decode`, by the grammar alone, which gives the same for every payload. */
  decodeAny(payload: Uint8Array): T {
    const scanner = new JsonScanner(toValidUtf8(payload));
    const values = this.#fields.map(({ kind }) => zeroOf(kind));
    let fault: ProtocolError | undefined;
    if (scanner.peek() === OPEN_BRACE) fault = this.#readMembers(scanner, values);
    else if (scanner.takeValue(0).text !== 'null') {
      throw new ProtocolError('malformed-json', 'M6', 'a message is a JSON object');
    }
    scanner.expectEnd();
    if (fault !== undefined) throw fault;
    return this.#assemble(values);
  }

  /** Returns the first malformed field and does not throw it, because malformed JSON after it takes precedence. */
  #readMembers(scanner: JsonScanner, values: FieldValue[]): ProtocolError | undefined {
    let fault: ProtocolError | undefined;
    let next = 0;
    scanner.expect(OPEN_BRACE);
    if (scanner.take(CLOSE_BRACE)) return undefined;
    do {
      const field = this.#readKey(scanner, next);
      scanner.expect(COLON);
      if (field === undefined) {
        scanner.skipValue(1);
        continue;
      }
      next = field.index + 1;
      const value = readField(scanner, field.kind, values[field.index] ?? null);
      if (value !== undefined) values[field.index] = value;
      else
        fault ??= new ProtocolError(
          'malformed-field',
          'M4',
          `${field.wire} is not of the kind ${field.kind}`,
        );
    } while (scanner.take(COMMA));
    scanner.expect(CLOSE_BRACE);
    return fault;
  }

  /** Takes a key and finds its field. Tries the next field first: canonical encoders write the fields in order. */
  #readKey(scanner: JsonScanner, expectedIndex: number): Field | undefined {
    const expected = this.#fields[expectedIndex];
    if (expected !== undefined && scanner.takeToken(expected.keyBytes)) return expected;
    const name = parseString(scanner.takeString());
    return this.#fieldByName.get(name) ?? this.#fieldByName.get(foldCase(name));
  }

  #assemble(values: readonly FieldValue[]): T {
    const object: Record<string, FieldValue> = {};
    for (const { index, property, optional } of this.#fields) {
      const value = values[index];
      if (value !== undefined && !(optional && isEmpty(value))) object[property] = value;
    }
    return object as T;
  }
}

/** Names match without regard to case; U+017F counts as s, and U+212A as k (M7). */
function foldCase(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's');
}

/** Strings as UTF-8, bytes as base64. Base64 is written directly into its place, because a string would double it. */
function joinPieces(pieces: readonly (string | Uint8Array)[], slab: Slab): Uint8Array {
  let length = 0;
  for (const piece of pieces) {
    length += typeof piece === 'string' ? Buffer.byteLength(piece) : base64Length(piece);
  }
  const bytes = slab.allocate(length);
  const target = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  let end = 0;
  for (const piece of pieces) {
    end += typeof piece === 'string' ? target.write(piece, end) : writeBase64(piece, target, end);
  }
  return bytes;
}
