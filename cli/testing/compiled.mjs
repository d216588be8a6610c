/**
 * TypeScript compiled for tests, each file by itself and without its types. A result is kept in `.tap/compiled/` as long as its
 * source is the same: a test runner that compiles everything again for each test file spends most of its time on it.
 */

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const FOLDER = new URL('../../.tap/compiled/', import.meta.url);
const OPTIONS = {
  loader: 'ts',
  format: 'esm',
  target: 'node20.19',
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  sourcemap: 'inline',
  sourcesContent: false,
};

mkdirSync(FOLDER, { recursive: true });

/** The JavaScript of the file at this path. It ends in a comment with the digest of its source. */
export async function compiled(path) {
  const source = readFileSync(path, 'utf8');
  const end = `\n// ${digestOf(JSON.stringify(OPTIONS) + source)}\n`;
  const kept = new URL(`${digestOf(path)}.js`, FOLDER);
  try {
    const text = readFileSync(kept, 'utf8');
    if (text.endsWith(end)) return text;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const { transform } = await import('esbuild');
  const { code } = await transform(source, { ...OPTIONS, sourcefile: path });
  const text = code + end;
  // Another process may compile the same file at this moment.
  const temporary = new URL(randomUUID(), FOLDER);
  writeFileSync(temporary, text);
  renameSync(temporary, kept);
  return text;
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex');
}
