import fc from 'fast-check';
import t from 'tap';
import {
  ALLOWED_RESULT_EXTENSIONS,
  FORBIDDEN_RESULT_EXTENSIONS,
  isAllowedResultFilename,
  validateResultFilename,
} from './result-extensions.ts';

const FORBIDDEN = { name: 'ValidationError', code: 'extension-forbidden', clause: 'R4' };
const UNKNOWN = { name: 'ValidationError', code: 'extension-unknown', clause: 'R4' };

t.test('every extension of the documented lists is decided (R4)', (t) => {
  t.equal(ALLOWED_RESULT_EXTENSIONS.size, 24);
  t.equal(FORBIDDEN_RESULT_EXTENSIONS.size, 36);
  for (const extension of ALLOWED_RESULT_EXTENSIONS) {
    t.ok(isAllowedResultFilename(`a${extension}`) && isAllowedResultFilename(`A${extension.toUpperCase()}`));
  }
  for (const extension of FORBIDDEN_RESULT_EXTENSIONS) {
    t.throws(() => validateResultFilename(`a${extension}`), FORBIDDEN, extension);
    t.throws(() => validateResultFilename(`a.txt${extension.toUpperCase()}`), FORBIDDEN, extension);
  }
  t.end();
});

t.test('only the last extension counts', (t) => {
  for (const name of ['a.txt', 'A.TXT', 'a.py.txt', '.txt', 'a..pdf', 'r\u00e9sum\u00e9.Pdf']) {
    t.doesNotThrow(() => validateResultFilename(name), name);
  }
  for (const name of [
    '',
    'txt',
    'a.',
    'a.txt.',
    'a.txt ',
    'a.exe',
    'a.txt/b',
    'a.tar.gz',
    'a.html',
    `a.${'x'.repeat(999)}`,
  ]) {
    t.throws(() => validateResultFilename(name), UNKNOWN, name.slice(0, 20));
  }
  t.end();
});

t.test('the two functions agree', (t) => {
  const known = fc.constantFrom(...ALLOWED_RESULT_EXTENSIONS, ...FORBIDDEN_RESULT_EXTENSIONS, '');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), known, (stem, extension) => {
      const name = stem + extension;
      try {
        validateResultFilename(name);
        return isAllowedResultFilename(name);
      } catch {
        return !isAllowedResultFilename(name);
      }
    }),
  );
  t.end();
});
