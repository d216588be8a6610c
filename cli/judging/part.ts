/** What a run judges: a server, a client or a library, by the same interface. */

import type { Provenance, ReportRecord, Requirement, Waiting } from '../../conformance/index.ts';
import type { FailureLimit } from '../../conformance/scenario/failure-limit.ts';
import type { Context } from '../core/context.ts';

/** What is judged, and by what. */
export interface Part {
  readonly catalogue: readonly Requirement[];
  /** The same in every run against it: the options that name it, and the folder in which its command runs. */
  readonly identity: string;
  /** Whether a command of the user starts it, so that each run has a new one. */
  readonly isStarted: boolean;
  /** Starts it, or connects to it. `context` writes notes where no report for a program is. */
  readonly open: (context: Context) => Promise<OpenPart>;
}

/** A part that can be judged. */
export interface OpenPart {
  /** What is known of it. The name is the same in every run. */
  readonly provenance: Pick<Provenance, 'name' | 'command' | 'replay' | 'require'>;
  /** The records of a run, the end as the last one, and what it waits for meanwhile. */
  readonly judge: (run: PartRun) => AsyncIterable<ReportRecord | Waiting>;
  readonly close: () => Promise<void>;
}

/** What the options ask of the judge of a part. */
export interface PartRun extends Omit<FailureLimit, 'bail'> {
  /** Of all records; with the name of the part. */
  readonly provenance: Provenance;
  readonly isSelected: (scenario: Requirement) => boolean;
  /** The longest time of the run in milliseconds. Default: none. */
  readonly maxTimeMs: number | undefined;
  readonly signal: AbortSignal;
}

/** One command in two folders starts two programs. */
export function identityOf(kind: 'server' | 'client' | 'library', named: string, isStarted: boolean): string {
  return `${kind} ${named}${isStarted ? ` in ${process.cwd()}` : ''}`;
}
