/** Files of findings that a user names. */

import { printable, printablePath } from '../../conformance/util/printable.ts';
import type { SavedFinding } from '../../fuzz/index.ts';
import { UsageError } from '../core/errors.ts';
import { decodeText } from '../core/read-file.ts';

/** In bytes, inclusive. Two frames at the cap, saved as hex, take a quarter of it. */
export const MAX_FINDING_BYTES = 256 * 1024 * 1024;

/** The finding in the bytes of a file. Throws a UsageError, which names the file, for bytes that are not a finding. */
export async function findingIn(bytes: Uint8Array, file: string): Promise<SavedFinding> {
  const { CaseError, readFinding } = await import('../../fuzz/index.ts');
  try {
    return readFinding(decodeText(bytes));
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`${printablePath(file)}: ${printable(error.message)}`);
  }
}
