/** All mutants of clients. */

import { badServer } from './faults/bad-server.ts';
import { halfClosing } from './faults/half-closing.ts';
import { reading } from './faults/reading.ts';
import { results } from './faults/results.ts';
import { sending } from './faults/sending.ts';
import type { ClientMutant } from './mutant.ts';

export { clientVariants } from './variants.ts';

export const clientMutants: readonly ClientMutant[] = [
  ...sending,
  ...results,
  ...reading,
  ...badServer,
  ...halfClosing,
];
