/**
 * Compiles the TypeScript that a test imports, and keeps the result as long as the file is the same. A test runner that
 * compiles everything again for each test file spends most of its time on it. Loaded with --import, which .taprc names.
 */

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

const HOOKS = '?hooks';
const IN_GROUP = '?in-group';
const FOLDER = new URL('../../.tap/compiled/', import.meta.url);
const OPTIONS = { target: 'es2023', module: 'esnext', verbatimModuleSyntax: true, inlineSourceMap: true };

// This file is the preloaded script, and holds the hooks, which run in a thread of their own.
if (!import.meta.url.endsWith(HOOKS)) register(import.meta.url + HOOKS);
else mkdirSync(FOLDER, { recursive: true });

/** @type {import('node:module').ResolveHook} */
export async function resolve(specifier, context, next) {
  if (specifier !== 'tap' || !context.parentURL?.endsWith(IN_GROUP)) return next(specifier, context);
  const url = new URL(`suite/tap.ts?of=${encodeURIComponent(context.parentURL)}`, import.meta.url);
  return { url: url.href, shortCircuit: true };
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith('file:') || !new URL(url).pathname.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: await compiled(fileURLToPath(url)), shortCircuit: true };
}

/** One result is kept for each file. It ends in a comment with the digest of its source. */
async function compiled(path) {
  const source = readFileSync(path, 'utf8');
  const end = `\n// ${digestOf(JSON.stringify(OPTIONS) + source)}\n`;
  const kept = new URL(`${digestOf(path)}.js`, FOLDER);
  try {
    const text = readFileSync(kept, 'utf8');
    if (text.endsWith(end)) return text;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const { default: ts } = await import('typescript');
  const { options } = ts.convertCompilerOptionsFromJson(OPTIONS, '');
  const text = ts.transpileModule(source, { fileName: path, compilerOptions: options }).outputText + end;
  // Other test files may compile the same file at this moment.
  const temporary = new URL(randomUUID(), FOLDER);
  writeFileSync(temporary, text);
  renameSync(temporary, kept);
  return text;
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex');
}
