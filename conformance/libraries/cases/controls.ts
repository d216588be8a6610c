/**
 * The controls of refusals. A library that refuses everything must not pass what demands a refusal, so such a case counts only
 * if a legal input to the same operation, of the same message, is taken in the same run.
 */

import { LEVELS } from '../../scenario/requirement.ts';
import type { LibraryCase } from './case.ts';

/**
 * The same cases; each that demands a refusal names its control, which is as binding as it is. Throws an Error if there is none
 * for it.
 */
export function withControlIds(cases: readonly LibraryCase[]): readonly LibraryCase[] {
  const controls = new Map<string, LibraryCase>();
  for (const one of cases) {
    const best = controls.get(kindOf(one));
    const isBetter = best === undefined || rankOf(one) < rankOf(best);
    if (isBetter && !isRefusal(one)) controls.set(kindOf(one), one);
  }
  return cases.map((one) => {
    if (!isRefusal(one)) return one;
    const control = controls.get(kindOf(one));
    if (control === undefined || levelOf(control) > levelOf(one))
      throw new Error(`no case that is as binding as ${one.id} shows that a library takes what is legal`);
    return { ...one, control: control.id };
  });
}

/** The strictest level is the lowest. */
function levelOf({ level }: LibraryCase): number {
  return LEVELS.indexOf(level);
}

/** Of two legal inputs of a level, the one with every field shows more. */
function rankOf(one: LibraryCase): number {
  return 2 * levelOf(one) + (one.id.endsWith('-all-fields') ? 0 : 1);
}

/** What is asked: the operation, and the message if there are several. */
function kindOf({ op, message = '' }: LibraryCase): string {
  return `${op} ${message}`;
}

/** Whether an empty or a negative answer is the right one. */
function isRefusal({ expect }: LibraryCase): boolean {
  switch (expect.kind) {
    case 'malformed':
    case 'no-frame':
    case 'no-time':
      return true;
    case 'validity':
      return !expect.valid;
    case 'frames':
      return expect.ending !== 'clean' || expect.frames.length === 0;
    default:
      return false;
  }
}
