/** A command that was started as a target, and did not come to listen: its run has a report as that of an address at which nothing listens. */

import type { Provenance, ReportRecord } from '../../conformance/index.ts';
import type { FailedStart, ObserverErrorCode } from '../../conformance/observers/observer-error.ts';

/** What `launch` found. */
export interface Unstarted {
  readonly code: ObserverErrorCode;
  readonly failedStart: FailedStart;
}

/** Throws any other error again. */
export async function unstartedBy(error: unknown): Promise<Unstarted> {
  const { ObserverError } = await import('../../conformance/observers/observer-error.ts');
  if (!(error instanceof ObserverError) || error.failedStart === undefined) throw error;
  return { code: error.code, failedStart: error.failedStart };
}

/** A complete report, which says how the command ended and what it wrote. */
export async function recordsOfUnstarted(
  { code, failedStart: { address: target, what: detail, said } }: Unstarted,
  provenance: Provenance,
): Promise<readonly ReportRecord[]> {
  const { Recorder } = await import('../../conformance/index.ts');
  return new Recorder(provenance).take({ kind: 'unreachable', target, code, detail, said });
}
