/** Compiles the TypeScript that a test imports, unless it has been compiled. Loaded with --import, which .taprc names. */

import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.mjs';

const HOOKS = '?hooks';
const IN_GROUP = '?in-group';

// This file is the preloaded script, and holds the hooks, which run in a thread of their own.
if (!import.meta.url.endsWith(HOOKS)) register(import.meta.url + HOOKS);

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
