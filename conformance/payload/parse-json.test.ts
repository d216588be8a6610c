import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { parseJson } from './parse-json.ts';

t.test('names with escapes are read as they are, whatever names came before', (t) => {
  parseJson('[{"a":[],"\\\\":0},{"a":[],"\\\\u":0}]');
  t.strictSame(parseJson('[{"a":1,"\\u0041":[]},{"a":1,"\\u0041b":{}}]'), [
    { a: 1, A: [] },
    { a: 1, Ab: {} },
  ]);
  const names = fc.constantFrom('', 'a', 'A', '\\', '\\u', '"', '\n', '__proto__', '7', '":', '\\":');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(null, true, 0, -1.5, '', '\\', '":', '\\": '),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
    ),
  }));
  fc.assert(fc.property(value, (value) => deepStrictEqual(parseJson(JSON.stringify(value)), value)));
  t.end();
});

t.test('what is malformed is said, and what is nested deeply is read, as JSON.parse does', (t) => {
  t.throws(() => parseJson('{"\\u0041":}'), SyntaxError);
  t.throws(() => parseJson('{'), SyntaxError);
  const deep = `${'['.repeat(2000)}{"\\n":1}${']'.repeat(2000)}`;
  t.equal(JSON.stringify(parseJson(deep)), deep);
  t.end();
});
