/** docs/trust.md: every source file and every test that the page names exists, and each promise has a test. */

import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

const PROMISES = 12;
/** A cell of a table: `path/of/x.test.ts`: the name of a test. */
const CITATION = /^\| .* \| `([^`]+\.test\.ts)`: (.+) \|$/;

const page = readFileSync('docs/trust.md', 'utf8');
const sections = page.split(/^(?=##+ )/m).filter((section) => /^### \d+\. /.test(section));

t.test('the page has every promise, each with the tests that keep it', async (t) => {
  t.strictSame(
    sections.map((section) => Number.parseInt(section.slice('### '.length), 10)),
    Array.from({ length: PROMISES }, (_, index) => index + 1),
  );
  for (const section of sections) {
    const [title = ''] = section.split('\n');
    const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('|'));
    t.not(rows.length, 0, title);
    for (const row of rows) {
      const [, file = '', name = ''] = CITATION.exec(row) ?? [];
      const source = existsSync(file) ? readFileSync(file, 'utf8') : '';
      // The name as a literal, or as the key of a table.
      t.ok(
        [`'${name}'`, `"${name}"`, `\`${name}`].some((literal) => source.includes(literal)),
        row,
      );
    }
  }
});

t.test('the files that keep a promise exist', async (t) => {
  const paths = [...page.matchAll(/`([\w.-]+\/[\w./-]+)`/g)].map(([, path = '']) => path);
  t.not(paths.length, 0);
  t.strictSame(
    paths.filter((path) => !existsSync(path)),
    [],
  );
});
