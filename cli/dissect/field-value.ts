/** Reads the value of one documented field: as the reference decodes it, in words, and with findings about its encoding. */

import { printable, printableBytes } from '../../conformance/util/printable.ts';
import { ProtocolError } from '../../reference/index.ts';
import { byteLength, type Finding, note, violation } from './content.ts';
import type { FieldRow, MessageRow } from './table.ts';

/** UTF-16 units of a value that are shown. */
const SHOWN = 72;

export interface FieldValue {
  readonly meaning: string;
  /** A string or an integer. Absent when the JSON does not fit the field, and for null. */
  readonly value?: string | number | bigint;
  readonly findings: Finding[];
}

/** The value that a decoder gives a missing field (M2). */
export function zeroOf({ kind }: FieldRow): unknown {
  return { string: '', integer: 0, base64: new Uint8Array(0), json: null }[kind];
}

/** Reads the JSON value of a field. */
export function readFieldValue(row: MessageRow, field: FieldRow, json: Uint8Array): FieldValue {
  const text = printableBytes(json, SHOWN);
  if (text === 'null') return { meaning: 'null, which counts as missing (M3)', findings: [] };
  const alone = Buffer.concat([Buffer.from(`{"${field.name}":`), json, Buffer.from('}')]);
  try {
    const value = row.decode(alone).valueOf(field) ?? zeroOf(field);
    const shown = isScalar(value) ? { value } : {};
    return { ...shown, meaning: describe(field, value, text), findings: spelling(field, json) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { meaning: text, findings: [misfit(field, json)] };
  }
}

function isScalar(value: unknown): value is string | number | bigint {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function describe({ kind, limit }: FieldRow, value: unknown, text: string): string {
  if (typeof value !== 'string' && kind !== 'base64') return text;
  const shown = typeof value === 'string' ? `"${printable(value, SHOWN)}"` : text;
  const size = byteLength(value);
  if (kind === 'base64') return `${size} of ${limit?.bytes} bytes of data: ${shown}`;
  if (limit !== undefined) return `${shown}, ${size} of ${limit.bytes} bytes`;
  return shown.endsWith('…"') ? `${shown}, ${size} bytes` : shown;
}

/** Notes about a legal encoding that other implementations may refuse. */
function spelling({ kind }: FieldRow, json: Uint8Array): Finding[] {
  const isText = json[0] === QUOTE;
  if (kind === 'base64' && !isText)
    return [note('M10', 'an array of byte values instead of base64; a receiver may refuse that')];
  if (kind === 'base64' && json.includes(BACKSLASH)) {
    return [note('M10', 'line breaks or escapes inside base64; a receiver may refuse that')];
  }
  if (
    kind === 'string' &&
    json.includes(BACKSLASH) &&
    LONE.test(String(JSON.parse(Buffer.from(json).toString())))
  ) {
    return [note('M8', 'a lone surrogate, read as U+FFFD; a receiver may refuse that')];
  }
  return [];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LONE = /\p{Cs}/u;
const DIGITS = /^-?\d/;

function misfit({ name, kind }: FieldRow, json: Uint8Array): Finding {
  const type = typeOf(json);
  if (kind === 'integer' && type === 'number') {
    return violation('M9', `${name} is an integer of 64 bits, without a fraction or an exponent`);
  }
  if (kind === 'base64' && (type === 'string' || type === 'array')) {
    return violation('M10', `${name} is standard base64 with padding`);
  }
  if (kind === 'json') return violation('M4', 'a number beyond the range of a double');
  return violation(
    'M4',
    `${name} is ${kind === 'base64' ? 'a base64 string' : `a JSON ${kind}`}, not a JSON ${type}`,
  );
}

function typeOf(json: Uint8Array): string {
  const first = String.fromCharCode(json[0] ?? 0);
  if (DIGITS.test(Buffer.from(json.subarray(0, 2)).toString('latin1'))) return 'number';
  return { '"': 'string', '[': 'array', '{': 'object', t: 'boolean', f: 'boolean' }[first] ?? 'null';
}
