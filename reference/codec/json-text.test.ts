import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { JsonValue } from '../protocol/message-types.ts';
import { jsonValue, looseText, text } from '../testing/arbitraries.ts';
import { jsonText, parseJson, parseString, stringText } from './json-text.ts';

/** The text with U+FFFD for each lone surrogate, by the encoder of the platform. */
function wellFormed(value: string): string {
  return Buffer.from(value).toString();
}

t.test('a string is read back unchanged, with U+FFFD for lone surrogates (M8)', (t) => {
  fc.assert(fc.property(text, (value) => strictEqual(parseString(stringText(value)), value)));
  fc.assert(
    fc.property(looseText, (value) => strictEqual(parseString(stringText(value)), wellFormed(value))),
  );
  fc.assert(
    fc.property(looseText, (value) => strictEqual(parseString(JSON.stringify(value)), wellFormed(value))),
  );
  t.end();
});

t.test('canonical strings escape only the characters that M12 lists', (t) => {
  t.equal(stringText("a/'\u007f\u0080\ufeff\ufffd\u{1f680}"), '"a/\'\u007f\u0080\ufeff\ufffd\u{1f680}"');
  t.equal(stringText('\0\b\t\n\v\f\r\u001f'), '"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f"');
  t.equal(stringText('<&>"\\\u2028\u2029'), '"\\u003c\\u0026\\u003e\\"\\\\\\u2028\\u2029"');
  t.equal(stringText('\ud800\udbff\udc00\udc00'), '"\\ufffd\u{10fc00}\\ufffd"');
  t.equal(stringText('\\ud800'), '"\\\\ud800"', 'an escaped backslash before the letters of an escape');
  t.end();
});

t.test('two escaped surrogates form a pair only in the right order', (t) => {
  t.equal(parseString('"\\ud83d\\ude80"'), '\u{1f680}');
  t.equal(parseString('"\\uD83D\\uDE80"'), '\u{1f680}');
  t.equal(parseString('"\\ud83d\\ud83d\\ude80\\ude80"'), '\ufffd\u{1f680}\ufffd');
  t.equal(parseString('"\\ud83d\\\\ude80"'), '\ufffd\\ude80');
  t.equal(parseString('"\\ud83d\\n\\ude80"'), '\ufffd\n\ufffd');
  t.equal(parseString('"\\\\ud83d"'), '\\ud83d');
  t.strictSame(parseJson('{"\\ud800":"\\udc00","\\u0041":1}'), { '\ufffd': '\ufffd', A: 1 });
  t.end();
});

t.test('any JSON value is read back unchanged', (t) => {
  fc.assert(fc.property(jsonValue, (value) => deepStrictEqual(parseJson(jsonText(value)), value)));
  t.end();
});

t.test('names with escapes are read as they are, whatever names came before', (t) => {
  // After a name with a backslash, JSON.parse of Node.js 24 and 26 reads such names wrongly.
  parseJson('[{"a":[],"\\\\":0},{"a":[],"\\\\u":0}]');
  t.strictSame(parseJson('[{"a":1,"\\u0041":[]},{"a":1,"\\u0041b":{}}]'), [
    { a: 1, A: [] },
    { a: 1, Ab: {} },
  ]);
  t.strictSame(parseJson(' { "\\n" : [ ] , "b" : [ { } , -1.5 , "\\\\\\": x" ] } '), {
    '\n': [],
    b: [{}, -1.5, '\\": x'],
  });
  t.equal(parseString('"\\\\\\": x"'), '\\": x');
  const names = fc.constantFrom('', 'a', 'A', '\\', '\\u', '"', '\n', '<', '__proto__', '7', '":', '\\":');
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(null, true, 0, 1e300, '', '\\', '":', '\\": '),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((members) => Object.fromEntries(members)),
    ),
  }));
  fc.assert(fc.property(value, (value) => deepStrictEqual(parseJson(jsonText(value)), value)));
  const deep = `${'['.repeat(9000)}{"\\n":1}${']'.repeat(9000)}`;
  t.equal(jsonText(parseJson(deep)), deep);
  t.end();
});

t.test('the text of any JSON value is canonical (M12)', (t) => {
  t.equal(
    jsonText({ b: [], '\u{10000}': 1, '\uffff': {}, a: null, Z: true, '': [1, 'x'] }),
    '{"":[1,"x"],"Z":true,"a":null,"b":[],"\uffff":{},"\u{10000}":1}',
  );
  t.equal(
    jsonText([1e21, 1e20, 1e-7, 1e-6, -0, 0.1, -1.5e-9]),
    '[1e+21,100000000000000000000,1e-7,0.000001,-0,0.1,-1.5e-9]',
  );
  t.equal(jsonText({ '<': '&' }), '{"\\u003c":"\\u0026"}');
  t.equal(jsonText(JSON.parse('{"__proto__":{"a":1}}')), '{"__proto__":{"a":1}}');
  t.equal(jsonText(Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
  const shared = [1];
  t.equal(jsonText([shared, shared]), '[[1],[1]]', 'the same value twice is not a cycle');
  t.end();
});

t.test('members come in the order of the UTF-8 bytes of their keys (M12)', (t) => {
  // Code points around the surrogates have another order in UTF-16.
  const key = fc.string({
    unit: fc.constantFrom('a', 'Z', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}'),
  });
  fc.assert(
    fc.property(fc.uniqueArray(key), (keys) => {
      const text = jsonText(Object.fromEntries(keys.map((key) => [key, null])));
      const expected = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      deepStrictEqual(Object.keys(JSON.parse(text)), expected);
    }),
  );
  t.end();
});

t.test('a value that cannot be JSON is refused', (t) => {
  const cycle: unknown[] = [];
  cycle.push({ cycle });
  const holes: unknown[] = [];
  holes.length = 1;
  const refused = [
    undefined,
    Number.NaN,
    Infinity,
    1n,
    Symbol('s'),
    () => 1,
    new Date(0),
    new Map(),
    cycle,
    holes,
  ];
  for (const value of refused) {
    t.throws(() => jsonText(value), TypeError);
    t.throws(() => jsonText([{ value }]), TypeError);
  }
  t.end();
});

t.test('jsonText writes as many levels of nesting as a receiver reads, and no more (M11)', (t) => {
  const nested = (levels: number): unknown => {
    let value: unknown[] = [];
    for (let level = 1; level < levels; level++) value = [value];
    return value;
  };
  t.equal(jsonText(nested(9999)), '['.repeat(9999) + ']'.repeat(9999));
  t.throws(() => jsonText(nested(10_000)), TypeError);
  t.end();
});
