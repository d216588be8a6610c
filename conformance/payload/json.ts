/**
 * The judge's own JSON reader: RFC 8259 and nothing else. A verdict depends on facts that `JSON.parse` drops: whether 200
 * was written as `200.0`, and which of two members with the same name came last. It reads a text piece by piece, so that
 * neither the time of a step nor what is kept depends on the size of the text.
 */

import { isPlainAscii } from './plain-ascii.ts';

/**
 * A JSON value as it was written. Numbers keep their text; of members with the same name the last one counts. `omitted`: the
 * number of UTF-16 units at the end of the string that were not kept. Absent: 0.
 */
export type Json =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'string'; readonly value: string; readonly omitted?: number }
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

/** What a reader keeps of a text. */
export interface JsonLimits {
  /** Of the outermost object, these members are kept; of their values that are containers, only the type. */
  readonly names: ReadonlySet<string>;
  /** Most UTF-16 units of a string that are kept. */
  readonly units: number;
}

/** Reads one JSON text. Never throws. */
export function readJson(text: string): JsonReading {
  const reader = new JsonReader();
  reader.push(text);
  return reader.end();
}

/** The problem for a person, such as ": expected, at character 7". */
export function describeJsonProblem({ code, at }: JsonProblem): string {
  return `${PROBLEMS[code]}, at character ${at}`;
}

