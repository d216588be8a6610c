/** The state file of a campaign. It is replaced as a whole, so that a kill leaves either the old state or the new one. */

import { printable, printablePath } from '../../conformance/util/printable.ts';
import type { CampaignState } from '../../fuzz/index.ts';
import { UsageError } from '../core/errors.ts';
import { readTextIfAny } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';

/** In bytes. The state of a long campaign holds a case for each signature. */
const MAX_STATE_BYTES = 256 * 1024 * 1024;

/**
 * `option` names the file in a message. Undefined if there is no such file. Throws a UsageError for a file that is not a state,
 * or cannot be read.
 */
export async function loadState(path: string, option: string): Promise<CampaignState | undefined> {
  const { CaseError, readState } = await import('../../fuzz/index.ts');
  const text = await readTextIfAny(path, { most: MAX_STATE_BYTES, onlyRegular: true });
  if (text === undefined) return undefined;
  try {
    return await readState(text);
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`${option} ${printablePath(path)}: ${printable(error.message)}`);
  }
}

/** What `loadState` would refuse because of its size is not written: rejects with the code EFBIG, as for a limit of the system. */
export async function saveState(path: string, state: CampaignState, most = MAX_STATE_BYTES): Promise<void> {
  const { writeState } = await import('../../fuzz/index.ts');
  const text = writeState(state);
  if (Buffer.byteLength(text) > most)
    throw Object.assign(new Error('the state is too large to be read again'), { code: 'EFBIG' });
  await replaceFile(path, text);
}
