/** `conform fuzz --minimise-only`: minimises a saved finding again, and saves the smaller case. */

import { join } from 'node:path';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable } from '../../conformance/util/printable.ts';
import {
  type CalibrationOptions,
  caseSize,
  type Finding,
  isReplayable,
  minimiseFinding,
  type SavedFinding,
  TargetLostError,
} from '../../fuzz/index.ts';
import type { Context } from '../core/context.ts';
import { readBytes } from '../core/read-file.ts';
import { findingIn, MAX_FINDING_BYTES } from './finding-file.ts';
import { FindingFolder } from './finding-folder.ts';
import { calibrated, type OpenTarget } from './target.ts';

/** Reads the finding of a file, or of an id in the folder. Throws a UsageError. */
export async function readSaved(name: string, folder: string): Promise<SavedFinding> {
  const file = /^[\w-]+$/.test(name) ? join(folder, `${name}.json`) : name;
  return await findingIn(await readBytes(file, { most: MAX_FINDING_BYTES, onlyRegular: true }), file);
}

/** Status 1 if the finding was minimised, so it still fails, and 4 if its case alone does not show it. */
export async function minimiseOnly(
  saved: SavedFinding,
  { target, name }: OpenTarget,
  settings: Pick<CalibrationOptions, 'deadlineMs' | 'onlyLoopback'> & { readonly findings: string },
  context: Context,
): Promise<ExitStatus> {
  const { interrupted } = context;
  const result = await calibrated(target, settings, context);
  if (typeof result === 'number') return result;
  if (!isReplayable(saved, result.target)) {
    context.err(`conform: no single case shows ${saved.id}, or it needs --against\n`);
    return EXIT.incomplete;
  }
  const before = caseSize(saved.value);
  context.out(`minimising ${saved.id}, ${before} bytes, on ${name}\n`);
  let finding: Finding | undefined;
  try {
    finding = await minimiseFinding(saved, result.target, result.calibration);
  } catch (error) {
    if (interrupted.aborted) return EXIT.interrupted;
    if (!(error instanceof TargetLostError)) throw error;
    context.err(`conform: ${error.message}: ${printable(error.symptom.detail)}; nothing was changed\n`);
    return EXIT.unreachable;
  }
  if (finding === undefined) {
    context.err(`conform: ${saved.id} was not shown; nothing was changed\n`);
    return EXIT.incomplete;
  }
  const folder = new FindingFolder(settings.findings);
  await folder.keep(finding, context.err);
  const after = caseSize(finding.value);
  const share = `${finding.failed}/${finding.attempts}`;
  context.out(`${after} bytes, from ${before} (${share}): ${printable(folder.fileOf(finding))}\n`);
  return EXIT.failed;
}
