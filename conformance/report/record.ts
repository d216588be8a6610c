/**
 * The report of a run as records: a plan, one record for each scenario, an end. A record is one line of JSON in a file, and
 * every format is rendered from records, during the run or later. The schema is fixtures/schema/report.schema.json. A
 * report without an end record counts as aborted.
 */

import type { Marks } from '../evidence/span.ts';
import type { Verdict } from '../judge/oracle.ts';
import type { Cost } from '../run/cost.ts';
import type { RunEvent, ScenarioResult } from '../run/events.ts';
import type { Profile } from '../run/preflight/preflight.ts';
import type { StoreProfile } from '../run/preflight/store-preflight.ts';
import type { ShownDeadlines } from '../run/timing/deadlines.ts';
import type { Lack } from '../scenario/lacks.ts';
import type { Level, Requirement } from '../scenario/requirement.ts';
import type { TranscriptEntry } from '../wire/transcript.ts';

/** Version of the records. A reader refuses any other. */
export const REPORT_FORMAT = 1;

/** One line of a report. */
export type ReportRecord = PlanRecord | ScenarioRecord | EndRecord;

/** The first record of a run: what is to be judged, and how. */
export interface PlanRecord {
  readonly record: 'plan';
  readonly format: typeof REPORT_FORMAT;
  /** Version of the kit. */
  readonly kit: string;
  /** RFC 3339, in UTC. Never compared. */
  readonly startedAt: string;
  /** What is judged; 'traffic': both sides of connections. Absent: a server. */
  readonly command?: 'client' | 'library' | 'traffic';
  /** The target: a name that is the same in every run, and its address. Of a client or a library, both are its name. */
  readonly target: { readonly name: string; readonly address: string };
  /** How the kit was called, if not as `conform`: a command to repeat begins with it. */
  readonly program?: string;
  /** The command line options that select the target in a replay; empty for the embedded server. */
  readonly replay: string;
  /** The file of the known failures, as the command line names it. Absent: there is none, or it is not known. */
  readonly knownFailures?: string;
  /** True if a SHOULD counts like a MUST. */
  readonly strict: boolean;
  readonly filters: Filters;
  /** What no scenario may be skipped for, as a gate demands. Absent: nothing. */
  readonly require?: readonly Lack[];
  /** The most scenarios that may be skipped. Absent: any number. */
  readonly maxSkipped?: number;
  /** The part of a sharded run or campaign. Absent: the whole. */
  readonly shard?: Shard;
  /** What the preflight of a client or a library found, in words. */
  readonly about?: readonly string[];
  /** Absent, with `deadlines` and `jobs`, when the target could not be reached. */
  readonly profile?: Profile;
  readonly deadlines?: ShownDeadlines;
  /** Absent when no scenario read the store. */
  readonly store?: StoreProfile;
  readonly jobs?: number;
  readonly seed?: number;
  /** The planned cost, if no scenario is attempted twice. */
  readonly cost?: Cost;
  /** How long the run takes at the most, in milliseconds. Absent when it has no bound. */
  readonly maxMs?: number;
  /** Ids that are judged, and ids that only run as controls, in the order of the catalogue. */
  readonly planned: readonly string[];
  readonly controls: readonly string[];
}

/** One of several parts that are executed apart and merged afterwards. */
export interface Shard {
  /** From 1 to `of`, inclusive. */
  readonly index: number;
  /** The number of parts, 1 or more. */
  readonly of: number;
}

/** The selection of scenarios; an empty list selects all. */
export interface Filters {
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly section: readonly string[];
  /** Absent in reports of earlier versions. */
  readonly clause?: readonly string[];
  readonly level: readonly Level[];
}

/** The record of one scenario: its requirement, the verdict, and the evidence. */
export type ScenarioRecord = ScenarioFacts & Found;

interface ScenarioFacts extends Requirement, Pick<ScenarioResult, 'onlyAsControl'> {
  readonly record: 'scenario';
  /** The likely defect, if the scenario failed and one is known for such a mismatch. */
  readonly likelyCause?: string;
  /** What several records judge in common, such as an invariant of the fuzzer. Default: the id. */
  readonly rule?: string;
  /** The command that replays it; absent for a scenario of the catalogue. */
  readonly again?: string;
  /** True if the target died in one of the attempts. */
  readonly targetDied: boolean;
  /**
   * How the process ended in the first of these attempts, and its last lines; if it did not die, the report that it wrote because of a
   * failed attempt. Present when the kit started the target.
   */
  readonly said?: TargetEnd;
  /** How often it was attempted; 0 when it was skipped. */
  readonly attempts: number;
  /** The observation of the attempt that decided, in words; empty when no step was run. */
  readonly observed: string;
  /** The target's behaviour, without values that differ from run to run. Two reports are compared by it. */
  readonly behaviour: string;
  /** Wall time of all attempts with every wait, in milliseconds. Never compared. */
  readonly durationMs: number;
  /** Of the same connection. Never compared. */
  readonly transcript: readonly WireRecord[];
  /** The parts of its bytes that matter. Absent if there are none. */
  readonly marks?: Marks;
}

