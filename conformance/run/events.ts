/** The events of a run. Every report is made from these events and nothing else. */

import type { ProcessEnd } from '../observers/observer.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Address } from '../wire/transport.ts';
import type { Attempt } from './attempt.ts';
import type { Cost } from './cost.ts';
import type { Profile } from './preflight/preflight.ts';
import type { StoreProfile } from './preflight/store-preflight.ts';
import type { ShownDeadlines } from './timing/deadlines.ts';

/** All attempts of one scenario that count. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  /** The first one decides. After a failed one, the others show whether the failure is flaky; flaky is not a pass. */
  readonly attempts: readonly [Attempt, ...Attempt[]];
  /** True if the scenario was not selected and only ran as the control of another one. */
  readonly onlyAsControl: boolean;
}

/** An event of a run. The last one is `end` or `unreachable`. */
export type RunEvent =
  | {
      readonly kind: 'plan';
      readonly target: Address;
      readonly profile: Profile;
      /** Absent when no scenario reads the store. */
      readonly store?: StoreProfile;
      readonly deadlines: ShownDeadlines;
      /** How many scenarios run at a time. */
      readonly jobs: number;
      /** Absent when the run cannot be reproduced exactly. */
      readonly seed?: number;
      /** Ids that will be judged, and ids that only run as controls. */
      readonly planned: readonly string[];
      readonly controls: readonly string[];
      /** If no scenario is attempted twice. */
      readonly cost: Cost;
      /** How long the run takes at the most, in milliseconds, unless the target dies or becomes slower. */
      readonly maxMs?: number;
    }
  /** The last event of a run that could not connect to the target. */
  | {
      readonly kind: 'unreachable';
      readonly target: Address;
      /** As in the record of the end. */
      readonly code: string;
      readonly detail?: string;
      /** How its process ended. Absent when the kit did not start it. */
      readonly said?: ProcessEnd;
    }
  | {
      readonly kind: 'result';
      readonly result: ScenarioResult;
      /** True for a first failure that is still to be attempted again; the final result follows, unless the run is killed. */
      readonly isProvisional?: true;
    }
  /** The run only waits: no scenario begins before one of these ends. For a display of progress. */
  | {
      readonly kind: 'waiting';
      readonly ids: readonly string[];
      /** Until the last of them ends at the latest, in milliseconds. */
      readonly leftMs: number;
    }
  /** The last event of any other run. */
  | {
      readonly kind: 'end';
      /** The target of a run that ended before its plan. Absent after a plan. */
      readonly target?: Address;
      /** 'unanswered': the run is complete, but no byte came back for a legal SUBMIT, so there may be no server. */
      readonly because:
        | 'complete'
        | 'bailed'
        | 'target-died'
        | 'store-not-recognised'
        | 'interrupted'
        /** The time that the caller gave the run is over. */
        | 'out-of-time'
        | 'unanswered';
      /** Why a target that died could not be started again, or what is in the store instead; for a person. */
      readonly detail?: string;
    };
