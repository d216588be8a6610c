/** The state file of a campaign. It is replaced as a whole, so that a kill leaves either the old state or the new one. */

import { printable } from '../../conformance/util/printable.ts';
import type { CampaignState } from '../../fuzz/index.ts';
import { UsageError } from '../core/errors.ts';
import { readWhole } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';

/** Undefined if there is no such file. Throws a UsageError for a file that is not a state. */
export async function loadState(path: string): Promise<CampaignState | undefined> {
  const { CaseError, readState } = await import('../../fuzz/index.ts');
  const bytes = await readWhole(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    return await readState(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`--resume ${printable(path)}: ${printable(error.message)}`);
  }
}

export async function saveState(path: string, state: CampaignState): Promise<void> {
  const { writeState } = await import('../../fuzz/index.ts');
  await replaceFile(path, writeState(state));
}
