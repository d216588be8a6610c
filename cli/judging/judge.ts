/** Judges parts once, or with --watch again and again: when a file has changed, or a key is pressed. */

import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { combinedSignal } from '../../conformance/util/combined-signal.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { CLEAR_SCREEN } from '../../conformance/util/terminal.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { explainFailure } from '../core/failure.ts';
import type { JudgeOptions } from '../options/judge.ts';
import { replacesLines } from '../terminal/colors.ts';
import { type KeyInput, readKeys } from '../watch/keys.ts';
import { RequestQueue } from '../watch/requests.ts';
import { LastRuns } from './last-run.ts';
import type { Part } from './part.ts';
import { judgeParts } from './parts.ts';

/** Names of changed files that a line shows. */
const SHOWN_FILES = 3;

/**
 * Judges the parts as the options say. Resolves to the status of the only judging, or of the last one: of one that a change
 * has stopped only if a signal came before the next. Throws UsageError, the first time also for what a part needs.
 */
export async function judge(
  parts: readonly Part[],
  options: JudgeOptions,
  context: Context,
  input: KeyInput = process.stdin,
): Promise<ExitStatus> {
  if (options.watch === undefined || options.dryRun) return judgeParts(parts, options, context);
  if (!parts.every(({ isStarted }) => isStarted))
    throw new UsageError('--watch needs --exec: only what the kit itself starts is new in every judging');
  if (options.updateKnownFailures)
    throw new UsageError(
      '--watch and --update-known-failures exclude each other: update in a run of its own',
    );
  if (options.since === '-')
    throw new UsageError(
      '--watch and --since - exclude each other: each judging reads the report, so give a file',
    );
  return watching(parts, { ...options, watch: options.watch }, context, input);
}

type WatchingOptions = JudgeOptions & { readonly watch: readonly string[] };

async function watching(
  parts: readonly Part[],
  options: WatchingOptions,
  context: Context,
  input: KeyInput,
): Promise<ExitStatus> {
  const { watchFiles } = await import('../watch/files.ts');
  const paths = options.watch.length === 0 ? ['.'] : options.watch;
  const lastRuns = new LastRuns(context.cacheFolder);
  const requests = new RequestQueue();
  const say = (text: string): void => context.err(`conform: ${text}\n`);
  const endFiles = await watchFiles(paths, {
    ignored: filesOf(options),
    onBegin: () => requests.beginChange(),
    onEnd: (changed) => requests.endChange(changed),
    onLack: say,
  });
  const endKeys = readKeys(input, {
    onKey: (key) => requests.press(key),
    // The handlers of the process decide what a signal does, as for every command.
    onInterrupt: () => void process.kill(process.pid, 'SIGINT'),
  });
  const shown = `watching ${paths.map((path) => printablePath(path)).join(', ')}`;
  const help = endKeys
    ? `${shown}; keys: f what failed, a all, Enter again, q end`
    : `${shown} for changes; standard input is no terminal, so there are no keys`;
  let status: ExitStatus = EXIT.interrupted;
  let { lastFailed } = options;
  let isFirst = true;
  try {
    for (;;) {
      const round = await judgeUnlessPending(parts, { ...options, lastFailed }, context, {
        ...{ requests, lastRuns, isFirst },
      });
      isFirst = false;
      if (round !== 'stopped') {
        status = round;
        if (!context.interrupted.aborted) say(help);
      }
      const { keys, changed } = await requests.take(context.interrupted);
      if (keys.includes('quit')) return status;
      for (const key of keys) if (key !== 'again') lastFailed = key === 'failed';
      if (replacesLines(context)) context.out(CLEAR_SCREEN);
      if (changed.length > 0) say(`changed: ${namesOf(changed)}`);
    }
  } catch (error) {
    if (context.interrupted.aborted) return status;
    throw error;
  } finally {
    endKeys?.();
    await endFiles();
  }
}

/** One judging. 'stopped': a request came meanwhile, and has to be taken. */
async function judgeUnlessPending(
  parts: readonly Part[],
  options: JudgeOptions,
  context: Context,
  round: { readonly requests: RequestQueue; readonly lastRuns: LastRuns; readonly isFirst: boolean },
): Promise<ExitStatus | 'stopped'> {
  const { requests, lastRuns, isFirst } = round;
  const stop = new AbortController();
  const { signal, release } = combinedSignal([context.interrupted, stop.signal]);
  const ignore = requests.whenPending(() => stop.abort());
  const isStopped = (): boolean => stop.signal.aborted && !context.interrupted.aborted;
  try {
    const status = await judgeParts(parts, options, { ...context, interrupted: signal }, lastRuns);
    return isStopped() ? 'stopped' : status;
  } catch (error) {
    if (isStopped()) return 'stopped';
    const failure = context.interrupted.aborted ? undefined : await explainFailure(error);
    // A wrong command line stays wrong. What a server or a file lacks may be there after the next change.
    if (failure === undefined || (isFirst && error instanceof UsageError)) throw error;
    context.err(`conform: ${failure.line}\n`);
    return failure.status;
  } finally {
    ignore();
    release();
  }
}

/** Files that the run itself writes. */
function filesOf({ reporter = [] }: JudgeOptions): readonly string[] {
  return reporter.flatMap((text) => {
    const file = /^[^=]*=(.*)$/s.exec(text)?.[1];
    return file === undefined || file === '-' ? [] : [file];
  });
}

function namesOf(files: readonly string[]): string {
  const names = files.slice(0, SHOWN_FILES).map((file) => printablePath(file));
  const more = files.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
