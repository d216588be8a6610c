/** The options of a campaign, and the events that it yields. */

import type { Shard } from '../../conformance/report/record.ts';
import type { Case } from '../case/case.ts';
import type { Weights } from '../generate/generate.ts';
import type { CalibrationResult } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import type { Finding } from '../triage/finding.ts';
import type { Corpus } from './corpus.ts';
import type { CampaignState, EndReason } from './state.ts';
import type { Stats } from './stats.ts';

/** What `campaign` does, and with which target. */
export interface CampaignOptions {
  readonly target: Target;
  /** A whole number of 32 bits. The same seed gives the same cases of the base lane. */
  readonly seed: number;
  /** Cases in the base and the feedback lane together, of all shards. Default: no limit. */
  readonly runs?: number | undefined;
  /** The part of the campaign that is executed. Default: the whole. The shards of a seed send each case of it once. */
  readonly shard?: Shard | undefined;
  /** Milliseconds, with those of the calibration. Default: no limit. */
  readonly timeMs?: number | undefined;
  /** Connections in flight, 1 or more. Default `DEFAULT_JOBS`. */
  readonly jobs?: number | undefined;
  /**
   * The file of edge counters that an instrumented target shares with the kit; its runtime is fuzz/coverage/conform-coverage.c.
   * Cases that reach new edges join the corpus. Default: none; what the target does is then seen on the wire alone. The first
   * read or write of the file throws the system's error.
   */
  readonly coverage?: string | undefined;
  /** Share of the feedback lane, from 0 to 0.9. Default 0.3, and with `coverage` 0.6. */
  readonly feedback?: number | undefined;
  readonly weights?: Weights | undefined;
  /** The campaign ends when it has this number of findings, differences not counted. Default 20. */
  readonly maxFindings?: number | undefined;
  /** Most milliseconds to minimise one finding, and at most a quarter of the time that is left. Default 60 000. */
  readonly minimiseMs?: number | undefined;
  /** Threads that send cases. Default 1: the thread of the caller. */
  readonly workers?: number | undefined;
  /** The state of an earlier campaign, which continues. Its seed replaces `seed`. */
  readonly saved?: CampaignState | undefined;
  /** Inputs that are sent first, unchanged, and not counted as `runs`; with `shard`, those of the whole campaign. */
  readonly given?: readonly Case[] | undefined;
  /**
   * Inputs that other campaigns found since the last call. Called before each batch; they are sent in it, unchanged, and not
   * counted as `runs`. Default: none.
   */
  readonly adopt?: (() => Promise<readonly Case[]>) | undefined;
  /** Milliseconds within which the target has to react. Default: the protocol's (S8), or ten times its latency. */
  readonly deadlineMs?: number | undefined;
  /** Refuse a target that is not on a loopback address. Default true. */
  readonly onlyLoopback?: boolean | undefined;
  /** A task id in the documented form (S10), new each time. Default: random ids. */
  readonly newTaskId?: (() => string) | undefined;
  /** Ends the campaign: `because` is then 'interrupted'. */
  readonly signal?: AbortSignal | undefined;
}

/** What happens in a campaign. */
export type CampaignEvent =
  | { readonly kind: 'start'; readonly seed: number }
  | Exclude<CalibrationResult, { readonly kind: 'calibrated' }>
  /** The time was over before the target was measured, so nothing else was sent. */
  | { readonly kind: 'out-of-time' }
  /** After each batch, about once a second. */
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** A case broke an invariant, and no known finding explains it. Its triage, which may take a while, begins. */
  | {
      readonly kind: 'candidate';
      readonly detail: string;
      readonly bytes: number;
      readonly progress: Progress;
    }
  /** What came of the last candidate. Its finding follows, unless it is known. */
  | ({ readonly kind: 'investigated' } & Investigated)
  | { readonly kind: 'finding'; readonly finding: Finding }
  | {
      readonly kind: 'end';
      readonly because: EndReason;
      /** Why a lost target could not be started again. Escaped. */
      readonly detail?: string;
      readonly progress: Progress;
    };

/** What came of a candidate. */
export type Investigated =
  | { readonly outcome: 'confirmed'; readonly finding: Finding }
  /** It is one more occurrence of the known finding with this id. */
  | { readonly outcome: 'known'; readonly id: string }
  /** The case alone did not show it again. `finding`: as it was recorded without its cause. */
  | { readonly outcome: 'unconfirmed'; readonly finding?: Finding | undefined }
  /** The target or the campaign ended before that. */
  | { readonly outcome: 'ended' };

/** How far a campaign is. */
export interface Progress extends CampaignResult {
  /** The present state, for `writeState`. */
  readonly state: () => CampaignState;
  /** Edges of the target that ran. Absent without `coverage`. */
  readonly edges?: number;
}

/** What a campaign did, or several shards of one together. */
export interface CampaignResult {
  readonly stats: Stats;
  /** Milliseconds, with those of the earlier campaign that continues. */
  readonly elapsedMs: number;
  readonly corpus: Corpus;
  readonly findings: readonly Finding[];
  /** How often each finding occurred, by its id. */
  readonly occurrences: Readonly<Record<string, number>>;
  /** How often the target was restarted. */
  readonly restarts: number;
}
