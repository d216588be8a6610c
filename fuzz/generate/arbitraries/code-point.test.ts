import fc from 'fast-check';
import t from 'tap';
import { codePoint } from './code-point.ts';

t.test('the same seed gives the same text as the unit of fast-check', async (t) => {
  const sample = (unit: 'binary' | typeof codePoint): readonly string[] =>
    fc.sample(fc.string({ unit, maxLength: 40 }), { seed: 1, numRuns: 2000 });
  const texts = sample(codePoint);
  t.strictSame(texts, sample('binary'));
  t.ok(texts.some((text) => /[\u{10000}-\u{10ffff}]/u.test(text)));
  t.ok(texts.includes('__proto__'));
});

t.test('a character is from the first code point to the last, and never a surrogate', async (t) => {
  const codes = fc.sample(codePoint, { seed: 1, numRuns: 20_000 }).map((text) => text.codePointAt(0) ?? 0);
  t.equal(Math.min(...codes), 0);
  t.equal(Math.max(...codes), 0x10ffff);
  t.notOk(codes.some((code) => code >= 0xd800 && code <= 0xdfff));
});

t.test('a character can be shrunk; anything else is none', async (t) => {
  for (const value of ['\0', '\ud7ff', '\ue000', '\u{10ffff}'])
    t.ok(codePoint.canShrinkWithoutContext(value), value);
  for (const value of ['', 'ab', '\ud800', '\udfff', 7])
    t.notOk(codePoint.canShrinkWithoutContext(value), String(value));
});
