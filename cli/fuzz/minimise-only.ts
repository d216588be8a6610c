/** `conform fuzz --minimise-only`: minimises a saved finding again, and replaces it by the smaller case. */

import { join } from 'node:path';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import {
  type CalibrationOptions,
  type Case,
  caseSize,
  type Finding,
  isReplayable,
  minimiseFinding,
  type SavedFinding,
  TargetLostError,
} from '../../fuzz/index.ts';
import type { Context } from '../core/context.ts';
import { readBytes } from '../core/read-file.ts';
import { replacesLines } from '../terminal/colors.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { findingIn, MAX_FINDING_BYTES } from './finding-file.ts';
import { FindingFolder } from './finding-folder.ts';
import { calibrated, type OpenTarget } from './target.ts';

/** A finding, and the file that holds it. */
export interface FindingFile {
  readonly file: string;
  readonly saved: SavedFinding;
}

/** Reads the finding of a file, or of an id in the folder. Throws a UsageError. */
export async function readSaved(name: string, folder: string): Promise<FindingFile> {
  const file = /^[\w-]+$/.test(name) ? join(folder, `${name}.json`) : name;
  const bytes = await readBytes(file, { most: MAX_FINDING_BYTES, onlyRegular: true });
  return { file, saved: await findingIn(bytes, file) };
}

/** Between two lines of progress in a log. On a terminal, each step replaces the last. */
const LOG_PROGRESS_MS = 10_000;

/** Status 1 if the finding was minimised, so it still fails, and 4 if its case alone does not show it. */
export async function minimiseOnly(
  { file, saved }: FindingFile,
  { target, name }: OpenTarget,
  settings: Pick<CalibrationOptions, 'deadlineMs' | 'onlyLoopback'> & { readonly findings: string },
  context: Context,
): Promise<ExitStatus> {
  const { interrupted } = context;
  const before = caseSize(saved.value);
  context.out(`minimising ${saved.id}, ${counted(before, 'byte')}, on ${name}\n`);
  const result = await calibrated(target, settings, context);
  if (typeof result === 'number') return result;
  if (!isReplayable(saved, result.target)) {
    context.err(`conform: no single case shows ${saved.id}, or it needs --against\n`);
    return EXIT.incomplete;
  }
  const progress = new ProgressLine(context.out, replacesLines(context), { logMs: LOG_PROGRESS_MS });
  const show = (value: Case): void =>
    progress.show(`minimising: ${before} → ${counted(caseSize(value), 'byte')}`);
  let finding: Finding | undefined;
  try {
    finding = await minimiseFinding(saved, result.target, result.calibration, show);
  } catch (error) {
    if (interrupted.aborted) return EXIT.interrupted;
    if (!(error instanceof TargetLostError)) throw error;
    context.err(`conform: ${error.message}: ${printable(error.symptom.detail)}; nothing was changed\n`);
    return EXIT.unreachable;
  } finally {
    progress.clear();
  }
  if (finding === undefined) {
    context.err(`conform: ${saved.id} was not shown; nothing was changed\n`);
    return EXIT.incomplete;
  }
  const after = caseSize(finding.value);
  const share = `${finding.failed}/${finding.attempts}`;
  if (after >= before) {
    context.out(`${counted(before, 'byte')}, the least (${share}): ${printablePath(file)} stays as it is\n`);
    return EXIT.failed;
  }
  const written = await new FindingFolder(settings.findings).replace(
    file,
    { ...finding, id: saved.id },
    context.err,
  );
  const where = `${printable(written)} ${written === file ? 'is replaced' : 'is the new one'}`;
  context.out(`${before} → ${counted(after, 'byte')} (${share}): ${where}\n`);
  return EXIT.failed;
}
