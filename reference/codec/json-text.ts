/**
 * Strings and values of any shape ⇄ JSON text. Writing is canonical, byte for byte (M12). Reading takes the text of
 * one value that json-scan.ts has checked to be JSON.
 */

import type { JsonValue } from '../protocol/message-types.ts';
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  JsonScanner,
  MAX_DEPTH,
  OPEN_BRACE,
  OPEN_BRACKET,
} from './json-scan.ts';

/** Characters that may need an escape: " \ < > & U+2028 U+2029, control characters and surrogates. */
const SPECIAL = /[^ !#-%'-;=?-[\]-\u2027\u202a-\ud7ff\ue000-\uffff]/;

/** Characters that canonical text escapes and JSON.stringify does not. */
const HTML_SPECIAL = /[<>&\u2028\u2029]/g;

/** The canonical text of a string, with quotes. A lone surrogate, which UTF-8 cannot hold, becomes `\ufffd` (M8). */
export function stringText(value: string): string {
  if (!SPECIAL.test(value)) return `"${value}"`;
  return replaceLoneSurrogates(JSON.stringify(value).replace(HTML_SPECIAL, unicodeEscape));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * The canonical text of any JSON value: keys sorted by their UTF-8 bytes, numbers in the shortest form that reads
 * back. Throws a TypeError for a value that is not a JsonValue (undefined, a function, a number that is not finite,
 * an object that is not plain, a cycle) and for MAX_DEPTH levels of nesting or more, because the message around it is
 * one level (M11).
 */
export function jsonText(value: unknown): string {
  let text = '';
  let next = value;
  const open: OpenContainer[] = [];
  const path = new Set<object>();
  for (;;) {
    if (typeof next === 'object' && next !== null) {
      if (path.has(next)) throw new TypeError('a value that contains itself cannot be JSON');
      if (path.size >= MAX_DEPTH - 1) throw new TypeError(`more than ${MAX_DEPTH} levels of nesting`);
      path.add(next);
      text += Array.isArray(next) ? '[' : '{';
      open.push(Array.isArray(next) ? { container: next, values: next, at: 0 } : openObject(next));
    } else {
      text += scalarText(next);
    }
    for (;;) {
      const innermost = open.at(-1);
      if (innermost === undefined) return text;
      const { container, keys, values } = innermost;
      const at = innermost.at++;
      if (at < values.length) {
        if (at > 0) text += ',';
        if (keys !== undefined) text += `${stringText(keys[at] ?? '')}:`;
        next = values[at];
        break;
      }
      text += keys === undefined ? ']' : '}';
      path.delete(container);
      open.pop();
    }
  }
}

/** An array or an object whose members are being written. */
interface OpenContainer {
  readonly container: object;
  /** The keys of an object; an array has none. */
  readonly keys?: readonly string[];
  readonly values: readonly unknown[];
  /** The index of the next member. */
  at: number;
}

function openObject(object: object): OpenContainer {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('only plain objects can be JSON');
  const members: Readonly<Record<string, unknown>> = { ...object };
  const keys = Object.keys(members).sort(byUtf8);
  return { container: object, keys, values: keys.map((key) => members[key]), at: 0 };
}

/** Code units that sort differently in UTF-16 and in UTF-8. */
const SURROGATE = /[\ud800-\udfff]/;

function byUtf8(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new TypeError(`${String(value)} cannot be JSON`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The value of well-formed text. A lone surrogate reads as U+FFFD (M8). `__proto__` is an ordinary key. */
export function parseJson(text: string): JsonValue {
  const valid = replaceLoneSurrogates(text);
  return ESCAPED_NAME.test(valid) ? readContainers(valid) : JSON.parse(valid);
}

/** A name that holds an escape; also matches some texts without one. */
const ESCAPED_NAME = /\\.[^"\\]*"\s*:/;

/**
 * As JSON.parse, which in Node.js 24 and 26 can take a name that holds an escape for one that it met before: after the name
 * `\`, it reads `{"a":0,"\u0041":1}` as `{"a":0,"\\":1}` (nodejs/node#63785).
 */
function readContainers(text: string): JsonValue {
  const scanner = new JsonScanner(Buffer.from(text));
  const open: ReadContainer[] = [];
  for (;;) {
    let value: JsonValue | undefined;
    if (scanner.take(OPEN_BRACE)) open.push({ closer: CLOSE_BRACE, names: [], values: [] });
    else if (scanner.take(OPEN_BRACKET)) open.push({ closer: CLOSE_BRACKET, names: [], values: [] });
    else value = JSON.parse(scanner.takeValue(0).text) as JsonValue;
    for (;;) {
      const innermost = open.at(-1);
      if (value !== undefined) {
        if (innermost === undefined) return value;
        innermost.values.push(value);
      }
      if (innermost === undefined) throw new TypeError('not the text of one value');
      const { closer, names, values } = innermost;
      if (!scanner.take(closer)) {
        if (values.length > 0) scanner.expect(COMMA);
        if (closer === CLOSE_BRACE) {
          names.push(parseString(scanner.takeString()));
          scanner.expect(COLON);
        }
        break;
      }
      open.pop();
      value =
        closer === CLOSE_BRACKET
          ? values
          : Object.fromEntries(names.map((name, at) => [name, values[at] ?? null]));
    }
  }
}

/** An array or an object whose members are being read. */
interface ReadContainer {
  readonly closer: number;
  /** Of an object: of each member, also of one that is being read. */
  readonly names: string[];
  readonly values: JsonValue[];
}

/** The value of the text of a string, which includes the quotes. */
export function parseString(text: string): string {
  return text.includes('\\') ? String(JSON.parse(replaceLoneSurrogates(text))) : text.slice(1, -1);
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * The text with `\ufffd` for each escaped surrogate that has no partner. It visits each escape once. For a payload
 * full of escapes a regular expression would take a hundred times as long.
 */
function replaceLoneSurrogates(text: string): string {
  if (!SURROGATE_ESCAPE.test(text)) return text;
  let replaced = '';
  let copied = 0;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
    const unit = escapedUnit(text, at);
    if (unit === undefined) at += 2;
    else if (unit < 0xd800 || unit > 0xdfff) at += ESCAPE_LENGTH;
    else if (unit < 0xdc00 && isLowSurrogate(escapedUnit(text, at + ESCAPE_LENGTH))) at += 2 * ESCAPE_LENGTH;
    else {
      replaced += `${text.slice(copied, at)}\\ufffd`;
      at += ESCAPE_LENGTH;
      copied = at;
    }
  }
  return replaced + text.slice(copied);
}

/** The length of `\uXXXX`. */
const ESCAPE_LENGTH = 6;

/** The UTF-16 code unit of the `\uXXXX` at this position; undefined when there is none. */
function escapedUnit(text: string, at: number): number | undefined {
  return text.startsWith('\\u', at) ? Number.parseInt(text.slice(at + 2, at + ESCAPE_LENGTH), 16) : undefined;
}

function isLowSurrogate(unit: number | undefined): boolean {
  return unit !== undefined && unit >= 0xdc00 && unit <= 0xdfff;
}
