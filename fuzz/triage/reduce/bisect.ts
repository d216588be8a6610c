/** Finds the fatal case among many that were in flight together. */

import type { Case } from '../../case/case.ts';

/** Up to this number, candidates are executed one at a time. */
const FEW = 4;

/** How to find out whether cases are fatal. After each call the target is healthy. */
export interface CrashTests {
  /** Whether the cases stop the target together. */
  readonly isFatal: (cases: readonly Case[]) => Promise<boolean>;
  /** The index of the first case that stops the target alone, -1 if none does. */
  readonly firstFatal: (cases: readonly Case[]) => Promise<number>;
}

/**
 * Finds the fatal case among many: halves the list until few are left, and tries those one at a time. All are tried at first,
 * because the cause may not be among them. Each list that is fatal costs a restart of the target.
 */
export async function bisect<C extends { readonly value: Case }>(
  candidates: readonly C[],
  tests: CrashTests,
): Promise<C | undefined> {
  const valuesOf = (list: readonly C[]): readonly Case[] => list.map(({ value }) => value);
  let list = candidates;
  if (list.length > FEW && !(await tests.isFatal(valuesOf(list)))) return undefined;
  while (list.length > FEW) {
    const half = list.slice(0, Math.ceil(list.length / 2));
    list = (await tests.isFatal(valuesOf(half))) ? half : list.slice(half.length);
  }
  return list[await tests.firstFatal(valuesOf(list))];
}
