/** The fields of a message or of a task: which one differs, and why it probably does. */

import { FORMATS } from '../../vectors/build/formats.ts';
import type { ExpectedField } from '../cases/case.ts';
import { isSame, type Plain } from '../pipe/field.ts';
import { type Cause, type Finding, fail, jsonText, pass, shownField, shownTexts } from './finding.ts';

/** What a library does with a value. */
export type Direction = 'reads' | 'writes';

/** A field as it was found; undefined if its type is another one. */
export type FoundField = (field: ExpectedField) => Plain | undefined;

/** Compares all fields. `clause` is about the input. `special` explains a difference that depends on the whole input. */
export function judgeFields(
  fields: readonly ExpectedField[],
  found: FoundField,
  direction: Direction,
  clause: string,
  special: (field: ExpectedField, got: Plain | undefined) => Cause | undefined = () => undefined,
): Finding {
  for (const field of fields) {
    const got = found(field);
    if (got !== undefined && (isSame(got, field.value) || isSameInstant(field, got))) continue;
    const cause = unreadable(field, got) ?? special(field, got) ?? causeOf(field, got, direction, clause);
    const [shownGot, shownWanted] =
      typeof got === 'string' && typeof field.value === 'string'
        ? shownTexts(JSON.stringify(got), JSON.stringify(field.value))
        : [shownField(got), shownField(field.value)];
    return fail(`${field.name} = ${shownGot}`, `${field.name} = ${shownWanted}`, cause);
  }
  return pass('every field has its value');
}

/** A library with a type for times may write another text of the same time. */
function isSameInstant({ format, value }: ExpectedField, got: Plain): boolean {
  if (format !== FORMATS.time) return false;
  const wanted = instantOf(value);
  return wanted !== undefined && instantOf(got) === wanted;
}

/** In nanoseconds since 1970; undefined for what is not RFC 3339. */
function instantOf(text: Plain): bigint | undefined {
  if (typeof text !== 'string' || !FORMATS.time.isLegal(text)) return undefined;
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const ms = Date.parse(text.replace(/\.\d+/, ''));
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Of a number that the kit cannot read exactly. */
function unreadable({ value }: ExpectedField, got: Plain | undefined): Cause | undefined {
  if (typeof value !== 'bigint' || got === undefined || !isJson(got)) return undefined;
  return {
    cause: 'the adapter writes an integer from 2^53 on as a plain number',
    likely: 'write integers from 2^53 on, and from −2^53 down, as {"int64": "9007199254740993"}',
  };
}

function causeOf(
  { name, value }: ExpectedField,
  got: Plain | undefined,
  direction: Direction,
  clause: string,
): Cause {
  if (got === undefined)
    return {
      cause: `the library ${direction} ${name} with another type`,
      likely: `${name} has a type of its own in the tables of docs/protocol.md`,
    };
  if (typeof got === 'bigint' && typeof value === 'bigint' && isThroughDouble(got, value))
    return {
      cause: 'an integer of 64 bits loses its low digits (M9)',
      likely: 'the integer passes through a double; keep it in a 64-bit type, and parse its digits as such',
    };
  if (typeof got === 'string' && typeof value === 'string') {
    const text = textCause(got, value);
    if (text !== undefined) return text;
  }
  if (isJson(got) && isJson(value) && isHtml(jsonText(got.json), jsonText(value.json))) return HTML;
  const verb = direction === 'reads' ? 'reads another value than the input holds' : 'writes another value';
  return { cause: `the library ${verb} (${clause})` };
}

function isJson(field: Plain): field is { readonly json: unknown } {
  return typeof field === 'object' && !Buffer.isBuffer(field);
}

/** Saturation at the end of the range is what conversions from a double do. */
function isThroughDouble(got: bigint, wanted: bigint): boolean {
  return Number(got) === Number(wanted) && !Number.isSafeInteger(Number(wanted));
}

const ENTITIES: readonly (readonly [entity: RegExp, character: string])[] = [
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
  [/&quot;|&#34;/g, '"'],
  [/&#39;|&apos;/g, "'"],
  [/&amp;/g, '&'],
];

const HTML: Cause = {
  cause: 'text is escaped as HTML: &lt; stands where < was given',
  likely:
    'a function that escapes HTML is applied to values; JSON needs no entities, only \\u003c if anything',
};

function withoutEntities(text: string): string {
  return ENTITIES.reduce((rest, [entity, character]) => rest.replace(entity, character), text);
}

function isHtml(got: string, wanted: string): boolean {
  return got !== wanted && withoutEntities(got) === withoutEntities(wanted);
}

function textCause(got: string, wanted: string): Cause | undefined {
  if (isHtml(got, wanted)) return HTML;
  if (got === Buffer.from(wanted).toString('latin1'))
    return {
      cause: 'UTF-8 is taken for Latin-1',
      likely: 'bytes are turned into text without naming UTF-8',
    };
  if (got === wanted.trim() && got !== wanted)
    return { cause: 'white space at the ends of a text is cut off', likely: 'a trim() on a value' };
  if (got === wanted.split('\0')[0] && got !== wanted)
    return {
      cause: 'a text ends at its first NUL',
      likely: 'text is handled as a C string; carry its length',
    };
  if (JSON.stringify(wanted).slice(1, -1) === got && got !== wanted)
    return {
      cause: 'escapes of JSON are not resolved',
      likely: 'the token of a string is used as its value',
    };
  return undefined;
}
