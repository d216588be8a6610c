/**
 * The events of a run that judges a client or a library, and their records. The judge of each makes these events; every
 * report, the known failures and the exit status follow from the records, as they do for a server.
 */

import type { Lack } from '../scenario/lacks.ts';
import type { Requirement } from '../scenario/requirement.ts';
import type { ReportRecord, ScenarioRecord, WireRecord } from './record.ts';
import { type Provenance, RunRecords } from './run-records.ts';

/** The verdict on one scenario, with the texts that a report shows. The texts hold data of the target only escaped. */
export type JudgedVerdict =
  /** `accepted`: the outcome that occurred, in words. */
  | { readonly verdict: 'pass'; readonly accepted: string }
  | {
      readonly verdict: 'fail';
      /** The permitted outcomes, in words; one of them suffices. */
      readonly expected: readonly string[];
      /** Why the observation is none of them: one line each, at least one. */
      readonly mismatches: readonly string[];
      /** What differs, in plain words and without values. Failures with the same text have one cause. */
      readonly cause: string;
      /** The likely defect, in terms of code. Default: none is known. */
      readonly likelyCause?: string | undefined;
      /** In how many attempts it failed, from 1. Fewer than all of them means flaky. */
      readonly failedPlays: number;
    }
  | { readonly verdict: 'inconclusive' | 'error'; readonly reason: string }
  | { readonly verdict: 'skipped'; readonly reason: string; readonly lacks?: Lack };

/** One judged scenario. */
export interface Judged {
  readonly scenario: Requirement;
  readonly verdict: JudgedVerdict;
  /** True if it was not selected and only ran as the control of another one. */
  readonly onlyAsControl: boolean;
  /** How often it was attempted; 0 if it was skipped. */
  readonly attempts: number;
  /** What was observed in the attempt that decided, in words. */
  readonly observed: string;
  /** The same without values that differ from run to run, to compare two reports by. */
  readonly behaviour: string;
  /** Of all attempts, in milliseconds. */
  readonly durationMs: number;
  /** The command that judges it again. Default: the one that a run of the scenario alone has. */
  readonly again?: string | undefined;
  /** The bytes of the attempt that decided. Default: none. */
  readonly transcript?: readonly WireRecord[] | undefined;
}

/** An event of such a run. The last one is `end`. */
export type JudgedEvent =
  | {
      readonly kind: 'plan';
      /** What the preflight found, in words. */
      readonly about: readonly string[];
      /** How many scenarios run at a time. Default 1. */
      readonly jobs?: number | undefined;
      /** Ids that will be judged, and ids that only run as controls, in the order of the catalogue. */
      readonly planned: readonly string[];
      readonly controls: readonly string[];
    }
  | { readonly kind: 'result'; readonly judged: Judged; readonly isProvisional?: boolean | undefined }
  | {
      readonly kind: 'end';
      /** 'cannot-run': what was started does not keep to the interface, so what it did gives no verdict. */
      readonly because: 'complete' | 'bailed' | 'interrupted' | 'out-of-time' | 'cannot-run';
      /** For a person: what was expected and what came instead. */
      readonly detail?: string | undefined;
    };

/** Makes the records of a run that judges a client or a library. Pass every event to `take`, in order. */
export class JudgedRecorder {
  readonly #records: RunRecords;
  readonly #name: string;
  #hasPlan = false;

  /** The provenance names the target. */
  constructor(provenance: Provenance & { readonly name: string }) {
    this.#records = new RunRecords(provenance);
    this.#name = provenance.name;
  }

  /** The records of the next event. */
  take(event: JudgedEvent): readonly ReportRecord[] {
    switch (event.kind) {
      case 'plan': {
        const { about, jobs, planned, controls } = event;
        this.#hasPlan = true;
        return [
          this.#records.plan(this.#name, { about, ...(jobs !== undefined && { jobs }), planned, controls }),
        ];
      }
      case 'result':
        return [this.#records.scenario(recordOf(event.judged), event.isProvisional)];
      case 'end': {
        const { because, detail } = event;
        const end = this.#records.end({ because, ...(detail !== undefined && { detail }) });
        return this.#hasPlan ? [end] : [this.#records.plan(this.#name), end];
      }
    }
  }
}

function recordOf({
  scenario,
  verdict,
  transcript = [],
  durationMs,
  again,
  ...rest
}: Judged): ScenarioRecord {
  const { id, clause, level, requirement, control } = scenario;
  const { onlyAsControl, attempts, observed, behaviour } = rest;
  const facts = {
    record: 'scenario',
    ...{ id, clause, level, requirement },
    ...(control !== undefined && { control }),
    ...(again !== undefined && { again }),
    ...{ onlyAsControl, targetDied: false, attempts, observed, behaviour },
    durationMs: Math.round(durationMs),
    transcript,
  } as const;
  switch (verdict.verdict) {
    case 'pass':
      return { ...facts, verdict: 'pass', accepted: verdict.accepted, disposition: 'answered' };
    case 'fail': {
      const { expected, mismatches, cause, likelyCause, failedPlays } = verdict;
      const failure = { disposition: 'answered', expected, mismatches, failedPlays, cause } as const;
      return { ...facts, verdict: 'fail', ...(likelyCause !== undefined && { likelyCause }), ...failure };
    }
    case 'skipped': {
      const { reason, lacks } = verdict;
      return { ...facts, verdict: 'skipped', ...(lacks && { lacks }), reason };
    }
    default:
      return { ...facts, verdict: verdict.verdict, reason: verdict.reason };
  }
}
