/**
 * The reference held against the vectors: vector → what the reference makes of it → the same, or a reason. One check a
 * file; a check throws where the two differ.
 */

import type { VectorByPath, VectorPath } from '../../conformance/vectors/load.ts';
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

/** Every file of vectors, in the order in which they are shown. */
export const VECTOR_PATHS = Object.keys(CHECKS) as readonly VectorPath[];

/** Why the reference disagrees with a vector, in one line; undefined when it agrees. Never throws. */
export function disagreement<P extends VectorPath>(path: P, vector: VectorByPath[P]): string | undefined {
  try {
    CHECKS[path](vector);
    return undefined;
  } catch (error) {
    return error instanceof Disagreement ? error.message : `threw ${String(error)}`;
  }
}
