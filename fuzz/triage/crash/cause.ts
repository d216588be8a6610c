/**
 * Why a process ended, read from its last lines: the kind of the failure and the functions in which it happened. Two deaths
 * with the same cause are one fault. So a cause has no address, no number and nothing of the input, and no line where the
 * report names a function: the same fault has the same cause in every campaign, and mostly in the next build.
 */

import type { ProcessEnd } from '../../../conformance/observers/observer.ts';
import { type CrashCause, readReport } from './report.ts';

export type { CrashCause };

/** What `ended` says of a process that runs. */
const STILL_RUNNING = 'still running';

/** Whether the process has ended. */
export function hasEnded({ ended }: ProcessEnd): boolean {
  return ended !== STILL_RUNNING;
}

/**
 * The cause of the end; undefined if neither a report nor a signal names one. Of a process that still runs only a report
 * counts.
 */
export function crashCauseOf(end: ProcessEnd): CrashCause | undefined {
  const report = readReport(end.lines.map(withTabs));
  if (report !== undefined) return report;
  const signal = /SIG[A-Z0-9]+/.exec(end.ended)?.[0];
  // The kit itself ends a target by these, and so does a person.
  if (signal === undefined || signal === 'SIGTERM' || signal === 'SIGKILL' || signal === 'SIGINT')
    return undefined;
  return { kind: `signal ${signal}`, frames: [] };
}

/** The lines are escaped, and the tab is the only escape that belongs to the form of a report. */
function withTabs(line: string): string {
  return line.replaceAll('\\t', '\t');
}

/** Stands between a function and its caller. Part of ids: permanent. */
export const CALLER = ' < ';

/** Whether the cause tells one fault from another without the input: a signal alone does not. */
export function identifies({ kind, frames }: CrashCause): boolean {
  return frames.length > 0 || !kind.startsWith('signal ');
}

/** The kind of the failure and the function in which it happened, without its callers. `causeText` begins with it. */
export function placeText({ kind, frames }: CrashCause): string {
  return causeText({ kind, frames: frames.slice(0, 1) });
}

/** The cause in one line; the text that an id is made of: permanent. */
export function causeText({ kind, frames }: CrashCause): string {
  return frames.length === 0 ? kind : `${kind} in ${frames.join(CALLER)}`;
}
