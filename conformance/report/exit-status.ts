/** The exit statuses of the command. */

/** Exit statuses by name, the same for all commands. Part of the public interface: CI depends on them. */
export const EXIT = {
  success: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  incomplete: 4,
  staleKnownFailure: 5,
  kitError: 6,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT;
/** The number of an exit status. */
export type ExitStatus = (typeof EXIT)[ExitName];

/** What each status means after a run. The help and the documentation show these lines. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  success: 'the target conforms: no MUST failed, apart from known failures and what depends on them',
  failed: 'a MUST failed, or with --strict a SHOULD, or the target died',
  usage: 'the command line, or a file that it names, is wrong',
  unreachable: 'the target cannot be started or reached, or died and did not come back',
  incomplete: 'no verdict: a MUST could not be judged, the time was over, or too much was skipped',
  staleKnownFailure: 'an entry of the list of known failures is stale',
  kitError: 'a fault of the kit itself',
  interrupted: 'interrupted; the report covers what was done until then',
};

const { unreachable: _, ...REACHED } = EXIT_MEANINGS;

/** The same for a client or a library: neither has an address to reach, and one that cannot be started is incomplete. */
export const PROGRAM_EXIT_MEANINGS: Readonly<Partial<Record<ExitName, string>>> = {
  ...REACHED,
  failed: 'a MUST failed, or with --strict a SHOULD',
};

/** One of several runs. */
export interface RunStatus {
  /** As in the plan record: absent for a server. */
  readonly command?: string | undefined;
  readonly exitStatus: ExitStatus;
}

/** The statuses other than 0, the one that invalidates most of a run first. */
const SEVERITY = [
  EXIT.unreachable,
  EXIT.interrupted,
  EXIT.kitError,
  EXIT.failed,
  EXIT.staleKnownFailure,
  EXIT.incomplete,
] as const;

/**
 * The status of the runs of a command or of a report. Several servers are as many targets: one that cannot be reached is one
 * that could not be judged, so that it does not hide that another one does not conform.
 */
export function statusOfRuns(runs: readonly RunStatus[]): ExitStatus {
  const areTargets = runs.length > 1 && runs.every(({ command }) => command === undefined);
  return worst(
    runs.map(({ exitStatus }) =>
      areTargets && exitStatus === EXIT.unreachable ? EXIT.incomplete : exitStatus,
    ),
  );
}

/** The worst of several statuses. Without any there is no verdict. */
export function worst(statuses: readonly ExitStatus[]): ExitStatus {
  if (statuses.length === 0) return EXIT.incomplete;
  return SEVERITY.find((status) => statuses.includes(status)) ?? EXIT.success;
}
