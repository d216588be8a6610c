/**
 * Strings and free values ⇄ JSON text. Writing is canonical, byte for byte (M12); reading takes the text of one
 * value that json-scan.ts has already found to be JSON.
 */
import { MAX_DEPTH } from './json-scan.ts';
import type { JsonValue } from './message-types.ts';

/** Anything that may need an escape: " \ < > & U+2028 U+2029, control characters and surrogates. */
const SPECIAL = /[^ !#-%'-;=?-[\]-\u2027\u202a-\ud7ff\ue000-\uffff]/;

/** What canonical text escapes and the platform does not. */
const HTML_SPECIAL = /[<>&\u2028\u2029]/g;

/** Canonical text of a string. A lone surrogate, which UTF-8 cannot hold, becomes `\ufffd` (M8). */
export function stringText(value: string): string {
  if (!SPECIAL.test(value)) return `"${value}"`;
  return replaceLoneSurrogates(JSON.stringify(value).replace(HTML_SPECIAL, unicodeEscape));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Canonical text of a free value: keys sorted by their UTF-8 bytes, numbers in the shortest form that reads back.
 * Throws a TypeError when it is no JsonValue: undefined, a function, a number that is not finite, an object that is
 * not plain, a cycle, or nesting so deep that nobody would read it (M11; the enclosing message is one level).
 */
export function jsonText(value: unknown): string {
  let text = '';
  let next = value;
  const open: { readonly container: object; readonly members: Iterator<Member>; readonly closer: string }[] =
    [];
  const path = new Set<object>();
  for (;;) {
    if (typeof next === 'object' && next !== null) {
      if (path.has(next)) throw new TypeError('a value that contains itself has no JSON');
      if (path.size >= MAX_DEPTH - 1) throw new TypeError(`nested deeper than ${MAX_DEPTH}`);
      path.add(next);
      const isArray = Array.isArray(next);
      text += isArray ? '[' : '{';
      const members = Array.isArray(next) ? items(next) : entries(next);
      open.push({ container: next, members, closer: isArray ? ']' : '}' });
    } else {
      text += scalarText(next);
    }
    for (;;) {
      const innermost = open.at(-1);
      if (innermost === undefined) return text;
      const member = innermost.members.next();
      if (!member.done) {
        text += member.value.before;
        next = member.value.value;
        break;
      }
      text += innermost.closer;
      path.delete(innermost.container);
      open.pop();
    }
  }
}

interface Member {
  /** The separator and, in an object, the key. */
  readonly before: string;
  readonly value: unknown;
}

function* items(array: Iterable<unknown>): Generator<Member> {
  let before = '';
  for (const value of array) {
    yield { before, value };
    before = ',';
  }
}

function* entries(object: object): Generator<Member> {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('only plain objects have JSON');
  let separator = '';
  for (const [key, value] of Object.entries(object).sort(byUtf8OfKey)) {
    yield { before: `${separator}${stringText(key)}:`, value };
    separator = ',';
  }
}

function byUtf8OfKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new TypeError(`${String(value)} has no JSON`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The value of well-formed text, lone surrogates read as U+FFFD (M8). `__proto__` is a key like any other. */
export function parseJson(text: string): JsonValue {
  return JSON.parse(replaceLoneSurrogates(text));
}

/** The value of a string's text, quotes included. */
export function parseString(text: string): string {
  return text.includes('\\') ? String(parseJson(text)) : text.slice(1, -1);
}

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * The text with `\ufffd` for each escaped surrogate that has no partner. Visits each escape once; to replace them by a
 * regular expression costs a hundred times as much when a payload is full of escapes.
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

/** Of `\uXXXX`. */
const ESCAPE_LENGTH = 6;

/** The UTF-16 code unit that a `\uXXXX` at this position stands for. */
function escapedUnit(text: string, at: number): number | undefined {
  return text.startsWith('\\u', at) ? Number.parseInt(text.slice(at + 2, at + ESCAPE_LENGTH), 16) : undefined;
}

function isLowSurrogate(unit: number | undefined): boolean {
  return unit !== undefined && unit >= 0xdc00 && unit <= 0xdfff;
}
