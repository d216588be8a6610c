/** Checks the reference against the vectors. There is one check for each file of vectors; it throws where the two differ. */

import type { VectorByPath, VectorPath } from '../../../conformance/vectors/load.ts';
import { Disagreement } from './compare.ts';
import { checkExtension, checkPolo, checkTaskId, checkTime, checkValidation } from './value-checks.ts';
import { checkDecode, checkEncode, checkFrames, checkGolden, checkTaskFile } from './wire-checks.ts';

const CHECKS: { readonly [P in VectorPath]: (vector: VectorByPath[P]) => void } = {
  'vectors/decode': checkDecode,
  'vectors/encode': checkEncode,
  'vectors/frames': checkFrames,
  'vectors/task-files': checkTaskFile,
  'vectors/times': checkTime,
  'vectors/validation': checkValidation,
  'vectors/extensions': checkExtension,
  'vectors/polo': checkPolo,
  'vectors/task-ids': checkTaskId,
  'golden/index': checkGolden,
};

/** All files of vectors, in the order of the output. */
export const VECTOR_PATHS = Object.keys(CHECKS) as readonly VectorPath[];

/** One line that says how the reference disagrees with a vector; undefined when it agrees. Never throws. */
export function disagreement<P extends VectorPath>(path: P, vector: VectorByPath[P]): string | undefined {
  try {
    CHECKS[path](vector);
    return undefined;
  } catch (error) {
    return error instanceof Disagreement ? error.message : `threw ${String(error)}`;
  }
}
