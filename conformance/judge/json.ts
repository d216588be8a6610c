/**
 * The judge's own JSON reader: RFC 8259 and nothing else. A verdict depends on facts that `JSON.parse` drops: whether 200
 * was written as `200.0`, and which of two members with the same name came last.
 */

/** A JSON value as it was written. Numbers keep their text; of members with the same name the last one counts. */
export type Json =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly items: readonly Json[] }
  | { readonly type: 'object'; readonly members: ReadonlyMap<string, Json> };

/** Most containers inside each other; deeper input counts as malformed. */
const MAX_DEPTH = 512;

/** The words for each way in which a text is malformed. `behaviour` in a report contains them, so they must not change. */
const PROBLEMS = {
  'trailing-data': 'something stands behind the value',
  'too-deep': `more than ${MAX_DEPTH} containers inside each other`,
  'unknown-literal': 'no value begins here',
  'value-missing': 'a value or a name is missing',
  'malformed-token': 'no legal string or number',
  'colon-missing': ': expected',
  'object-not-closed': '} expected',
  'array-not-closed': '] expected',
} as const;

export interface JsonProblem {
  readonly code: keyof typeof PROBLEMS;
  /** Offset in UTF-16 units. */
  readonly at: number;
}

export type JsonReading = { readonly value: Json } | { readonly problem: JsonProblem };

/** Reads one JSON text. Never throws. */
export function readJson(text: string): JsonReading {
  const reader = new Reader(text);
  try {
    return { value: reader.document() };
  } catch (error) {
    if (error instanceof Malformed) return { problem: error.problem };
    throw error;
  }
}

/** The problem for a person, such as ": expected, at character 7". */
export function describeJsonProblem({ code, at }: JsonProblem): string {
  return `${PROBLEMS[code]}, at character ${at}`;
}

class Malformed extends Error {
  readonly problem: JsonProblem;

  constructor(problem: JsonProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

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
    if (this.#at < this.#text.length) this.#fail('trailing-data');
    return value;
  }

  /** A value and the white space around it. */
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
    this.#open(depth);
    if (this.#text[this.#at] !== '}') {
      do {
        this.#run(SPACE);
        const name = this.#string();
        this.#run(SPACE);
        this.#expect(':', 'colon-missing');
        members.set(name, this.#value(depth + 1));
      } while (this.#skip(','));
    }
    this.#expect('}', 'object-not-closed');
    return members;
  }

  #items(depth: number): Json[] {
    const items: Json[] = [];
    this.#open(depth);
    if (this.#text[this.#at] !== ']') {
      do items.push(this.#value(depth + 1));
      while (this.#skip(','));
    }
    this.#expect(']', 'array-not-closed');
    return items;
  }

  /** Enters the container that begins here, inside `depth` others. */
  #open(depth: number): void {
    if (depth === MAX_DEPTH) this.#fail('too-deep');
    this.#at += 1;
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
    if (!this.#text.startsWith(word, this.#at)) this.#fail('unknown-literal');
    this.#at += word.length;
    return value;
  }

  /** The value of a token without inner structure; `JSON.parse` checks the grammar of escapes and digits. */
  #primitive(token: string): unknown {
    try {
      return JSON.parse(token);
    } catch {
      this.#at -= token.length;
      return this.#fail(token === '' ? 'value-missing' : 'malformed-token');
    }
  }

  /** Skips the longest run of the given characters from here, and returns it; possibly empty. */
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

  #expect(character: string, otherwise: JsonProblem['code']): void {
    if (!this.#skip(character)) this.#fail(otherwise);
  }

  #fail(code: JsonProblem['code']): never {
    throw new Malformed({ code, at: this.#at });
  }
}
