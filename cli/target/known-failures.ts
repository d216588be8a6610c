/** The file of known failures: read before a run, and written after it with --update-known-failures. */

import type { KnownFailureList } from '../../conformance/index.ts';
import type { Context } from '../core/context.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { readWhole } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';
import type { RunOptions } from '../options/run.ts';

export interface KnownFailuresFile {
  readonly file: string;
  /** Whether the file is written after the run. */
  readonly update: boolean;
  readonly text: string;
}

/** Undefined without --known-failures. A file that will be written may be missing. Throws UsageError. */
export async function readKnownFailures(
  options: RunOptions,
  signal: AbortSignal,
): Promise<KnownFailuresFile | undefined> {
  const { knownFailures: file, updateKnownFailures: update, target } = options;
  const { only, skip, section, clause, level, shard } = options;
  if (file === undefined) {
    if (update) throw new UsageError('--update-known-failures needs --known-failures FILE');
    return undefined;
  }
  if ((target?.length ?? 1) > 1) throw new UsageError('--known-failures is for one target');
  if (update && [only, skip, section, clause, level, shard].some((filter) => filter !== undefined)) {
    throw new UsageError('--update-known-failures needs a run of all scenarios, without filters or --shard');
  }
  try {
    return { file, update, text: (await readWhole(file, signal)).toString('utf8') };
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error);
    if (update && code === 'ENOENT') return { file, update, text: '' };
    throw new UsageError(`cannot read --known-failures ${JSON.stringify(file)} (${code})`);
  }
}

/** Writes the list. A failure is reported on standard error, and does not change the exit status. */
export async function writeKnownFailures(
  file: string,
  list: KnownFailureList,
  context: Context,
): Promise<void> {
  try {
    await replaceFile(file, list.text());
  } catch (error) {
    context.err(`conform: cannot write ${JSON.stringify(file)} (${codeOf(error)})\n`);
  }
}
