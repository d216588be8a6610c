/** `conform replay`: executes the cases of saved findings again. Serves as a regression suite in the CI of the target. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, EXIT_MEANINGS, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { CalibrationOptions, SavedFinding } from '../../fuzz/index.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { readWhole } from '../core/read-file.ts';
import {
  deadlineOf,
  FUZZ_TARGET_OPTIONS,
  NOT_LOOPBACK,
  type OpenTarget,
  openTarget,
  unreachableLine,
} from '../fuzz/target.ts';
import { colorsFor } from '../terminal/colors.ts';

export const replayCommand = command({
  usage: 'replay <path>',
  onSignal: 'stops',
  describe: 'Run saved findings again, for example in the CI of your server',
  exits: {
    success: 'all findings are fixed',
    failed: 'a finding still fails',
    unreachable: EXIT_MEANINGS.unreachable,
    incomplete: 'none fails, but a finding could not be run',
    interrupted: 'interrupted; the lines show what was replayed until then',
  },
  positionals: {
    path: { type: 'string', demandOption: true, describe: 'File of a finding, or a folder of findings' },
  },
  options: FUZZ_TARGET_OPTIONS,
  conflicts: [
    ['target', 'exec'],
    ['exec', 'pid'],
  ],
  examples: [["$0 replay findings --exec './server --port {port}'", 'in the CI of your server']],
  run: async (options, context) => {
    const saved = await readFindings(options.path, context.interrupted);
    const settings = { deadlineMs: deadlineOf(options), onlyLoopback: !options.iOwnThisTarget };
    const opened = await openTarget(options, context);
    try {
      return await replayAll(saved, opened, settings, context);
    } finally {
      await opened.close();
    }
  },
});

async function readFindings(path: string, signal: AbortSignal): Promise<SavedFinding[]> {
  const { CaseError, readFinding } = await import('../../fuzz/index.ts');
  const files = await filesAt(path);
  if (files.length === 0) throw new UsageError(`${printable(path)} contains no finding`);
  return Promise.all(
    files.map(async (file) => {
      try {
        return readFinding((await readWhole(file, signal)).toString('utf8'));
      } catch (error) {
        if (!(error instanceof CaseError)) throw error;
        throw new UsageError(`${printable(file)}: ${printable(error.message)}`);
      }
    }),
  );
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${printable(path)} does not exist`);
  if (!found.isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name));
}

async function replayAll(
  saved: readonly SavedFinding[],
  { target, name }: OpenTarget,
  settings: Pick<CalibrationOptions, 'deadlineMs' | 'onlyLoopback'>,
  context: Context,
): Promise<ExitStatus> {
  const { calibrate, isReplayable, replay, TargetLostError } = await import('../../fuzz/index.ts');
  const result = await calibrate({ ...settings, target, signal: context.interrupted });
  if (result.kind === 'unreachable') {
    context.err(unreachableLine(result));
    return EXIT.unreachable;
  }
  if (result.kind === 'not-loopback') throw new UsageError(NOT_LOOPBACK);
  if (result.kind === 'interrupted') return EXIT.interrupted;
  context.out(`replaying on ${name}\n`);
  const { good, bad, warn } = colorsFor(context);
  let failures = 0;
  let skipped = 0;
  const interruptedAfter = (replayed: number): ExitStatus => {
    context.out(`interrupted after ${replayed} of ${saved.length}; ${failures} of these still fail\n`);
    return EXIT.interrupted;
  };
  for (const [index, finding] of saved.entries()) {
    const id = printable(finding.id);
    if (!isReplayable(finding, target)) {
      skipped += 1;
      context.out(`${warn('skipped')} ${id}: ${NOT_REPLAYABLE}\n`);
      continue;
    }
    try {
      const { failed, attempts, observed } = await replay(finding, target, result.calibration);
      if (failed === 0) context.out(`${good('fixed')} ${id}\n`);
      else {
        failures += 1;
        const lines = observed.map((line) => `        ${printable(line, 400)}\n`);
        context.out(`${bad('fails')} ${id} (${failed}/${attempts})\n${lines.join('')}`);
      }
    } catch (error) {
      if (context.interrupted.aborted) return interruptedAfter(index);
      if (!(error instanceof TargetLostError)) throw error;
      context.out(`${bad('fails')} ${id}: ${printable(error.symptom.detail)}, and it does not come back\n`);
      return EXIT.failed;
    }
  }
  context.out(`${failures} of ${saved.length} still fail${skipped > 0 ? `, ${skipped} not replayed` : ''}\n`);
  if (failures > 0) return EXIT.failed;
  return skipped > 0 ? EXIT.incomplete : EXIT.success;
}

const NOT_REPLAYABLE = 'no single case shows it, or it is a difference and needs --against';
