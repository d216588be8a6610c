/** The state file of a campaign: read when it is there, and replaced as a whole, so that a kill leaves an old one or a new. */

import { readFile } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import type { CampaignState } from '../../fuzz/campaign/state.ts';
import { UsageError } from '../core/errors.ts';
import { replaceFile } from '../core/replace-file.ts';

/** Undefined if there is no such file. Throws a UsageError for one that is no state. */
export async function loadState(path: string): Promise<CampaignState | undefined> {
  const [{ readState }, { CaseError }] = await Promise.all([
    import('../../fuzz/campaign/state.ts'),
    import('../../fuzz/case/case-json.ts'),
  ]);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return await readState(text);
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`--resume ${printable(path)}: ${printable(error.message)}`);
  }
}

export async function saveState(path: string, state: CampaignState): Promise<void> {
  const { writeState } = await import('../../fuzz/campaign/state.ts');
  await replaceFile(path, writeState(state));
}