/** The verdict of the attempt that decided, with its outcome in words. */
type Found =
  | (Omit<VerdictOf<'pass'>, 'outcome'> & NotFailed & { readonly accepted: string })
  | (Omit<VerdictOf<'fail'>, 'observed' | 'mismatches'> & {
      /** Why the observation is none of the expected outcomes: one line each. */
      readonly mismatches: readonly string[];
      /** In how many of its attempts it failed; fewer than all means flaky. */
      readonly failedPlays: number;
      /** What differs, in plain words and without values. Absent in reports of earlier versions. */
      readonly cause?: string;
      /**
       * Present on a first failure that is still to be attempted again. The final record of the scenario follows and replaces
       * it, unless the run is cut short.
       */
      readonly provisional?: true;
      /** Present when an entry of the known failures covers it. */
      readonly known?: KnownFailure;
    })
  | (Pick<VerdictOf<'inconclusive'>, 'verdict' | 'reason'> &
      NotFailed & {
        /** Present when its control is a known failure, or is not judged because of one: the entry of that failure. */
        readonly known?: KnownFailure;
      })
  | (Pick<VerdictOf<'error'>, 'verdict' | 'reason'> & NotFailed)
  /** `lacks` is absent in reports of earlier versions. */
  | (Omit<VerdictOf<'skipped'>, 'lacks'> & NotFailed & { readonly lacks?: Lack });

interface NotFailed {
  readonly provisional?: never;
}

type TargetEnd = NonNullable<ScenarioResult['attempts'][0]['said']>;

type VerdictOf<V extends Verdict['verdict']> = Extract<Verdict, { readonly verdict: V }>;

/** An entry of a transcript with its first bytes in hex and the total number of bytes. */
export type WireRecord =
  | Exclude<TranscriptEntry, { readonly kind: 'sent' | 'received' }>
  | (Omit<Extract<TranscriptEntry, { readonly kind: 'sent' }>, 'head'> & { readonly hex: string })
  | {
      readonly kind: 'received';
      readonly hex: string;
      readonly total: number;
      /** Consecutive reads of the socket that this record joins. */
      readonly pieces: number;
      /** Of the first read. */
      readonly atMs: number;
    };

/** The last record of a run: how it ended. */
export type EndRecord = {
  readonly record: 'end';
  /** Of the whole run, in milliseconds. */
  readonly durationMs: number;
  /** The result of each entry; present when the run had a list of known failures. */
  readonly knownFailures?: readonly KnownFailureEntry[];
  /** The causes of the failures, the one that explains most first. Absent in reports of earlier versions. */
  readonly causes?: readonly Cause[];
  /** Of a campaign of the fuzzer. Absent for a run, and in reports of earlier versions. */
  readonly timeline?: Timeline;
} & (
  | {
      /** 'cannot-run': a client or a library does not keep to the interface by which it is judged. */
      readonly because: Extract<RunEvent, { kind: 'end' }>['because'] | 'cannot-run';
      /** Why a target that died could not be restarted, what is in the store instead, or what the interface demands. */
      readonly detail?: string;
    }
  | {
      readonly because: 'unreachable';
      /** Of the operating system, ETIMEDOUT, or 'exited' or 'not-listening' for a command that did not come to listen. */
      readonly code: string;
      /** What a command that did not come to listen did instead, in words. */
      readonly detail?: string;
      readonly said?: TargetEnd;
    }
);

/** How far a campaign was at moments of its time. */
export interface Timeline {
  /** About the same time apart, the first one first; 256 at the most. Counts are totals since the campaign began. */
  readonly samples: readonly TimelineSample[];
  /** The id of the record of each finding, and when it was made. */
  readonly findings: readonly { readonly id: string; readonly atMs: number }[];
}

/** How far a campaign was at one moment. */
export interface TimelineSample {
  /** Milliseconds since the campaign began. */
  readonly atMs: number;
  readonly cases: number;
  readonly signatures: number;
  /** Edges of the target that ran. Absent without coverage. */
  readonly edges?: number;
}

/** Failures with one cause. */
export interface Cause {
  /** Plain words, as in the records of the failures. */
  readonly cause: string;
  /** The id of the failure that shows it best. */
  readonly root: string;
  /** The number of failures with this cause, flaky ones, warnings and notes included. At least 1. */
  readonly failures: number;
}

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
  /** Number of scenarios whose id it matches, judged in this run or not. Absent in merged reports and in those of earlier versions. */
  readonly matched?: number;
  /** Absent when the entry is not stale. */
  readonly stale?: Staleness;
  /** The ids that made the entry stale, or the failures that differ from its reason. */
  readonly details: readonly string[];
}