const WORDS: Readonly<Record<string, Json & { readonly word: string }>> = {
  t: { type: 'boolean', value: true, word: 'true' },
  f: { type: 'boolean', value: false, word: 'false' },
  n: { type: 'null', word: 'null' },
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
/** All but quotes, backslashes and controls. */
const PLAIN = /[ !#-[\]-\uffff]+/y;
const NUMERIC = /[0-9+\-.eE]+/y;
const SPACE = /[ \t\r\n]+/y;
/** Values without inner structure, each with its comma, where nothing of them is kept: many in one step. */
const SIMPLE = String.raw`(?:\d|[1-9]\d{1,15}|"[ !#-[\]-\uffff]*"|true|false|null|\[\]|\{\})`;
const ITEMS = new RegExp(`(?:${SIMPLE},)+`, 'y');
/** Escapes, of one length each. */
const HEX_ESCAPES = /(?:\\u[0-9a-fA-F]{4})+/y;
const SHORT_ESCAPES = /(?:\\["\\/bfnrt])+/y;
/** UTF-16 units from which on V8 keeps a reference to the larger text. */
const SHORTEST_SLICE = 13;
/** Most UTF-16 units of a name, or of a number, that are kept where something is left out. */
const SHORT_UNITS = 64;

/** What a number may continue with: the next state for each kind of character, by state. */
const NUMBER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  begin: { '-': 'minus', '0': 'zero', '1': 'integer' },
  minus: { '0': 'zero', '1': 'integer' },
  zero: { '.': 'point', e: 'e' },
  integer: { '0': 'integer', '1': 'integer', '.': 'point', e: 'e' },
  point: { '0': 'fraction', '1': 'fraction' },
  fraction: { '0': 'fraction', '1': 'fraction', e: 'e' },
  e: { '+': 'sign', '-': 'sign', '0': 'exponent', '1': 'exponent' },
  sign: { '0': 'exponent', '1': 'exponent' },
  exponent: { '0': 'exponent', '1': 'exponent' },
};
const WHOLE_NUMBERS: readonly string[] = ['zero', 'integer', 'fraction', 'exponent'];

/** Where in the grammar the reader is. */
type State =
  | 'value'
  | 'first-item'
  | 'first-name'
  | 'name'
  | 'colon'
  | 'after'
  | 'string'
  | 'escape'
  | 'number'
  | 'word';

/** The problem of a text that ends there, if it is not that a value is missing. */
const UNFINISHED: Readonly<Partial<Record<State, JsonProblem['code']>>> = {
  string: 'malformed-token',
  escape: 'malformed-token',
  word: 'unknown-literal',
  colon: 'colon-missing',
};

/** A container that is open. */
type Open = { name: string } & (
  | { readonly type: 'object'; readonly members: Map<string, Json> }
  | { readonly type: 'array'; readonly items: Json[] }
);

/** Reads one JSON text that comes in pieces. Without limits, everything is kept. */
export class JsonReader {
  readonly #limits: JsonLimits | undefined;
  /** Members that are not kept. */
  readonly #others: RegExp | undefined;
  #state: State = 'value';
  readonly #open: Open[] = [];
  #root: Json | undefined;
  #problem: JsonProblem | undefined;
  /** Offset of the present piece in the text. */
  #from = 0;
  /** Offset of the present token in the text. */
  #tokenAt = 0;
  /** What is kept of the present token, the most that may be, and its number of units. */
  #token = '';
  #most = 0;
  #units = 0;
  /** Whether the present string is a name. */
  #isName = false;
  /** The digits of `\uNNNN` so far; undefined before the `u`. */
  #digits: string | undefined;
  #number = 'begin';
  #word: (typeof WORDS)[string] | undefined;

  constructor(limits?: JsonLimits) {
    this.#limits = limits;
    this.#others = limits && othersThan(limits.names);
  }

  /** Reads the next piece. Surrogate pairs may be cut. */
  push(text: string): void {
    for (let at = 0; at < text.length && this.#problem === undefined; ) at = this.#step(text, at);
    this.#from += text.length;
  }

  /**
   * Reads the bytes as the next piece, if they stand within a string of which no more is kept and for themselves. Returns whether they did;
   * otherwise `push` has to read them.
   */
  skip(bytes: Uint8Array): boolean {
    const isInside = this.#limits !== undefined && this.#state === 'string' && this.#problem === undefined;
    if (!isInside || this.#token.length < this.#most || !isPlainAscii(bytes)) return false;
    this.#units += bytes.length;
    this.#from += bytes.length;
    return true;
  }

  /** Ends the text. */
  end(): JsonReading {
    if (this.#problem === undefined) this.#end();
    if (this.#problem !== undefined) return { problem: this.#problem };
    return { value: this.#root ?? { type: 'null' } };
  }

  #end(): void {
    if (this.#state === 'number' && !this.#endNumber()) return;
    const container = this.#open.at(-1);
    const isInToken = ['string', 'escape', 'word'].includes(this.#state);
    if (this.#state !== 'after')
      this.#fail(UNFINISHED[this.#state] ?? 'value-missing', isInToken ? this.#tokenAt : this.#from);
    else if (container) this.#fail(`${container.type}-not-closed`, this.#from);
  }

  /** Reads something from offset `at` of the piece on. Returns the offset of what follows. */
  #step(text: string, at: number): number {
    switch (this.#state) {
      case 'string':
        return this.#inString(text, at);
      case 'escape':
        this.#escape(text.charAt(at));
        return at + 1;
      case 'number':
        return this.#inNumber(text, at);
      case 'word':
        return this.#inWord(text, at);
      default:
        return this.#between(text, at);
    }
  }

  /** Between two tokens. */
  #between(text: string, at: number): number {
    const space = runEnd(SPACE, text, at);
    if (space > at) return space;
    const skipped = this.#limits && this.#open.length < MAX_DEPTH ? this.#skip(text, at) : at;
    if (skipped > at) return skipped;
    const character = text.charAt(at);
    const place = this.#from + at;
    switch (this.#state) {
      case 'colon':
        if (character !== ':') this.#fail('colon-missing', place);
        this.#state = 'value';
        return at + 1;
      case 'after':
        this.#after(character, place);
        return at + 1;
      case 'first-name':
      case 'name':
        if (character === '"') this.#beginString(place, true);
        else if (character === '}' && this.#state === 'first-name') this.#close();
        else this.#fail('value-missing', place);
        return at + 1;
      default:
        if (character === ']' && this.#state === 'first-item') {
          this.#close();
          return at + 1;
        }
        return this.#beginValue(character, place) ? at + 1 : at;
    }
  }

  /** The offset after items or members that are not kept; `at` if there are none. */
  #skip(text: string, at: number): number {
    const { type } = this.#open.at(-1) ?? {};
    let end = at;
    if (type === 'array' && ['value', 'first-item'].includes(this.#state)) end = runEnd(ITEMS, text, at);
    else if (this.#others && ['name', 'first-name'].includes(this.#state))
      end = runEnd(this.#others, text, at);
    // A comma came last.
    if (end > at) this.#state = type === 'array' ? 'value' : 'name';
    return end;
  }

  #after(character: string, place: number): void {
    const container = this.#open.at(-1);
    if (container === undefined) this.#fail('trailing-data', place);
    else if (character === ',') this.#state = container.type === 'object' ? 'name' : 'value';
    else if (character === (container.type === 'object' ? '}' : ']')) this.#close();
    else this.#fail(`${container.type}-not-closed`, place);
  }

  /** Whether the first character has been read; otherwise it belongs to a number or a word. */
  #beginValue(character: string, place: number): boolean {
    this.#tokenAt = place;
    if (character === '{' || character === '[') {
      if (this.#open.length === MAX_DEPTH) this.#fail('too-deep', place);
      this.#open.push(
        character === '{'
          ? { type: 'object', members: new Map(), name: '' }
          : { type: 'array', items: [], name: '' },
      );
      this.#state = character === '{' ? 'first-name' : 'first-item';
      return true;
    }
    if (character === '"') {
      this.#beginString(place, false);
      return true;
    }
    this.#word = WORDS[character];
    this.#token = '';
    this.#most = this.#limits ? SHORT_UNITS : Number.POSITIVE_INFINITY;
    if (this.#word !== undefined) this.#state = 'word';
    else if (runEnd(NUMERIC, character, 0) === 0) this.#fail('value-missing', place);
    else {
      this.#state = 'number';
      this.#number = 'begin';
    }
    return false;
  }

  #beginString(place: number, isName: boolean): void {
    this.#state = 'string';
    this.#tokenAt = place;
    this.#token = '';
    this.#units = 0;
    this.#isName = isName;
    if (this.#limits === undefined) this.#most = Number.POSITIVE_INFINITY;
    else this.#most = isName ? SHORT_UNITS : this.#isKept() ? this.#limits.units : 0;
  }

  #inString(text: string, at: number): number {
    const end = runEnd(PLAIN, text, at);
    if (end > at) {
      this.#append(text.slice(at, Math.min(end, at + this.#most)), end - at);
      return end;
    }
    if (this.#token.length >= this.#most) {
      const [hexEnd, shortEnd] = [runEnd(HEX_ESCAPES, text, at), runEnd(SHORT_ESCAPES, text, at)];
      this.#units += (hexEnd - at) / 6 + (shortEnd - at) / 2;
      if (hexEnd > at || shortEnd > at) return Math.max(hexEnd, shortEnd);
    }
    const character = text.charAt(at);
    if (character === '"') this.#endString();
    else if (character === '\\') {
      this.#state = 'escape';
      this.#digits = undefined;
    } else this.#fail('malformed-token', this.#tokenAt);
    return at + 1;
  }

  #escape(character: string): void {
    const { [character]: simple } = ESCAPES;
    if (this.#digits === undefined && character === 'u') this.#digits = '';
    else if (this.#digits === undefined && simple !== undefined) {
      this.#append(simple, 1);
      this.#state = 'string';
    } else if (this.#digits !== undefined && /[0-9a-fA-F]/.test(character)) {
      this.#digits += character;
      if (this.#digits.length < 4) return;
      this.#append(String.fromCharCode(Number.parseInt(this.#digits, 16)), 1);
      this.#state = 'string';
    } else this.#fail('malformed-token', this.#tokenAt);
  }

  /** Keeps what is within the limit. `units`: how many came, which may be more than are in `piece`. */
  #append(piece: string, units: number): void {
    this.#units += units;
    const room = this.#most - this.#token.length;
    if (room > 0) this.#token += piece.length <= room ? piece : piece.slice(0, room);
  }

  #endString(): void {
    const container = this.#open.at(-1);
    if (this.#isName && container !== undefined) {
      // A name that is cut is none of those that are kept.
      container.name = this.#token;
      this.#state = 'colon';
      return;
    }
    const omitted = this.#units - this.#token.length;
    // A copy, because a slice would keep the whole piece in memory.
    const value = this.#limits && this.#most > 0 ? copied(this.#token) : this.#token;
    this.#complete({ type: 'string', value, ...(omitted > 0 && { omitted }) });
  }

  #inNumber(text: string, at: number): number {
    const end = runEnd(NUMERIC, text, at);
    for (let place = at; place < end; place += 1) {
      const next = NUMBER[this.#number]?.[kindOf(text.charAt(place))];
      if (next === undefined) {
        this.#fail('malformed-token', this.#tokenAt);
        return end;
      }
      this.#number = next;
    }
    this.#append(text.slice(at, Math.min(end, at + this.#most)), end - at);
    if (end < text.length) this.#endNumber();
    return end;
  }

  /** Whether the number is complete. */
  #endNumber(): boolean {
    const isWhole = WHOLE_NUMBERS.includes(this.#number);
    if (isWhole) this.#complete({ type: 'number', text: this.#limits ? copied(this.#token) : this.#token });
    else this.#fail('malformed-token', this.#tokenAt);
    return isWhole;
  }

  #inWord(text: string, at: number): number {
    const { word, ...value } = this.#word ?? { word: '', type: 'null' };
    this.#token += text.charAt(at);
    if (!word.startsWith(this.#token)) this.#fail('unknown-literal', this.#tokenAt);
    else if (word === this.#token) this.#complete(value);
    return at + 1;
  }

  /** Whether the value that begins here is kept. */
  #isKept(): boolean {
    if (this.#limits === undefined || this.#open.length === 0) return true;
    const [outermost, inner] = this.#open;
    return outermost?.type === 'object' && inner === undefined && this.#limits.names.has(outermost.name);
  }

  #close(): void {
    const container = this.#open.pop();
    if (container === undefined) return;
    const { name: _, ...json } = container;
    this.#complete(json);
  }

  #complete(json: Json): void {
    this.#state = 'after';
    const container = this.#open.at(-1);
    if (container === undefined) this.#root = json;
    else if (!this.#isKept()) return;
    else if (container.type === 'object') container.members.set(container.name, json);
    else container.items.push(json);
  }

  #fail(code: JsonProblem['code'], at: number): void {
    this.#problem ??= { code, at };
  }
}

const patterns = new WeakMap<ReadonlySet<string>, RegExp>();

/** Members of other names, with simple values. Names are words. */
function othersThan(names: ReadonlySet<string>): RegExp {
  const known = patterns.get(names);
  const kept = [...names].join('|');
  const pattern = known ?? new RegExp(String.raw`(?:"(?!(?:${kept})")[ !#-[\]-\uffff]*":${SIMPLE},)+`, 'y');
  patterns.set(names, pattern);
  return pattern;
}

/** The offset after the longest run of such characters from `at` on. */
function runEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The column of `NUMBER` for a character of a number. */
function kindOf(character: string): string {
  if (character === 'E') return 'e';
  return character >= '1' && character <= '9' ? '1' : character;
}

/** The text without the larger one that it was cut out of. V8 copies a short one by itself. */
function copied(text: string): string {
  if (text.length < SHORTEST_SLICE) return text;
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
