/** Which mutations are taken, and how often, as they stand on the command line. */

import { globOf } from '../../conformance/util/glob.ts';
import type { Weights } from '../../fuzz/generate/generate.ts';
import { UsageError } from '../core/errors.ts';

/** `only` are patterns, `weights` are NAME=NUMBER. Throws a UsageError for what names no mutation. */
export async function weightsOf(
  only: readonly string[] | undefined,
  weights: readonly string[] | undefined,
): Promise<Weights> {
  const { MUTATIONS } = await import('../../fuzz/generate/mutations/index.ts');
  const names = [...MUTATIONS.map(({ name }) => name), 'sequence'];
  const chosen: Record<string, number> = {};
  if (only !== undefined) {
    const patterns = only.map((pattern) => ({ pattern, matches: matcherOf(pattern) }));
    for (const { pattern, matches } of patterns)
      if (!names.some(matches))
        throw new UsageError(
          `--only-mutations ${JSON.stringify(pattern)} matches none of ${names.join(', ')}`,
        );
    for (const name of names) if (!patterns.some(({ matches }) => matches(name))) chosen[name] = 0;
  }
  for (const text of weights ?? []) {
    const [name = '', number = ''] = text.split('=');
    const weight = Number(number);
    if (!names.includes(name)) throw new UsageError(`--weights ${JSON.stringify(text)}: no mutation ${name}`);
    if (!/^\d{1,4}$/.test(number)) throw new UsageError(`--weights ${JSON.stringify(text)}: not NAME=NUMBER`);
    chosen[name] = weight;
  }
  return chosen;
}

function matcherOf(pattern: string): (name: string) => boolean {
  const glob = globOf(pattern);
  return (name) => glob.test(name);
}
