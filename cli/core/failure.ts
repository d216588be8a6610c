/** Failures that are not the kit's own: what the exit status is, and what a person is told. */

import { printable } from '../../conformance/util/printable.ts';

/**
 * By the name of the error's class, so that no command has to load the reference for it: 3 when there was no legal answer,
 * 2 when the target cannot be watched as was asked, a file is not what it was said to be, or a saved report cannot be
 * compared, 1 when what was asked for is refused.
 */
const STATUS: Readonly<Record<string, number>> = {
  ClientError: 3,
  CompareError: 2,
  KnownFailuresError: 2,
  ObserverError: 2,
  ProtocolError: 1,
  ReportError: 2,
  StoreError: 1,
  TargetError: 3,
  TransitionError: 1,
  ValidationError: 1,
};

/** The exit status and the line for a failure; undefined for a fault of the kit. */
export function explainFailure(
  error: unknown,
): { readonly status: number; readonly line: string } | undefined {
  if (!(error instanceof Error)) return undefined;
  const status = STATUS[error.name];
  if (status === undefined) return undefined;
  const cause = error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException).code : undefined;
  return { status, line: printable(error.message) + (cause === undefined ? '' : ` (${printable(cause)})`) };
}
