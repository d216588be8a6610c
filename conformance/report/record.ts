/**
 * The report of a run as records: first the plan, then one record a scenario, last the end. They are plain JSON, one a
 * line in a file, and every format is rendered from them, during the run or long after it. Their schema is
 * fixtures/schema/report.schema.json. Without its end record a report counts as aborted.
 */

import type { Verdict } from '../judge/oracle.ts';
import type { Cost, RunEvent, ScenarioResult } from '../run/events.ts';
import type { Deadlines, Profile } from '../run/preflight.ts';
import type { StoreProfile } from '../run/store-preflight.ts';
import type { Level, Scenario } from '../scenario/scenario.ts';
import type { Entry } from '../wire/transcript.ts';

/** Version of the records. A reader refuses any other. */
export const REPORT_FORMAT = 1;

/** One line of a report. */
export type ReportRecord = PlanRecord | ScenarioRecord | EndRecord;

/** The first record of a run: what is to be judged, and how. */
export interface PlanRecord {
  readonly record: 'plan';
  readonly format: typeof REPORT_FORMAT;
  /** Version of the kit that judged. */
  readonly kit: string;
  /** RFC 3339, in UTC. Never compared. */
  readonly startedAt: string;
  /** What was judged: a name that stays the same from run to run, and where it listened. */
  readonly target: { readonly name: string; readonly address: string };
  /** The options that name the target on the command line of a replay; empty for the embedded server. */
  readonly replay: string;
  /** A SHOULD counts like a MUST. */
  readonly strict: boolean;
  readonly filters: Filters;
  /** Which part of the run this is; `index` counts from 1. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** Absent, with `deadlines` and `jobs`, when the target could not be reached. */
  readonly profile?: Profile;
  readonly deadlines?: Deadlines;
  /** Absent when the store was not looked at. */
  readonly store?: StoreProfile;
  readonly jobs?: number;
  readonly seed?: number;
  /** What the run was to cost the target, if nothing is played twice. */
  readonly cost?: Cost;
  /** Ids to be judged, and ids that only run as controls, in the order of the catalogue. */
  readonly planned: readonly string[];
  readonly controls: readonly string[];
}

/** What the run was narrowed to; empty lists narrow nothing. */
export interface Filters {
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly section: readonly string[];
  readonly level: readonly Level[];
}

/** The record of one scenario: its requirement, the verdict, and the evidence. */
export type ScenarioRecord = ScenarioFacts & Found;

interface ScenarioFacts
  extends Pick<Scenario, 'id' | 'clause' | 'level' | 'requirement' | 'likelyCause'>,
    Pick<ScenarioResult, 'onlyAsControl'> {
  readonly record: 'scenario';
  /** The command that plays it again, where it is not of the catalogue. */
  readonly again?: string;
  /** True if the target died in one of the attempts. */
  readonly targetDied: boolean;
  /** How often it was played; 0 when it was skipped. */
  readonly attempts: number;
  /** What was seen in the play that decided, for a person; empty when it was not played. */
  readonly observed: string;
  /** What the target did, without anything that differs from run to run. Two reports are compared by it. */
  readonly behaviour: string;
  /** Wall time of the connection that decided, in milliseconds. Never compared. */
  readonly durationMs: number;
  /** That connection. Never compared. */
  readonly transcript: readonly WireRecord[];
}

/** The verdict of the attempt that decided, with its outcome in words. */
type Found =
  | (Omit<VerdictOf<'pass'>, 'outcome'> & { readonly accepted: string })
  | (Omit<VerdictOf<'fail'>, 'observed'> & {
      /** In how many of its attempts it failed; fewer than all means flaky. */
      readonly failedPlays: number;
      /** Present when an entry of the known failures covers it. */
      readonly known?: KnownFailure;
    })
  | Pick<VerdictOf<'inconclusive' | 'skipped' | 'error'>, 'verdict' | 'reason'>;

type VerdictOf<V extends Verdict['verdict']> = Extract<Verdict, { readonly verdict: V }>;

/** An entry of a transcript with its bytes in hex: the first of them, and how many there were. */
export type WireRecord =
  | Exclude<Entry, { readonly kind: 'sent' | 'received' }>
  | (Omit<Extract<Entry, { readonly kind: 'sent' }>, 'head'> & { readonly hex: string })
  | {
      readonly kind: 'received';
      readonly hex: string;
      readonly total: number;
      /** Reads of the socket that came right after one another. */
      readonly pieces: number;
      /** Of the first piece. */
      readonly atMs: number;
    };

/** The last record of a run: how it ended. */
export type EndRecord = {
  readonly record: 'end';
  /** Of the whole run, in milliseconds. */
  readonly durationMs: number;
  /** Present when the run had a list of known failures: what became of each entry. */
  readonly knownFailures?: readonly KnownFailureEntry[];
} & (
  | {
      readonly because: Extract<RunEvent, { kind: 'end' }>['because'];
      /** Why a target that died could not be started again. */
      readonly detail?: string;
    }
  | { readonly because: 'unreachable'; readonly code: string }
);

/** Why an entry of the list of known failures is stale. */
export type Staleness =
  | 'passes'
  | 'skipped'
  | 'not judged'
  | 'fails otherwise'
  | 'expired'
  | 'covers too many'
  | 'matches no scenario';

/** The mark on a failed scenario that an entry covers. A stale entry covers it too; then the entry fails the run. */
export interface KnownFailure {
  /** Line of the list, from 1. */
  readonly line: number;
  readonly reason: string;
}

/** The state of an entry at the end of the run. */
export interface KnownFailureEntry {
  /** Line of the list, from 1. */
  readonly line: number;
  /** The id or glob. */
  readonly pattern: string;
  readonly reason: string;
  /** Number of failures that the entry may cover. */
  readonly max: number;
  /** Number of failures that it covered. */
  readonly covered: number;
  /** Absent when the entry is not stale. */
  readonly stale?: Staleness;
  /** The ids that made the entry stale, or the failures that differ from its reason. */
  readonly details: readonly string[];
}
