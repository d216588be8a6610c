/** What a run tells while it goes on. Every report is made from these events and nothing else. */

import type { Scenario } from '../scenario/scenario.ts';
import type { Address } from '../wire/transport.ts';
import type { Attempt } from './attempt.ts';
import type { Deadlines, Profile } from './preflight.ts';
import type { StoreProfile } from './store-preflight.ts';

/** All attempts of one scenario that count. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  /** The first one decides. If it failed, those after it show whether the failure is flaky, which is still no pass. */
  readonly attempts: readonly [Attempt, ...Attempt[]];
  /** True if it only ran as the control of another one. */
  readonly onlyAsControl: boolean;
}

/** What a run costs the target. */
export interface Cost {
  readonly connections: number;
  /** Bytes that are sent to it. */
  readonly bytes: number;
}

/** An event of a run. The last one is `end` or `unreachable`. */
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
