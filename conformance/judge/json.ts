/**
 * The judge's own JSON reader. `JSON.parse` forgets what a verdict may hang on: whether 200 was written as `200.0`,
 * and which of two equal names came last. It takes RFC 8259 and nothing else.
 */

/** A JSON value as it was written. Numbers keep their text; of equal names the last one counts. */
export type Json =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly items: readonly Json[] }
  | { readonly type: 'object'; readonly members: ReadonlyMap<string, Json> };

/** Containers inside each other that are followed; deeper input is called malformed. */
const MAX_DEPTH = 512;

/** The value, or a sentence that says what is wrong and at which character offset. */
export type JsonReading = { readonly value: Json } | { readonly problem: string };

/** Reads one JSON text. Never throws. */
export function readJson(text: string): JsonReading {
  const reader = new Reader(text);
  try {
    return { value: reader.document() };
  } catch (error) {
    if (error instanceof Malformed) return { problem: error.message };
    throw error;
  }
}

class Malformed extends Error {}

const SPACE = ' \t\r\n';
const NUMERIC = '0123456789+-.eE';

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value(0);
    if (this.#at < this.#text.length) this.#fail('something stands behind the value');
    return value;
  }

  /** A value with the white space around it. */
  #value(depth: number): Json {
    this.#run(SPACE);
    const value = this.#bareValue(depth);
    this.#run(SPACE);
    return value;
  }

  #bareValue(depth: number): Json {
    switch (this.#text[this.#at]) {
      case '{':
        return { type: 'object', members: this.#members(depth) };
      case '[':
        return { type: 'array', items: this.#items(depth) };
      case '"':
        return { type: 'string', value: this.#string() };
      case 't':
        return this.#literal('true', { type: 'boolean', value: true });
      case 'f':
        return this.#literal('false', { type: 'boolean', value: false });
      case 'n':
        return this.#literal('null', { type: 'null' });
      default: {
        const token = this.#run(NUMERIC);
        this.#primitive(token);
        return { type: 'number', text: token };
      }
    }
  }

  #members(depth: number): Map<string, Json> {
    const members = new Map<string, Json>();
    this.#open('{', depth);
    if (this.#text[this.#at] !== '}') {
      do {
        this.#run(SPACE);
        const name = this.#string();
        this.#run(SPACE);
        this.#expect(':');
        members.set(name, this.#value(depth + 1));
      } while (this.#skip(','));
    }
    this.#expect('}');
    return members;
  }

  #items(depth: number): Json[] {
    const items: Json[] = [];
    this.#open('[', depth);
    if (this.#text[this.#at] !== ']') {
      do items.push(this.#value(depth + 1));
      while (this.#skip(','));
    }
    this.#expect(']');
    return items;
  }

  /** Enters a container that stands inside `depth` others. */
  #open(bracket: '{' | '[', depth: number): void {
    if (depth === MAX_DEPTH) this.#fail(`more than ${MAX_DEPTH} containers inside each other`);
    this.#expect(bracket);
    this.#run(SPACE);
  }

  #string(): string {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    const token = this.#text[this.#at] === '"' ? this.#text.slice(this.#at, end + 1) : '';
    this.#at += token.length;
    return String(this.#primitive(token));
  }

  #literal(word: string, value: Json): Json {
    if (!this.#text.startsWith(word, this.#at)) this.#fail('no value begins here');
    this.#at += word.length;
    return value;
  }

  /** What a token without inner structure stands for; the grammar of escapes and digits is the platform's. */
  #primitive(token: string): unknown {
    try {
      return JSON.parse(token);
    } catch {
      this.#at -= token.length;
      return this.#fail(token === '' ? 'a value or a name is missing' : 'no legal string or number');
    }
  }

  /** The longest run of the given characters from here, possibly empty; moves behind it. */
  #run(characters: string): string {
    const from = this.#at;
    while (this.#at < this.#text.length && characters.includes(this.#text.charAt(this.#at))) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) this.#fail(`${character} expected`);
  }

  #fail(what: string): never {
    throw new Malformed(`${what}, at character ${this.#at}`);
  }
}
