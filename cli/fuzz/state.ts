/** The state file of a campaign. It is replaced as a whole, so that a kill leaves either the old state or the new one. */

import { readFile } from 'node:fs/promises';
import { printable } from '../../conformance/util/printable.ts';
import type { CampaignState } from '../../fuzz/index.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { replaceFile } from '../core/replace-file.ts';

/** Undefined if there is no such file. Throws a UsageError for a file that cannot be read, or is not a state. */
export async function loadState(path: string): Promise<CampaignState | undefined> {
  const { CaseError, readState } = await import('../../fuzz/index.ts');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    throw new UsageError(`--resume ${printable(path)} cannot be read (${code})`);
  });
  if (text === undefined) return undefined;
  try {
    return await readState(text);
  } catch (error) {
    if (!(error instanceof CaseError)) throw error;
    throw new UsageError(`--resume ${printable(path)}: ${printable(error.message)}`);
  }
}

export async function saveState(path: string, state: CampaignState): Promise<void> {
  const { writeState } = await import('../../fuzz/index.ts');
  await replaceFile(path, writeState(state));
}
