/** JSON text as a plain value, read alike by all versions of Node.js. */

import { type Json, readJson } from './json.ts';

/** A name that holds an escape; also matches some texts without one. */
const ESCAPED_NAME = /\\.[^"\\]*"\s*:/s;

/**
 * As `JSON.parse`: throws a SyntaxError for text that is not JSON. `JSON.parse` of Node.js 24 and 26 can take a name that holds an
 * escape for one that it met before: after the name `\`, it reads `{"a":0,"\u0041":1}` as `{"a":0,"\\":1}` (nodejs/node#63785).
 */
export function parseJson(text: string): unknown {
  const reading = ESCAPED_NAME.test(text) ? readJson(text) : undefined;
  // JSON.parse says what is malformed, and reads what is nested too deeply for the judge.
  return reading !== undefined && 'value' in reading ? plainValue(reading.value) : JSON.parse(text);
}

/** The value as `JSON.parse` has it. `Object.fromEntries` makes `__proto__` an own property, as `JSON.parse` does. */
export function plainValue(json: Json): unknown {
  switch (json.type) {
    case 'null':
      return null;
    case 'number':
      return Number(json.text);
    case 'array':
      return json.items.map(plainValue);
    case 'object':
      return Object.fromEntries([...json.members].map(([name, value]) => [name, plainValue(value)]));
    default:
      return json.value;
  }
}
