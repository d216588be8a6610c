import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { type Json, JsonReader, type JsonReading, readJson } from './json.ts';

const NAMES: ReadonlySet<string> = new Set(['a', 'status']);
const UNITS = 3;

/** What is left of a whole value within the limits. */
function limited(reading: JsonReading): JsonReading {
  if ('problem' in reading || reading.value.type !== 'object') return typeOnly(reading);
  const members = [...reading.value.members].filter(([name]) => NAMES.has(name));
  return { value: { type: 'object', members: new Map(members.map(([name, json]) => [name, cut(json)])) } };
}

function typeOnly(reading: JsonReading): JsonReading {
  return 'problem' in reading ? reading : { value: cut(reading.value) };
}

function cut(json: Json): Json {
  if (json.type === 'array') return { type: 'array', items: [] };
  if (json.type === 'object') return { type: 'object', members: new Map() };
  if (json.type !== 'string' || json.value.length <= UNITS) return json;
  return { type: 'string', value: json.value.slice(0, UNITS), omitted: json.value.length - UNITS };
}

const piece = fc.constantFrom(
  ...'{}[]",:\\u01-. \n',
  ...[
    '12',
    '1,',
    '"x",',
    'null',
    'true,',
    '[],',
    '{},',
    '"a":',
    '"b":1,',
    '"a":1,',
    '"status":"long",',
    '{"a":[1,',
  ],
  ...[
    '"\\u0041\\u0042\\u0043\\u0044\\u0045"',
    '"\\n\\n\\n\\n\\n"',
    '"\\u0061":1,',
    '"abcdef\\u00410\\n"',
    ']',
    '}',
  ],
);

t.test('limits change what is kept, and nothing else, for any pieces', async () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
      const text = parts.join('');
      const reader = new JsonReader({ names: NAMES, units: UNITS });
      for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
      return isDeepStrictEqual(reader.end(), limited(readJson(text)));
    }),
    { numRuns: 20_000 },
  );
});
