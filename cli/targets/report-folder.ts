/**
 * The folder with a report for each target, as JSON Lines. A file is there only when its target was judged to the end, because
 * it is written as a whole, so a run that ended early continues with the targets that have none.
 */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PlanRecord, ReportRecord } from '../../conformance/index.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { readTextIfAny } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';
import { formatAddress } from '../options/address.ts';
import { fileNameOf } from './file-name.ts';
import type { ListedTarget } from './target-list.ts';

/** What all reports of a folder have in common, so that they can be compared. */
export type Asked = Pick<PlanRecord, 'kit' | 'strict' | 'require' | 'maxSkipped'> & {
  /** Ids. */
  readonly planned: readonly string[];
};

export class ReportFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  fileOf(name: string): string {
    return join(this.#path, `${fileNameOf(name)}.jsonl`);
  }

  /**
   * Throws UsageError if the folder holds a report of the target that answers another question. A report of another address
   * does not count: the target has moved.
   */
  async check({ name, address }: ListedTarget, asked: Asked): Promise<'judged' | 'missing'> {
    const file = this.fileOf(name);
    const plan = await planIn(file);
    if (plan === undefined) return 'missing';
    if (plan.target.name !== name)
      throw new UsageError(
        `${printablePath(file)} is the report of ${printable(plan.target.name)}, not of ${name}`,
      );
    if (plan.target.address !== formatAddress(address)) return 'missing';
    const difference = differenceOf(plan, asked);
    if (difference !== undefined)
      throw new UsageError(
        `${printablePath(file)} is of a run with ${difference}; give the same options, or another folder with --reports`,
      );
    return 'judged';
  }

  /** The records of a target that was judged; undefined if the report has no end. Throws ReportError for a file that is no report. */
  async read(name: string): Promise<readonly ReportRecord[] | undefined> {
    const { readReport } = await import('../../conformance/reporters/index.ts');
    const file = this.fileOf(name);
    const text = await readTextIfAny(file, { onlyRegular: true });
    if (text === undefined) return undefined;
    const records = await readReport(text, printablePath(file));
    const isComplete = records.some((record) => record.record === 'end' && record.because !== 'interrupted');
    return isComplete ? records : undefined;
  }

  /** Rejects with the system's error. */
  async write(name: string, records: readonly ReportRecord[]): Promise<void> {
    const { renderAll, renderer } = await import('../../conformance/reporters/index.ts');
    await replaceFile(this.fileOf(name), renderAll(renderer('jsonl'), records));
  }
}

/** What is not as asked. */
function differenceOf(plan: PlanRecord, asked: Asked): string | undefined {
  if (plan.kit !== asked.kit) return `version ${printable(plan.kit)} of the kit`;
  if (plan.strict !== asked.strict) return plan.strict ? '--strict' : 'no --strict';
  if (plan.maxSkipped !== asked.maxSkipped) return 'another --max-skipped';
  if (plan.require?.join() !== asked.require?.join()) return 'another --require';
  // A target that was not reached has no plan.
  const isPlanned = plan.profile !== undefined;
  const isSame =
    plan.planned.length === asked.planned.length &&
    new Set([...plan.planned, ...asked.planned]).size === asked.planned.length;
  return isPlanned && !isSame ? 'another selection of scenarios' : undefined;
}

/** The first record of a report. Undefined for a file that is absent or empty. Throws UsageError for one that is no report. */
async function planIn(file: string): Promise<PlanRecord | undefined> {
  const stream = createReadStream(file, 'utf8');
  try {
    for await (const line of createInterface({ input: stream })) {
      const { readReport } = await import('../../conformance/index.ts');
      const [plan] = await readReport(line, printablePath(file));
      return plan?.record === 'plan' ? plan : undefined;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error instanceof Error && 'code' in error
      ? new UsageError(`${printablePath(file)} cannot be read (${codeOf(error)})`)
      : error;
  } finally {
    stream.destroy();
  }
  return undefined;
}
