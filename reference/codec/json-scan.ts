/**
 * The grammar of JSON over bytes that are valid UTF-8, and nothing but the grammar: a cursor that steps over tokens and
 * whole values and says where they lie. What a value means is decided by json-object.ts, from its text.
 *
 * There is no recursion: a level of nesting costs one array entry, and MAX_DEPTH bounds them (M11).
 */
import { ProtocolError } from '../protocol/errors.ts';

/** Most arrays and objects inside each other, inclusive, the outermost counted (M11). */
export const MAX_DEPTH = 10_000;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
const TAB = 0x09;
const NEW_LINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_CAPITAL_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/** By byte: 1 when it may stand in a string for itself. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);
const SHORT_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const HEX_DIGITS = new Set(Buffer.from('0123456789abcdefABCDEF'));
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Every method throws a ProtocolError 'malformed-json' where the bytes leave the grammar. */
export class JsonScanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Offset of the next byte; once a method has thrown, of the byte where the bytes leave the grammar. */
  get position(): number {
    return this.#at;
  }

  /** Skips white space and returns the byte behind it, without taking it; -1 at the end. */
  peek(): number {
    let byte = this.#bytes[this.#at] ?? -1;
    while (byte === SPACE || byte === NEW_LINE || byte === RETURN || byte === TAB) {
      this.#at++;
      byte = this.#bytes[this.#at] ?? -1;
    }
    return byte;
  }

  /** Takes the next byte if it is this one. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.#at++;
    return true;
  }

  expect(byte: number): void {
    if (!this.take(byte)) throw this.#malformed(`${String.fromCharCode(byte)} expected`);
  }

  /** Nothing but white space may follow (M5). */
  expectEnd(): void {
    if (this.peek() !== -1) throw this.#malformed('nothing may follow the value', 'M5');
  }

  /** Takes exactly these bytes if they are next. */
  takeToken(token: Uint8Array): boolean {
    this.peek();
    for (let index = 0; index < token.length; index++) {
      if (this.#bytes[this.#at + index] !== token[index]) return false;
    }
    this.#at += token.length;
    return true;
  }

  /** Takes a string and returns its text, quotes and escapes included. */
  takeString(): string {
    this.peek();
    const start = this.#at;
    this.#skipString();
    return this.#text(start, this.#at);
  }

  /** As `skipValue`, and returns the text. */
  takeValue(depth: number): { readonly text: string; readonly inRange: boolean } {
    this.peek();
    const start = this.#at;
    const inRange = this.skipValue(depth);
    return { text: this.#text(start, this.#at), inRange };
  }

  /** The bytes from behind the opening quote at the cursor to the next quote, escaped or not. Takes nothing. */
  peekQuoted(): Buffer {
    const start = this.#at + 1;
    const end = this.#bytes.indexOf(QUOTE, start);
    return this.#bytes.subarray(start, end === -1 ? start : end);
  }

  /** Takes `length` bytes that `peekQuoted` has shown to be plain, and their quotes. */
  skipQuoted(length: number): void {
    this.#at += length + 1;
    this.expect(QUOTE);
  }

  #skipString(): void {
    this.expect(QUOTE);
    const bytes = this.#bytes;
    let at = this.#at;
    for (;;) {
      // Past the end reads as a control character, which is as illegal.
      const byte = bytes[at] ?? 0;
      if (PLAIN[byte] === 1) at++;
      else if (byte === BACKSLASH) at += this.#escapeLength(at);
      else {
        this.#at = at;
        if (byte !== QUOTE) throw this.#malformed('a string is not closed, or holds a control character');
        this.#at++;
        return;
      }
    }
  }

  /**
   * Steps over one value of any kind that `depth` arrays and objects enclose. Returns whether every number in it is
   * within the range of a double.
   */
  skipValue(depth: number): boolean {
    let inRange = true;
    const closers: number[] = [];
    for (;;) {
      const first = this.peek();
      if (first === OPEN_BRACE || first === OPEN_BRACKET) {
        this.#at++;
        if (depth + closers.length >= MAX_DEPTH)
          throw this.#malformed(`nested deeper than ${MAX_DEPTH}`, 'M11');
        const closer = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
        if (!this.take(closer)) {
          closers.push(closer);
          if (closer === CLOSE_BRACE) this.#skipKey();
          continue;
        }
      } else if (first === QUOTE) this.#skipString();
      else if (first === MINUS || isDigit(first)) inRange = this.#skipNumber() && inRange;
      else this.#skipLiteral(first);

      let closer = closers.at(-1);
      while (closer !== undefined && this.take(closer)) {
        closers.pop();
        closer = closers.at(-1);
      }
      if (closer === undefined) return inRange;
      this.expect(COMMA);
      if (closer === CLOSE_BRACE) this.#skipKey();
    }
  }

  #skipKey(): void {
    this.#skipString();
    this.expect(COLON);
  }

  #escapeLength(at: number): number {
    const letter = this.#bytes[at + 1] ?? 0;
    if (SHORT_ESCAPES.has(letter)) return 2;
    let length = 2;
    while (length < 6 && HEX_DIGITS.has(this.#bytes[at + length] ?? 0)) length++;
    if (letter === LETTER_U && length === 6) return length;
    this.#at = at;
    throw this.#malformed('no such escape');
  }

  /** Returns whether the number is within the range of a double. */
  #skipNumber(): boolean {
    const start = this.#at;
    let exponentDigits = 0;
    this.#skip(MINUS);
    if (!this.#skip(ZERO)) this.#skipDigits();
    if (this.#skip(POINT)) this.#skipDigits();
    if (this.#skip(LETTER_E) || this.#skip(LETTER_CAPITAL_E)) {
      if (!this.#skip(PLUS)) this.#skip(MINUS);
      exponentDigits = this.#skipDigits();
    }
    // With an exponent of at most 99 and so few digits it is far from 1.8e308.
    if (exponentDigits <= 2 && this.#at - start <= 200) return true;
    return Number.isFinite(Number(this.#text(start, this.#at)));
  }

  /** Returns how many there are, at least one. */
  #skipDigits(): number {
    const start = this.#at;
    while (isDigit(this.#bytes[this.#at] ?? 0)) this.#at++;
    if (this.#at === start) throw this.#malformed('a digit expected');
    return this.#at - start;
  }

  /** As `take`, but inside a token, where white space is not skipped. */
  #skip(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #skipLiteral(first: number): void {
    const literal = first === LETTER_T ? TRUE : first === LETTER_F ? FALSE : NULL;
    const end = this.#at + literal.length;
    if (!literal.equals(this.#bytes.subarray(this.#at, end))) throw this.#malformed('a value expected');
    this.#at = end;
  }

  #text(start: number, end: number): string {
    return this.#bytes.toString('utf8', start, end);
  }

  #malformed(what: string, clause = 'M6'): ProtocolError {
    return new ProtocolError('malformed-json', clause, `malformed JSON at byte ${this.#at}: ${what}`);
  }
}
