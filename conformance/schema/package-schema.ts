/** The schemas of this package, compiled when they are first asked for. */

import { readFile } from 'node:fs/promises';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { packageFile } from '../util/package-file.ts';

/**
 * Gives the check of a value against a schema of `fixtures/schema/`, named without its ending. It is compiled once, which takes
 * longer than to check a file. `refersTo`: the schemas that it refers to.
 */
export function packageSchema<Value>(
  name: string,
  refersTo: readonly string[] = [],
): () => Promise<ValidateFunction<Value>> {
  let compiled: Promise<ValidateFunction<Value>> | undefined;
  return () => (compiled ??= compile(name, refersTo));
}

async function compile<Value>(name: string, refersTo: readonly string[]): Promise<ValidateFunction<Value>> {
  const [{ Ajv2020 }, schema, ...schemas] = await Promise.all([
    import('ajv/dist/2020.js'),
    ...[name, ...refersTo].map(async (one) =>
      JSON.parse(await readFile(packageFile(`fixtures/schema/${one}.schema.json`), 'utf8')),
    ),
  ]);
  // Most of the time would go into checking the schemas, which the tests do, and into shortening the code of the check.
  return new Ajv2020({ schemas, validateSchema: false, code: { optimize: false } }).compile<Value>(schema);
}
