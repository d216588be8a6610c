/** Failures of a target, of a store or of a file that the user named, as opposed to faults of the kit. */

import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from './errors.ts';

interface Failure {
  readonly status: ExitStatus;
  /** One line for a person, or several with the output of a target that did not start. */
  readonly line: string;
}

/** Undefined for a fault of the kit. */
export async function explainFailure(error: unknown): Promise<Failure | undefined> {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof UsageError) return { status: EXIT.usage, line: error.message };
  const { ObserverError } = await import('../../conformance/observers/observer-error.ts');
  if (error instanceof ObserverError && error.failedStart !== undefined) {
    const { what, said } = error.failedStart;
    const end = said.lines.length === 0 ? '' : '; its output:';
    const lines = said.lines.map((line) => `\n  ${line}`);
    return { status: EXIT.unreachable, line: [what, end, ...lines].join('') };
  }
  const status = await statusOf(error);
  if (status === undefined) return undefined;
  const cause = error.cause instanceof Error ? (error.cause as NodeJS.ErrnoException).code : undefined;
  // The code of a DOMException is a number.
  const code = typeof cause === 'string' ? ` (${printable(cause)})` : '';
  return { status, line: printable(error.message) + code };
}

/** Loads the classes only now, so that no command loads them that does not fail. */
async function statusOf(error: Error): Promise<ExitStatus | undefined> {
  const [protocol, store, limit, observer, report, known, comparison, load, temporary, coverage] =
    await Promise.all([
      import('../../reference/protocol/errors.ts'),
      import('../../reference/store/store-error.ts'),
      import('../../conformance/wire/own-limit.ts'),
      import('../../conformance/observers/observer-error.ts'),
      import('../../conformance/reporters/saved/read.ts'),
      import('../../conformance/report/known-failures.ts'),
      import('../../bench/report/compare.ts'),
      import('../../bench/target/target-error.ts'),
      import('../../conformance/util/folders.ts'),
      import('../../fuzz/coverage/edge-counters.ts'),
    ]);
  const isOneOf = (...classes: readonly (abstract new (...args: never) => Error)[]): boolean =>
    classes.some((errorClass) => error instanceof errorClass);
  if (error instanceof protocol.ClientError && error.code === 'aborted') return EXIT.interrupted;
  if (isOneOf(limit.OwnLimitError)) return EXIT.incomplete;
  // No legal answer came.
  if (isOneOf(protocol.ClientError, load.TargetError)) return EXIT.unreachable;
  // The request is refused.
  if (isOneOf(protocol.ProtocolError, protocol.TransitionError, protocol.ValidationError, store.StoreError))
    return EXIT.failed;
  // The target cannot be watched in the way that the options ask for, or a file has the wrong content.
  if (isOneOf(observer.ObserverError, report.ReportError, known.KnownFailuresError, comparison.CompareError))
    return EXIT.usage;
  if (isOneOf(temporary.TemporaryFolderError, coverage.CoverageError)) return EXIT.usage;
  return undefined;
}
