/** Events of a run in, records out. */

import { describeObservation, describeOutcome } from '../judge/describe.ts';
import { observe } from '../judge/observe.ts';
import type { RunEvent, ScenarioResult } from '../run/events.ts';
import type { Lack } from '../scenario/lacks.ts';
import type { Address } from '../wire/transport.ts';
import { behaviourOf } from './behaviour.ts';
import type { KnownFailureList } from './known-failures.ts';
import {
  type Filters,
  type PlanRecord,
  REPORT_FORMAT,
  type ReportRecord,
  type ScenarioRecord,
} from './record.ts';
import { recordTranscript } from './transcript-record.ts';

/** Facts about a run that its events do not contain. */
export interface Provenance {
  /** Version of the kit. */
  readonly kit: string;
  /** RFC 3339, in UTC. */
  readonly startedAt: string;
  /** Milliseconds since the run began. */
  readonly elapsedMs: () => number;
  /** The target's name, the same in every run. Default: the address. */
  readonly name?: string | undefined;
  /** The options that name the target on a command line; a report shows them to repeat a scenario. May be empty. */
  readonly replay: string;
  /** A SHOULD counts like a MUST. */
  readonly strict: boolean;
  /** How the scenarios were selected. A report shows it; the recorder selects nothing. */
  readonly filters: Filters;
  /** As in the plan record. Default: none, and any number. */
  readonly require?: readonly Lack[] | undefined;
  readonly maxSkipped?: number | undefined;
  /** The part of the catalogue that this run judges. Default: all of it. */
  readonly shard?: PlanRecord['shard'];
  /** Default: no failure is known. */
  readonly knownFailures?: KnownFailureList | undefined;
}

/** The filters of a run that judges every scenario. */
export const NO_FILTERS: Filters = { only: [], skip: [], section: [], level: [] };

/** Makes the records of one run. Pass every event to `take`, in order. */
export class Recorder {
  readonly #provenance: Provenance;

  constructor(provenance: Provenance) {
    this.#provenance = provenance;
  }

  /** The records of the next event. */
  take(event: RunEvent): readonly ReportRecord[] {
    const { elapsedMs, knownFailures } = this.#provenance;
    const known = (complete: boolean) => knownFailures && { knownFailures: knownFailures.finish(complete) };
    switch (event.kind) {
      case 'plan':
        return [this.#plan(event.target, event)];
      case 'unreachable':
        return [
          this.#plan(event.target),
          {
            record: 'end',
            durationMs: elapsedMs(),
            because: 'unreachable',
            code: event.code,
            ...(event.said && { said: event.said }),
          },
        ];
      case 'waiting':
        return [];
      case 'result': {
        if (event.isProvisional) return [];
        const record = recordResult(event.result);
        return [knownFailures ? knownFailures.mark(record) : record];
      }
      case 'end':
        return [
          {
            record: 'end',
            durationMs: elapsedMs(),
            because: event.because,
            ...(event.detail !== undefined && { detail: event.detail }),
            ...known(event.because === 'complete'),
          },
        ];
    }
  }

  #plan(target: Address, event?: Extract<RunEvent, { kind: 'plan' }>): PlanRecord {
    const { kit, startedAt, name, replay, strict, filters, require, maxSkipped, shard } = this.#provenance;
    const { host, port } = target;
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return {
      record: 'plan',
      format: REPORT_FORMAT,
      kit,
      startedAt,
      target: { name: name ?? address, address },
      replay,
      strict,
      filters,
      ...(require && { require }),
      ...(maxSkipped !== undefined && { maxSkipped }),
      ...(shard && { shard }),
      ...(event && { profile: event.profile, deadlines: event.deadlines, jobs: event.jobs }),
      ...(event?.cost && { cost: event.cost }),
      ...(event?.store && { store: event.store }),
      ...(event?.seed !== undefined && { seed: event.seed }),
      planned: event?.planned ?? [],
      controls: event?.controls ?? [],
    };
  }
}

function recordResult(result: ScenarioResult): ScenarioRecord {
  const { scenario, attempts, onlyAsControl } = result;
  const [deciding] = attempts;
  const { transcript } = deciding;
  const targetDied = attempts.some((attempt) => attempt.targetDied);
  const said = attempts.find((attempt) => attempt.said)?.said;
  const { id, clause, level, requirement, likelyCause } = scenario;
  const hasRun = transcript.length > 0;
  const observation = observe(transcript);
  const wire = recordTranscript(transcript);
  const facts = {
    record: 'scenario',
    id,
    clause,
    level,
    requirement,
    ...(likelyCause !== undefined && { likelyCause }),
    onlyAsControl,
    targetDied,
    ...(said && { said }),
    attempts: deciding.verdict === 'fail' ? attempts.length : hasRun ? 1 : 0,
    observed: hasRun ? describeObservation(observation) : '',
    behaviour: behaviourOf(hasRun ? observation : undefined, {
      awaitsSilence: scenario.accept.some(({ kind }) => kind === 'silent'),
      died: targetDied,
    }),
    durationMs: Math.round(attempts.reduce((sum, attempt) => sum + attempt.durationMs, 0)),
    transcript: wire,
  } as const;
  switch (deciding.verdict) {
    case 'pass':
      return {
        ...facts,
        verdict: 'pass',
        accepted: describeOutcome(deciding.outcome),
        disposition: deciding.disposition,
      };
    case 'fail': {
      const { disposition, expected, observed, mismatches } = deciding;
      const failedPlays = attempts.filter(({ verdict }) => verdict === 'fail').length;
      const texts = mismatches.map(({ text }) => text);
      return { ...facts, verdict: 'fail', observed, disposition, expected, mismatches: texts, failedPlays };
    }
    case 'skipped':
      return { ...facts, verdict: 'skipped', lacks: deciding.lacks, reason: deciding.reason };
    default:
      return { ...facts, verdict: deciding.verdict, reason: deciding.reason };
  }
}
