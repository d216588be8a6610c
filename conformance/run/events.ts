/** What a run tells while it goes on. Every report is made from these events and nothing else. */

import type { Judgement } from '../judge/oracle.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Transcript } from '../wire/transcript.ts';
import type { Address } from '../wire/transport.ts';
import type { Deadlines, Profile } from './preflight.ts';
import type { StoreProfile } from './store-preflight.ts';

/** The verdict on a scenario after all its plays; `error` is the kit's own fault. */
export type Verdict =
  | (Judgement & { readonly verdict: 'pass' | 'inconclusive' | 'skipped' })
  | (Extract<Judgement, { verdict: 'fail' }> & {
      /** In how many of how many plays it failed; fewer than all means flaky, which is still no pass. */
      readonly failedPlays: number;
      readonly plays: number;
    })
  | { readonly verdict: 'error'; readonly reason: string };

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly verdict: Verdict;
  /** Of the play that decided; empty when the scenario was not played. */
  readonly transcript: Transcript;
  /** True if it only ran as the control of another one. */
  readonly onlyAsControl: boolean;
  /** True if the target no longer answered on a fresh connection afterwards. */
  readonly targetDied: boolean;
}

export interface Cost {
  readonly connections: number;
  /** Bytes that are sent to it. */
  readonly bytes: number;
}

export type RunEvent =
  | {
      readonly kind: 'plan';
      readonly target: Address;
      readonly profile: Profile;
      /** Absent when the store is not looked at. */
      readonly store?: StoreProfile;
      readonly deadlines: Deadlines;
      /** Scenarios played at a time. */
      readonly jobs: number;
      /** Absent when the run cannot be repeated exactly. */
      readonly seed?: number;
      /** Ids that will be judged, and ids that only run as controls. */
      readonly planned: readonly string[];
      readonly controls: readonly string[];
      /** What that will cost the target, if nothing is played twice. */
      readonly cost: Cost;
    }
  /** The run ends here: no connection to the target came about. */
  | { readonly kind: 'unreachable'; readonly target: Address; readonly code: string }
  | { readonly kind: 'result'; readonly result: ScenarioResult }
  /** The run ends here, and `because` says whether it got through. */
  | {
      readonly kind: 'end';
      readonly because: 'complete' | 'bailed' | 'target-died' | 'interrupted';
      /** Why a target that died could not be started again; for a person. */
      readonly detail?: string;
    };
