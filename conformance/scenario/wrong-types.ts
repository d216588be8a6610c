/** Values of another JSON type than that of their field, which make a message malformed (M4). A null is legal (M3). */

import { type Bytes, concat, text } from './bytes.ts';

/** A short name, the words for a sentence, and the token. */
export type WrongValue = readonly [name: string, what: string, token: Bytes];

/** One value of each wrong type for a string field. Array and object hold the legal token, as some decoders unwrap it. */
export function wrongForString(legal: Bytes): readonly WrongValue[] {
  return [['number', 'a number', text('1')], ...wrongForAny(legal)];
}

/** One value of each wrong type for an integer field. */
export function wrongForInteger(digits: string): readonly WrongValue[] {
  return [['string', 'a string', text(`"${digits}"`)], ...wrongForAny(text(digits))];
}

function wrongForAny(legal: Bytes): readonly WrongValue[] {
  return [
    ['true', 'true', text('true')],
    ['false', 'false', text('false')],
    ['array', 'an array', concat(text('['), legal, text(']'))],
    ['object', 'an object', concat(text('{"value":'), legal, text('}'))],
  ];
}
