/**
 * Which of many suspects is the culprit: halves are thrown on their own until few are left, and those one at a time. Every
 * half that kills costs a restart of the target, every single one only a look.
 */

import type { Case } from '../case/case.ts';

export interface CrashTests {
  /** Whether the target falls to these, thrown side by side; it is brought back. */
  readonly together: (cases: readonly Case[]) => Promise<boolean>;
  /** The index of the first that fells it on its own, -1 if none does; it is brought back. */
  readonly alone: (cases: readonly Case[]) => Promise<number>;
}

/** So many are thrown one at a time. */
const FEW = 16;

/** The first culprit among the suspects, undefined if none of them kills, or only several together do. */
export async function bisect<S extends { readonly value: Case }>(
  suspects: readonly S[],
  kills: CrashTests,
): Promise<S | undefined> {
  let list = suspects;
  while (list.length > FEW) {
    const half = list.slice(0, Math.ceil(list.length / 2));
    list = (await kills.together(half.map(({ value }) => value))) ? half : list.slice(half.length);
  }
  return list[await kills.alone(list.map(({ value }) => value))];
}
