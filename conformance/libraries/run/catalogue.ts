/** Everything that a library is judged by: the cases of the vectors, generated ones, and what many answers decide together. */

import type { Requirement } from '../../scenario/requirement.ts';
import type { LibraryCase } from '../cases/case.ts';
import { libraryCases } from '../cases/index.ts';
import type { Finding } from '../judge/finding.ts';
import { OVERALL, type OverallScenario } from '../judge/overall.ts';
import type { Answer, Args, Op } from '../pipe/interface.ts';

/** A property that is checked on generated input. */
export interface LibraryProperty extends Requirement {
  /** Skipped unless the library has all of these. */
  readonly ops: readonly Op[];
  /** Asks as often as it needs to. `ask` throws when no answer comes. */
  readonly check: (ask: (op: Op, args: Args) => Promise<Answer>) => Promise<Finding>;
}

/** One scenario of a library, by how it is judged. */
export type LibraryScenario = Requirement &
  (
    | { readonly by: 'case'; readonly case: LibraryCase }
    | { readonly by: 'property'; readonly property: LibraryProperty }
    | { readonly by: 'overall'; readonly overall: OverallScenario }
  );

/** All scenarios. Cases come first, since the others need their answers. Read from fixtures/. */
export function libraryCatalogue(properties: readonly LibraryProperty[]): readonly LibraryScenario[] {
  return [
    ...libraryCases().map((one): LibraryScenario => ({ ...requirementOf(one), by: 'case', case: one })),
    ...properties.map((one): LibraryScenario => ({ ...requirementOf(one), by: 'property', property: one })),
    ...OVERALL.map((one): LibraryScenario => ({ ...requirementOf(one), by: 'overall', overall: one })),
  ];
}

function requirementOf({ id, clause, level, requirement, control }: Requirement): Requirement {
  return { id, clause, level, requirement, ...(control !== undefined && { control }) };
}
