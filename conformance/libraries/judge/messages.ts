/** What a library reads: a message with its values, or a refusal. */

import { readJson } from '../../payload/json.ts';
import type { Field } from '../../vectors/build/messages.ts';
import type { Expectation, ExpectedField } from '../cases/case.ts';
import { readField } from '../pipe/field.ts';
import { type Answer, isObject } from '../pipe/interface.ts';
import { judgeFields } from './fields.ts';
import { type Cause, type Finding, fail, pass, shownValue, WRONG_SHAPE } from './finding.ts';

/** Why a legal input is refused, by the clause that it is about. */
const REFUSES: Readonly<Record<string, Cause>> = {
  M1: {
    cause: 'a message with an unknown field is refused (M1)',
    likely:
      'the parser is strict about unknown fields, their nesting or their number; ignore what is unknown',
  },
  M2: {
    cause: 'a message with a missing field is refused (M2)',
    likely: 'a missing field is its zero value',
  },
  M3: { cause: 'a message with a null field is refused (M3)', likely: 'null is the zero value of a field' },
  M5: { cause: 'white space around the value is refused (M5)' },
  M9: {
    cause: 'an integer within 64 bits is refused (M9)',
    likely: 'the range of the integer type is too small',
  },
  M10: { cause: 'legal base64 is refused (M10)' },
};

/** Why a malformed input is accepted, by the clause that it is about. */
const ACCEPTS: Readonly<Record<string, Cause>> = {
  F8: { cause: 'an empty payload is taken for a message (F8)', likely: 'no bytes are no JSON; refuse them' },
  M4: {
    cause: 'a field of the wrong JSON type is converted (M4)',
    likely: 'check the type of the token before it is converted; "200", true and [200] are not 200',
  },
  M5: {
    cause: 'something after the value is not noticed (M5)',
    likely: 'a stream decoder stops at the end of the first value; look whether only white space follows',
  },
  M6: { cause: 'text that is no strict JSON object is taken (M6)', likely: 'the parser is lenient' },
  M9: {
    cause: 'a number that is no integer of 64 bits is taken for one (M9)',
    likely: 'check for fraction, exponent and range before the number is converted',
  },
  M10: {
    cause: 'base64 is not checked against its alphabet and padding (M10)',
    likely: 'the decoder skips what it does not know; use its strict variant',
  },
  M11: {
    cause: 'nesting of any depth is accepted (M11)',
    likely: 'bound the depth; it must not exhaust the stack',
  },
};

/** Other choices than those of the deployed implementation, where both are permitted. */
const CHOICES: Readonly<Record<string, string>> = {
  L3: 'a time that is not RFC 3339',
  M1: 'numbers, names or nesting beyond usual limits in unknown fields',
  M2: 'a status other than success and error',
  M6: 'null in place of a message',
  M8: 'text that is not valid Unicode',
  M9: 'numbers at the edge of the range',
  M10: 'line breaks, unused bits and arrays of numbers in base64',
  M13: 'a task file whose time or state is missing or unknown',
  R4: 'a file name that may not be sent',
  R6: 'a result_type other than text and file',
  S2: 'a status other than 200 and 400',
  U2: 'a status that is none of the eight states',
};

type Read = Extract<Expectation, { kind: 'message' | 'malformed' }>;

export function judgeMessage(expect: Read, answer: Answer, clause: string, isFree: boolean): Finding {
  const choice = isFree ? choiceOf(clause, expect.payload) : undefined;
  if (expect.kind === 'malformed') {
    if (answer.kind === 'refused') return pass('refused');
    const { value } = answer as Extract<Answer, { kind: 'value' }>;
    const cause = ACCEPTS[clause] ?? { cause: `what is malformed is taken (${clause})` };
    return fail(`a message: ${shownValue(value)}`, 'a refusal', choice ?? cause);
  }
  const wanted = 'a message';
  if (answer.kind === 'refused') {
    const cause = REFUSES[clause] ?? { cause: `what is legal is refused (${clause})` };
    return fail(`a refusal: ${shownValue(answer.error)}`, wanted, choice ?? cause);
  }
  const { value } = answer as Extract<Answer, { kind: 'value' }>;
  if (!isObject(value))
    return fail(shownValue(value), 'an object with the fields of the message', WRONG_SHAPE);
  const loose = choice === undefined ? looselyNamed(expect.payload) : undefined;
  return judgeFields(
    expect.fields(),
    (field) => readField(field.kind, value[field.name]),
    'reads',
    clause,
    (field) => choice ?? loose?.(field, value[field.name]),
  );
}

function choiceOf(clause: string, payload: () => Buffer): Cause {
  const what = clause === 'M7' ? nameChoice(payload()) : (CHOICES[clause] ?? 'this input');
  return { cause: `treated otherwise, as is permitted: ${what} (${clause})` };
}

/** M7 leaves two things open. */
function nameChoice(payload: Buffer): string {
  const names = [...payload.toString().matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g)].map(([, name = '']) => name);
  return new Set(names).size < names.length
    ? 'a name that occurs twice'
    : 'names in another case (case folding)';
}

/** A field whose value was taken from a name that only resembles its own. */
function looselyNamed(
  payload: () => Buffer,
): ((field: Field, got: unknown) => Cause | undefined) | undefined {
  return ({ name }: Field | ExpectedField, got) => {
    const reading = readJson(payload().toString());
    if (!('value' in reading) || reading.value.type !== 'object') return undefined;
    const { members } = reading.value;
    const similar = [...members.keys()].find((other) => other !== name && bare(other) === bare(name));
    const member = similar === undefined ? undefined : members.get(similar);
    if (member === undefined || members.has(name)) return undefined;
    const text = 'value' in member ? String(member.value) : 'text' in member ? member.text : undefined;
    if (String(got) !== text) return undefined;
    return {
      cause: 'a field is read from a name that only resembles its own (M1)',
      likely: `names are compared without their separators; ${similar} is an unknown field, not ${name}`,
    };
  };
}

function bare(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}
