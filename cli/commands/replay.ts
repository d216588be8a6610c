/** `conform replay`: executes the cases of saved findings again. Serves as a regression suite in the CI of the target. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, EXIT_MEANINGS, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable, printablePath } from '../../conformance/util/printable.ts';
import type { CalibrationOptions, SavedFinding } from '../../fuzz/index.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { closeQuietly } from '../core/output-files.ts';
import { findingIn, MAX_FINDING_BYTES } from '../fuzz/finding-file.ts';
import { calibrated, deadlineOf, FUZZ_TARGET_OPTIONS, type OpenTarget, openTarget } from '../fuzz/target.ts';
import { readInput } from '../options/input.ts';
import { colorsFor } from '../terminal/colors.ts';

export const replayCommand = command({
  usage: 'replay <path>',
  configured: 'replay',
  onSignal: 'stops',
  describe: 'Run saved findings again, for example in the CI of your server',
  exits: {
    success: 'all findings are fixed',
    failed: 'a finding still fails',
    unreachable: EXIT_MEANINGS.unreachable,
    incomplete:
      'none fails, but a finding could not be run, or nothing proves that it is fixed, or the target answers no legal SUBMIT',
    interrupted: 'interrupted; the lines show what was replayed until then',
  },
  positionals: {
    path: {
      type: 'string',
      demandOption: true,
      describe: 'File of a finding, or a folder of findings; - is standard input',
    },
  },
  options: FUZZ_TARGET_OPTIONS,
  conflicts: [
    ['target', 'exec'],
    ['exec', 'pid'],
  ],
  examples: [["$0 replay findings --exec './server --port {port}'", 'in the CI of your server']],
  run: async (options, context) => {
    const settings = { deadlineMs: deadlineOf(options), onlyLoopback: !options.iOwnThisTarget };
    const findings = await readFindings(options.path, context.interrupted);
    for (const line of findings.damaged) context.err(`conform: ${line}; it is not replayed\n`);
    const opened = await openTarget(options, context);
    try {
      return await replayAll(findings, opened, settings, context);
    } finally {
      await closeQuietly(opened.close, context);
    }
  },
});

/** The findings of a file or a folder, and a line for each file of the folder that holds none. */
interface Findings {
  readonly saved: readonly SavedFinding[];
  readonly damaged: readonly string[];
}

/** Throws a UsageError for a path that holds no finding. */
async function readFindings(path: string, signal: AbortSignal): Promise<Findings> {
  const isFolder = path !== '-' && (await isDirectory(path));
  if (!isFolder) return { saved: [await readFindingAt(path, signal)], damaged: [] };
  const names = (await readdir(path)).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) throw new UsageError(`${printablePath(path)} contains no finding`);
  const saved: SavedFinding[] = [];
  const damaged: string[] = [];
  for (const name of names) {
    const file = join(path, name);
    try {
      if (!(await isFile(file))) throw new UsageError(`${printablePath(file)} is no file`);
      saved.push(await readFindingAt(file, signal));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      damaged.push(error.message);
    }
  }
  return { saved, damaged };
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${printablePath(path)} does not exist`);
  return found.isDirectory();
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** `-` is standard input. Throws a UsageError for a file that cannot be read, or is not a finding. */
async function readFindingAt(file: string, signal: AbortSignal): Promise<SavedFinding> {
  const bytes = await readInput(file, 'the file of a finding', { most: MAX_FINDING_BYTES, signal });
  return await findingIn(bytes, file);
}

async function replayAll(
  { saved, damaged }: Findings,
  opened: OpenTarget,
  settings: Pick<CalibrationOptions, 'deadlineMs' | 'onlyLoopback'>,
  context: Context,
): Promise<ExitStatus> {
  const { isReplayable, replay, TargetGoneError, TargetLostError } = await import('../../fuzz/index.ts');
  const result = await calibrated(opened.target, settings, context);
  if (typeof result === 'number') return result;
  const { target } = result;
  context.out(`replaying on ${opened.name}\n`);
  const { good, bad, warn } = colorsFor(context);
  let failures = 0;
  let skipped = damaged.length;
  let unknown = 0;
  const interruptedAfter = (replayed: number): ExitStatus => {
    context.out(`interrupted after ${replayed} of ${saved.length}; ${failures} of these still fail\n`);
    return EXIT.interrupted;
  };
  let isLost = false;
  for (const [index, finding] of saved.entries()) {
    const id = printable(finding.id);
    if (isLost || !isReplayable(finding, target)) {
      skipped += 1;
      context.out(`${warn('skipped')} ${id}: ${isLost ? 'the target is gone' : NOT_REPLAYABLE}\n`);
      continue;
    }
    try {
      const { verdict, because, failed, attempts, observed } = await replay(
        finding,
        target,
        result.calibration,
      );
      if (verdict === 'fixed') context.out(`${good('fixed')} ${id}\n`);
      else if (verdict === 'unknown') {
        unknown += 1;
        context.out(`${warn('could not tell')} ${id}: it breaks nothing, but ${because}\n`);
      } else {
        failures += 1;
        const lines = observed.map((line) => `        ${printable(line, 400)}\n`);
        context.out(`${bad('fails')} ${id} (${failed}/${attempts})\n${lines.join('')}`);
      }
    } catch (error) {
      if (context.interrupted.aborted) return interruptedAfter(index);
      if (!(error instanceof TargetLostError)) throw error;
      isLost = true;
      if (error instanceof TargetGoneError) {
        unknown += 1;
        context.out(`${warn('could not tell')} ${id}: the target is gone\n`);
        continue;
      }
      failures += 1;
      context.out(`${bad('fails')} ${id}: ${printable(error.symptom.detail)}, and it does not come back\n`);
    }
  }
  context.out(
    `${failures} of ${saved.length + damaged.length} still fail${unknown > 0 ? `, ${unknown} undecided` : ''}${skipped > 0 ? `, ${skipped} not replayed` : ''}\n`,
  );
  if (failures > 0) return EXIT.failed;
  return skipped + unknown > 0 ? EXIT.incomplete : EXIT.success;
}

const NOT_REPLAYABLE =
  'no single case shows it, or it needs --against (a difference) or --exec (a report in the output, a leak)';
