/** What a mutation is: a name, how often it is taken, and an arbitrary of edits of one stage. */

import type fc from 'fast-check';
import type { Edit } from '../../case/edits.ts';

export interface Mutation {
  /** Permanent; the part before the slash is what it changes. */
  readonly name: string;
  /** How often it is taken, compared with the others. 0: never. */
  readonly weight: number;
  readonly edits: fc.Arbitrary<Edit>;
}
