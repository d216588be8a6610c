/** Programs that reproduce a finding without this kit, in bash, Node.js and Python 3. They judge as the kit does. */

import { bashProgram } from './bash.ts';
import { nodeProgram } from './node.ts';
import { type Plan, planOf, type Reproducible } from './plan.ts';
import { pythonProgram } from './python.ts';

/** The texts of the programs. */
export interface Reproducers {
  readonly bash: string;
  readonly node: string;
  readonly python: string;
}

export function reproducers(finding: Reproducible): Reproducers {
  const plan = planOf(finding);
  return { bash: bashProgram(plan), node: nodeProgram(plan), python: pythonProgram(plan) };
}

export type { Plan, Reproducible };
