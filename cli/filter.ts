/** Selecting scenarios by patterns on their ids. */

import type { Scenario } from '../conformance/index.ts';
import { UsageError } from './io.ts';

/**
 * A test for "its id matches one of the patterns"; without patterns, everything does. Throws UsageError when a pattern
 * matches nothing, since a run that silently judges less than was asked for is worse than none.
 */
export function selectedBy(
  patterns: readonly string[] | undefined,
  catalogue: readonly Scenario[],
  option: string,
): (scenario: Scenario) => boolean {
  if (patterns === undefined) return () => true;
  const tests = patterns.map((pattern) => {
    const test = new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`);
    if (!catalogue.some(({ id }) => test.test(id))) {
      throw new UsageError(
        `${option} ${JSON.stringify(pattern)} matches no scenario; conform list shows their ids`,
      );
    }
    return test;
  });
  return ({ id }) => tests.some((test) => test.test(id));
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
