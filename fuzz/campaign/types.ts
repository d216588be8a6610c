/** What a campaign is given, and what it tells. */

import type { Case } from '../case/case.ts';
import type { Weights } from '../generate/generate.ts';
import type { CalibrationResult } from '../target/calibration.ts';
import type { Target } from '../target/target.ts';
import type { Finding } from '../triage/finding.ts';
import type { Corpus } from './corpus.ts';
import type { CampaignState } from './state.ts';
import type { Stats } from './stats.ts';

export interface CampaignOptions {
  readonly target: Target;
  /** Of 32 bits. */
  readonly seed: number;
  /** Cases in all lanes together; default: until the time is over. */
  readonly runs?: number | undefined;
  /** Milliseconds; default: until the runs are done. */
  readonly timeMs?: number | undefined;
  /** Connections in flight. */
  readonly jobs: number;
  /** Share of the feedback lane, from 0 to 1. Default 0.3. */
  readonly feedback?: number | undefined;
  readonly weights?: Weights | undefined;
  /** Ends it at so many findings. Default 20. */
  readonly maxFindings?: number | undefined;
  /** Threads that throw; default: this one. */
  readonly workers?: number | undefined;
  /** Where an earlier campaign was; its seed counts. */
  readonly saved?: CampaignState | undefined;
  /** Thrown first, as they are, and mutated. */
  readonly given?: readonly Case[] | undefined;
  /** Milliseconds within which the target has to react. Default: the protocol's (S8), or ten times its latency. */
  readonly deadlineMs?: number | undefined;
  /** Refuse a target that is not on a loopback address. Default true. */
  readonly onlyLoopback?: boolean | undefined;
  readonly newTaskId: () => string;
  readonly signal?: AbortSignal | undefined;
}

export type CampaignEvent =
  | { readonly kind: 'start'; readonly seed: number }
  | Exclude<CalibrationResult, { readonly kind: 'calibrated' }>
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** A case broke something that is not known yet; to find out more takes a while. */
  | {
      readonly kind: 'candidate';
      readonly detail: string;
      readonly bytes: number;
      readonly progress: Progress;
    }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | {
      readonly kind: 'end';
      readonly because: EndReason;
      readonly progress: Progress;
      readonly detail?: string;
    };

/** 'against-lost': of two implementations the one that the target is compared with. */
export type EndReason = 'runs' | 'time' | 'findings' | 'interrupted' | 'target-lost' | 'against-lost';

export interface Progress {
  /** All that it takes to go on from here. */
  readonly state: () => CampaignState;
  readonly stats: Stats;
  readonly elapsedMs: number;
  readonly corpus: Corpus;
  readonly findings: readonly Finding[];
  /** How often each finding was met, by id. */
  readonly occurrences: Readonly<Record<string, number>>;
  /** How often the target had to be brought back. */
  readonly restarts: number;
}
