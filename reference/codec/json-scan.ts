/**
 * The grammar of JSON: a cursor over valid UTF-8 that steps over tokens and whole values and returns their text. It
 * does not interpret values; json-field.ts does, from the text.
 *
 * It does not recurse: a level of nesting costs one array entry, and MAX_DEPTH limits the levels (M11).
 */
import { ProtocolError } from '../protocol/errors.ts';

/** The most levels of nested arrays and objects, inclusive; the outermost one counts (M11). */
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
export const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/** For each byte: 1 when it may occur in a string without an escape. */
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

/** Every method throws a ProtocolError 'malformed-json' when the bytes break the grammar. */
export class JsonScanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The offset of the next byte; after a method has thrown, of the byte that breaks the grammar. */
  get position(): number {
    return this.#at;
  }

  /** Skips white space and returns the next byte without taking it; -1 at the end. */
  peek(): number {
    let byte = this.#bytes[this.#at] ?? -1;
    while (byte === SPACE || byte === NEW_LINE || byte === RETURN || byte === TAB) {
      this.#at++;
      byte = this.#bytes[this.#at] ?? -1;
    }
    return byte;
  }

  /** Skips white space and takes the next byte if it is the given one. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.#at++;
    return true;
  }

  /** As `take`, and throws when the next byte is another one. */
  expect(byte: number): void {
    if (!this.take(byte)) throw this.#malformed(`expected ${String.fromCharCode(byte)}`);
  }

  /** Throws when anything but white space follows (M5). */
  expectEnd(): void {
    if (this.peek() !== -1) throw this.#malformed('text after the value', 'M5');
  }

  /** Skips white space and takes these bytes if they are next. */
  takeToken(token: Uint8Array): boolean {
    this.peek();
    for (let index = 0; index < token.length; index++) {
      if (this.#bytes[this.#at + index] !== token[index]) return false;
    }
    this.#at += token.length;
    return true;
  }

  /** Takes a string and returns its text with quotes and escapes. */
  takeString(): string {
    this.peek();
    const start = this.#at;
    this.#skipString();
    return this.#text(start, this.#at);
  }

  /** As `skipValue`, and also returns the text. */
  takeValue(depth: number): { readonly text: string; readonly inRange: boolean } {
    this.peek();
    const start = this.#at;
    const inRange = this.skipValue(depth);
    return { text: this.#text(start, this.#at), inRange };
  }

  /** The bytes from the opening quote at the cursor to the next quote, escaped or not, without both. Takes nothing. */
  peekQuoted(): Buffer {
    const start = this.#at + 1;
    const end = this.#bytes.indexOf(QUOTE, start);
    return this.#bytes.subarray(start, end === -1 ? start : end);
  }

  /** Takes a string of `length` bytes between its quotes. `peekQuoted` has returned them and they hold no escape. */
  skipQuoted(length: number): void {
    this.#at += length + 1;
    this.expect(QUOTE);
  }

  #skipString(): void {
    this.expect(QUOTE);
    const bytes = this.#bytes;
    let at = this.#at;
    for (;;) {
      // A position after the end reads as 0, a control character, which is illegal too.
      const byte = bytes[at] ?? 0;
      if (PLAIN[byte] === 1) at++;
      else if (byte === BACKSLASH) at += this.#escapeLength(at);
      else {
        this.#at = at;
        if (byte !== QUOTE) throw this.#malformed('unclosed string, or a control character in it');
        this.#at++;
        return;
      }
    }
  }

  /**
   * Takes one value of any kind that is inside `depth` arrays and objects. Returns whether every number in it is in
   * the range of a double.
   */
  skipValue(depth: number): boolean {
    let inRange = true;
    const closers: number[] = [];
    for (;;) {
      const first = this.peek();
      if (first === OPEN_BRACE || first === OPEN_BRACKET) {
        this.#at++;
        if (depth + closers.length >= MAX_DEPTH)
          throw this.#malformed(`more than ${MAX_DEPTH} levels of nesting`, 'M11');
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
    throw this.#malformed('unknown escape');
  }

  /** Returns whether the number is in the range of a double. */
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
    // With an exponent of at most 2 digits and at most 200 bytes the number is far below 1.8e308.
    if (exponentDigits <= 2 && this.#at - start <= 200) return true;
    return Number.isFinite(Number(this.#text(start, this.#at)));
  }

  /** Returns the number of digits, at least 1. */
  #skipDigits(): number {
    const start = this.#at;
    while (isDigit(this.#bytes[this.#at] ?? 0)) this.#at++;
    if (this.#at === start) throw this.#malformed('expected a digit');
    return this.#at - start;
  }

  /** As `take`, but without skipping white space, because it is inside a token. */
  #skip(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  #skipLiteral(first: number): void {
    const literal = first === LETTER_T ? TRUE : first === LETTER_F ? FALSE : NULL;
    const end = this.#at + literal.length;
    if (!literal.equals(this.#bytes.subarray(this.#at, end))) throw this.#malformed('expected a value');
    this.#at = end;
  }

  #text(start: number, end: number): string {
    return this.#bytes.toString('utf8', start, end);
  }

  #malformed(what: string, clause = 'M6'): ProtocolError {
    return new ProtocolError('malformed-json', clause, `malformed JSON at byte ${this.#at}: ${what}`);
  }
}
