import { equal } from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { isSafeFilename, isSafeTaskId } from './safe-name.ts';
import { generateTaskId } from './task-id.ts';

t.test('ordinary ids and names are safe', (t) => {
  for (const id of ['task-1', generateTaskId(), 'A_b.c', '0', 'x'.repeat(64), '\u00e9'.repeat(32)])
    t.ok(isSafeTaskId(id), id);
  for (const name of [
    'report v2.pdf',
    'résumé.pdf',
    're\u0301sume\u0301.pdf',
    '日本.txt',
    '\u{1f600}.png',
    'a..b.txt',
    'a.tar.csv',
    "it's (1) [final] #2 & more, 100%.md",
    'console.txt',
    'com10.txt',
    'backup~.txt',
    `${'x'.repeat(252)}.txt`,
  ]) {
    t.ok(isSafeFilename(name), name);
  }
  t.end();
});

const UNSAFE: Readonly<Record<string, readonly string[]>> = {
  'empty names and directories': ['', '.', '..', '...', ' ', '. .'],
  separators: ['a/b', '/a', 'a/', '../a', 'a\\b', '\\a', '..\\a', '\\\\server\\share', '/etc/passwd'],
  'drive letters and streams': ['C:', 'C:a.txt', 'C:\\a', 'a.txt:stream', 'a.txt::$DATA'],
  'characters that names on Windows cannot have': ['a*', 'a?', 'a"', 'a<', 'a>', 'a|b', 'a<\u0338b'],
  'control characters': [
    'a\0.txt',
    '\0',
    'a\nb',
    'a\rb',
    'a\x1b[2J',
    'a\x7f',
    'a\x85b',
    'a\u2028b',
    'a\u2029b',
  ],
  edges: ['.hidden', 'a.', 'a.txt.', ' a', 'a ', 'a\u00a0', '\u3000a', '\u1680a', '\ta'],
  'devices of Windows': [
    'CON',
    'con.txt',
    'NUL',
    'nul.tar.csv',
    'Aux',
    'PRN .txt',
    'COM1',
    'com\u00b9.txt',
    'LPT9.md',
    'CONIN$',
    '\uff23\uff2f\uff2e',
  ],
  'short aliases': ['PROGRA~1', 'A_B~12.TXT', 'a\uff5e1'],
  'characters that look like separators': [
    'a\u2044b',
    'a\u2215b',
    'a\uff0fb',
    'a\uff3cb',
    'a\ufe68b',
    'a\u2216b',
    'a\u29f8b',
    'a\u2236b',
    'a\uff1ab',
    'a\ufe55b',
    '\u2105',
    '\u00bd',
  ],
  'characters that look like dots': ['a\u2024txt', 'a\uff0etxt', '\u2025', 'a\u2026', 'a\ufe52txt', '\u2488'],
  'invisible characters': [
    'a\u202etxt.exe',
    'a\u200bb',
    'a\u200db',
    'a\u2066b',
    '\ufeffa',
    'a\u00adb',
    'a\ue000b',
    'a\uffffb',
  ],
  'lone surrogates': ['a\ud800', '\udc00a', 'a\udfff\ud800b'],
};

/** The code points of a name, because a test report cannot contain some of these names. */
function codePoints(name: string): string {
  return Array.from(name, (character) => `U+${character.codePointAt(0)?.toString(16).padStart(4, '0')}`).join(
    ' ',
  );
}

for (const [group, names] of Object.entries(UNSAFE)) {
  t.test(`${group} are refused as id and as name (R5)`, (t) => {
    for (const name of names) {
      t.notOk(isSafeTaskId(name), codePoints(name));
      t.notOk(isSafeFilename(name), codePoints(name));
    }
    t.end();
  });
}

t.test('a name over its bound is refused', (t) => {
  t.notOk(isSafeTaskId('x'.repeat(65)));
  t.notOk(isSafeTaskId('\u00e9'.repeat(33)), 'the bound counts bytes, not characters');
  t.notOk(isSafeFilename('x'.repeat(257)));
  t.notOk(isSafeFilename('x'.repeat(16 * 1024 * 1024)));
  t.end();
});

const pieces = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 4 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom('a', 'task-1', '_', '.txt', '日本', 'é') },
  { weight: 1, arbitrary: fc.constantFrom(...Object.values(UNSAFE).flat()) },
);
const hostile = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));

t.test('a safe name is one segment inside its directory, on POSIX and on Windows', (t) => {
  let accepted = 0;
  fc.assert(
    fc.property(hostile, fc.constantFrom(isSafeTaskId, isSafeFilename), (name, isSafe) => {
      if (!isSafe(name)) return;
      accepted++;
      for (const form of [name, name.normalize('NFC'), name.normalize('NFD'), name.normalize('NFKC')]) {
        equal(posix.join('/store/results', form), `/store/results/${form}`);
        equal(posix.resolve('/store/results', form), `/store/results/${form}`);
        equal(posix.basename(form), form);
        equal(win32.join('C:\\store\\results', form), `C:\\store\\results\\${form}`);
        equal(win32.resolve('C:\\store\\results', form), `C:\\store\\results\\${form}`);
        equal(win32.basename(form), form);
      }
      equal(Buffer.from(name).toString(), name, 'its UTF-8 reads back as the same name');
    }),
    { numRuns: 2000 },
  );
  t.ok(accepted > 100, `the property held for ${accepted} accepted names`);
  t.end();
});

t.test('the bounds count bytes', (t) => {
  const letters = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom('a', 'é', '日', '\u{1f600}'), minLength: 1, maxLength });
  fc.assert(
    fc.property(letters(64), letters(256), (id, name) => {
      equal(isSafeTaskId(id), Buffer.byteLength(id) <= 64);
      equal(isSafeFilename(name), Buffer.byteLength(name) <= 256);
    }),
  );
  t.end();
});
