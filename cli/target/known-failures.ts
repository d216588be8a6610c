/** The file of known failures: read before a run, and written after it where that was asked for. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KnownFailureList } from '../../conformance/index.ts';
import type { RunArguments } from '../commands/run.ts';
import type { Context } from '../core/context.ts';
import { codeOf, UsageError } from '../core/errors.ts';

export interface KnownFailures {
  readonly file: string;
  /** Whether the file is to be written after the run. */
  readonly update: boolean;
  readonly text: string;
}

/** Undefined when there is no list. One that is to be written need not be there yet. Throws UsageError. */
export function readKnownFailures(options: RunArguments): KnownFailures | undefined {
  const {
    knownFailures: file,
    updateKnownFailures: update,
    target,
    only,
    skip,
    section,
    level,
    shard,
  } = options;
  if (file === undefined) {
    if (update) throw new UsageError('--update-known-failures needs --known-failures FILE');
    return undefined;
  }
  if ((target?.length ?? 1) > 1) throw new UsageError('--known-failures is for one target');
  if (update && [only, skip, section, level, shard].some((filter) => filter !== undefined)) {
    throw new UsageError('--update-known-failures needs a run that is not filtered');
  }
  try {
    return { file, update, text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = codeOf(error);
    if (update && code === 'ENOENT') return { file, update, text: '' };
    throw new UsageError(`cannot read --known-failures ${JSON.stringify(file)} (${code})`);
  }
}

/** Replaces the file as a whole, so that nobody meets half of it. */
export function writeKnownFailures(file: string, list: KnownFailureList, context: Context): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, list.text());
    renameSync(temporary, file);
  } catch (error) {
    context.err(`conform: cannot write ${JSON.stringify(file)} (${codeOf(error)})\n`);
  }
}
