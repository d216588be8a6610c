/** The reports that runtimes write when a program fails, each read by the reader of its kind. */

import { java, jvm, node, python } from './managed.ts';
import { go, libc, rust, sanitizer, undefinedBehaviour } from './native.ts';
import type { CrashCause, Reader } from './reader.ts';

export type { CrashCause };

const READERS: readonly Reader[] = [sanitizer, undefinedBehaviour, jvm, java, rust, python, go, node, libc];

/** The cause that the report in the lines names; undefined if there is no report. */
export function readReport(lines: readonly string[]): CrashCause | undefined {
  for (const read of READERS) {
    const cause = read(lines);
    if (cause !== undefined) return cause;
  }
  return undefined;
}
