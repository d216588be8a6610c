/** The file of known failures: read before a run, and written after it with --update-known-failures. */

import type { KnownFailureList, ReportRecord, Requirement } from '../../conformance/index.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFile, tryWrite } from '../core/output-files.ts';
import { readTextIfAny } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';
import type { JudgeOptions } from '../options/judge.ts';

export interface KnownFailuresFile {
  readonly file: string;
  /** Whether the file is written after the run. */
  readonly update: boolean;
  readonly text: string;
  /** The number of entries in the list that was written; undefined before that. */
  readonly written?: number;
  /** Whether the updated list could not be written. Default false. */
  readonly isLost?: boolean;
}

/**
 * Undefined without --known-failures. A file that will be written may be missing, and is checked for that. Throws
 * UsageError, or the reason of the signal.
 */
export async function readKnownFailures(
  options: JudgeOptions & { readonly target?: readonly string[] | undefined },
  signal: AbortSignal,
): Promise<KnownFailuresFile | undefined> {
  const { knownFailures: file, updateKnownFailures: update, target } = options;
  const { only, skip, section, clause, level, shard, lastFailed } = options;
  if (file === undefined) {
    if (update) throw new UsageError('--update-known-failures needs --known-failures FILE');
    return undefined;
  }
  if ((target?.length ?? 1) > 1) throw wrong('is for one target');
  const isFiltered = [only, skip, section, clause, level, shard].some((filter) => filter !== undefined);
  if (update && (isFiltered || lastFailed)) {
    throw new UsageError('--update-known-failures needs a run of all scenarios, without filters or --shard');
  }
  if (update) await checkOutputFile('--known-failures', file);
  const text = await readTextIfAny(file, { signal });
  if (text === undefined && !update)
    throw wrong(`${printablePath(file)}: no such file; with --update-known-failures a run creates it`);
  return { file, update, text: text ?? '' };
}

function wrong(what: string): UsageError {
  return new UsageError(`--known-failures ${what}`, 'invalid-value', '--known-failures');
}

/** The list of one run, which judges the scenarios `planned`. Throws a UsageError for a malformed list. */
export async function knownFailureList(
  { file, text, update }: KnownFailuresFile,
  { ids, planned, startedAt }: ListedRun,
): Promise<KnownFailureList> {
  const { KnownFailureList, KnownFailuresError } = await import('../../conformance/index.ts');
  const isPlanned = new Set(planned.map(({ id }) => id));
  try {
    return new KnownFailureList(text, {
      ids,
      isPlanned: (id) => isPlanned.has(id),
      today: startedAt.slice(0, 'YYYY-MM-DD'.length),
      update,
    });
  } catch (error) {
    if (!(error instanceof KnownFailuresError)) throw error;
    throw new UsageError(`${printablePath(file)}, ${error.message}`);
  }
}

interface ListedRun {
  /** All that exist: one file may list failures of servers, clients and libraries. */
  readonly ids: readonly string[];
  readonly planned: readonly Requirement[];
  /** RFC 3339, in UTC. */
  readonly startedAt: string;
}

/**
 * Writes the updated list after a complete run; says so after one that is not. A file that cannot be written is reported on
 * standard error, and in `isLost`. Resolves to the content for the next run. Does nothing without an
 * update.
 */
export async function updateKnownFailures(
  given: KnownFailuresFile | undefined,
  list: KnownFailureList | undefined,
  records: readonly ReportRecord[],
  context: Context,
): Promise<KnownFailuresFile | undefined> {
  if (!given?.update || list === undefined) return given;
  if (!records.some((record) => record.record === 'end' && record.because === 'complete')) {
    context.err('conform: the run is incomplete, so the file of known failures was not changed\n');
    return given;
  }
  const text = list.text();
  const isWritten = await tryWrite(given.file, context, () => replaceFile(given.file, text));
  if (!isWritten) return { ...given, text, isLost: true };
  const { isEntry } = await import('../../conformance/report/known-failures.ts');
  return { ...given, text, isLost: false, written: text.split('\n').filter(isEntry).length };
}

/** After the update of the last part, how many entries the file has; nothing where it was not written. */
export function noteOfUpdate({ file, written }: KnownFailuresFile): string {
  if (written === undefined) return '';
  return `conform: ${counted(written, 'entry', 'entries')} written to ${printablePath(file)}\n`;
}
