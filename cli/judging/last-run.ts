/**
 * Which scenarios of a target counted against it when each was last judged: what --last-failed judges again. A run replaces
 * what it judged and keeps the rest, so that a run of one section, or one that was interrupted, forgets no other failure.
 * The state is one small file for each target, in the user's cache folder. It is a convenience: no state makes a run fail.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ReportRecord } from '../../conformance/index.ts';
import { effectiveVerdict } from '../../conformance/report/effective-verdict.ts';
import { settled } from '../../conformance/report/settled.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { cannotWrite } from '../core/output-files.ts';
import { readTextIfAny } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';

/** What is known of the last runs against a target. */
export type LastRun =
  /** `failed`: ids, which may be of another release of the kit. */
  | { readonly kind: 'known'; readonly failed: readonly string[] }
  /** `why`: half a sentence for a person. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Version of the file. */
const FORMAT = 1;
/** In bytes, inclusive. All ids that exist need a tenth of it. */
const MAX_STATE_BYTES = 4 * 1024 * 1024;

/** The last runs against all targets. What this process has judged is known also if the folder cannot be used. */
export class LastRuns {
  readonly #folder: string | undefined;
  readonly #own = new Map<string, readonly string[]>();

  /** `folder`: where the files are. Undefined: no file is read or written. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** `target`: a text that is the same in every run against one target. Never throws. */
  async of(target: string): Promise<LastRun> {
    const own = this.#own.get(target);
    if (own !== undefined) return { kind: 'known', failed: own };
    const file = this.#fileOf(target);
    if (file === undefined) return { kind: 'unknown', why: 'there is no cache folder' };
    try {
      const text = await readTextIfAny(file, { most: MAX_STATE_BYTES, onlyRegular: true });
      if (text === undefined)
        return { kind: 'unknown', why: `no earlier run of this target is known (${printablePath(file)})` };
      const failed = failedIn(text, target);
      return failed === undefined
        ? { kind: 'unknown', why: `${printablePath(file)} does not hold the state of a run` }
        : { kind: 'known', failed };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { kind: 'unknown', why: error.message };
    }
  }

  /** Keeps what a run judged. Resolves to a line for standard error if the file could not be written, and never throws. */
  async keep(target: string, records: readonly ReportRecord[]): Promise<string | undefined> {
    // A run that could not begin shows nothing.
    if (!records.some(({ record }) => record === 'scenario')) return undefined;
    const last = await this.of(target);
    const failed = failedAfter(last.kind === 'known' ? last.failed : [], records);
    this.#own.set(target, failed);
    const file = this.#fileOf(target);
    if (file === undefined || this.#folder === undefined) return undefined;
    try {
      makeFolder(this.#folder);
      await replaceFile(file, stateText(target, failed));
      return undefined;
    } catch (error) {
      // Throws what is no error of the system.
      codeOf(error);
      return cannotWrite(file, error);
    }
  }

  #fileOf(target: string): string | undefined {
    const name = createHash('sha256').update(target).digest('hex').slice(0, 24);
    return this.#folder === undefined ? undefined : join(this.#folder, `last-run-${name}.json`);
  }
}

/** The content of the file. */
export function stateText(target: string, failed: readonly string[]): string {
  return `${JSON.stringify({ format: FORMAT, target, failed }, null, 2)}\n`;
}

/** The ids in a file. Undefined for a text that is no state of this target. */
export function failedIn(text: string, target: string): readonly string[] | undefined {
  try {
    const state: unknown = JSON.parse(text);
    if (typeof state !== 'object' || state === null || !('failed' in state)) return undefined;
    const isOurs =
      'format' in state && state.format === FORMAT && 'target' in state && state.target === target;
    const { failed } = state;
    if (!isOurs || !Array.isArray(failed)) return undefined;
    return failed.every((id) => typeof id === 'string') ? failed : undefined;
  } catch {
    return undefined;
  }
}

/** The ids after a run: those before that it did not judge, and those that count against the target in it. Sorted. */
export function failedAfter(before: readonly string[], records: readonly ReportRecord[]): readonly string[] {
  const plan = records.find((record) => record.record === 'plan');
  const failed = new Set(before);
  for (const record of settled(records)) {
    // What was skipped shows nothing about the target.
    if (record.record !== 'scenario' || record.onlyAsControl || record.verdict === 'skipped') continue;
    if (effectiveVerdict(record, plan?.strict ?? false).conforms) failed.delete(record.id);
    else failed.add(record.id);
  }
  return [...failed].sort();
}
