/** Events of a run in, records out. */

import { marksOf } from '../evidence/marks.ts';
import { describeObservation, describeOutcome } from '../judge/describe.ts';
import { likelyCause } from '../judge/likely.ts';
import { observe } from '../judge/observe.ts';
import type { RunEvent, ScenarioResult } from '../run/events.ts';
import type { Lack } from '../scenario/lacks.ts';
import type { Transcript } from '../wire/transcript.ts';
import type { Address } from '../wire/transport.ts';
import { behaviourOf } from './behaviour.ts';
import { causeOf } from './cause.ts';
import { causesIn } from './causes.ts';
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
  /** Whether the bytes of a pass are marked too, as those of every other verdict are. Default false, which saves time. */
  readonly marksPasses?: boolean | undefined;
  /** Default: no failure is known. */
  readonly knownFailures?: KnownFailureList | undefined;
}

/** Bytes of the type in a frame's header. */
const TYPE_BYTES = 4;

/** The filters of a run that judges every scenario. */
export const NO_FILTERS: Filters = { only: [], skip: [], section: [], level: [] };

/** Makes the records of one run. Pass every event to `take`, in order. */
export class Recorder {
  readonly #provenance: Provenance;
  #plan: PlanRecord | undefined;
  readonly #scenarios: ScenarioRecord[] = [];

  constructor(provenance: Provenance) {
    this.#provenance = provenance;
  }

  /** The records of the next event. */
  take(event: RunEvent): readonly ReportRecord[] {
    const { elapsedMs, knownFailures } = this.#provenance;
    const known = (complete: boolean) => knownFailures && { knownFailures: knownFailures.finish(complete) };
    switch (event.kind) {
      case 'plan':
        return [this.#begin(event.target, event)];
      case 'unreachable':
        return [
          this.#begin(event.target),
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
        const record = recordResult(event.result, this.#provenance.marksPasses === true);
        return [this.#finish(record, event.isProvisional)];
      }
      case 'end':
        return [
          ...(event.target ? [this.#begin(event.target)] : []),
          {
            record: 'end',
            durationMs: elapsedMs(),
            because: event.because,
            ...(event.detail !== undefined && { detail: event.detail }),
            ...known(event.because === 'complete'),
            causes: causesIn([...(this.#plan ? [this.#plan] : []), ...this.#scenarios]),
          },
        ];
    }
  }

  /** Known failures count a scenario once, by its final record. */
  #finish(found: ScenarioRecord, isProvisional = false): ScenarioRecord {
    const { knownFailures } = this.#provenance;
    const marked = isProvisional ? knownFailures?.preview(found) : knownFailures?.mark(found);
    const record = marked ?? found;
    const result: ScenarioRecord =
      isProvisional && record.verdict === 'fail' ? { ...record, provisional: true } : record;
    this.#scenarios.push(result);
    return result;
  }

  #begin(target: Address, event?: Extract<RunEvent, { kind: 'plan' }>): PlanRecord {
    this.#plan = this.#planRecord(target, event);
    return this.#plan;
  }

  #planRecord(target: Address, event?: Extract<RunEvent, { kind: 'plan' }>): PlanRecord {
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
      ...(event?.maxMs !== undefined && { maxMs: event.maxMs }),
      ...(event?.store && { store: event.store }),
      ...(event?.seed !== undefined && { seed: event.seed }),
      planned: event?.planned ?? [],
      controls: event?.controls ?? [],
    };
  }
}

/** The type of the first frame that was sent; undefined if less than its header was. */
function sentTypeOf(transcript: Transcript): number | undefined {
  const sent = transcript.find((entry) => entry.kind === 'sent');
  if (sent === undefined || sent.head.length < TYPE_BYTES) return undefined;
  return new DataView(sent.head.buffer, sent.head.byteOffset).getUint32(0);
}

function recordResult(result: ScenarioResult, marksPasses: boolean): ScenarioRecord {
  const { scenario, attempts, onlyAsControl } = result;
  const [deciding] = attempts;
  const { transcript } = deciding;
  const targetDied = attempts.some((attempt) => attempt.targetDied);
  const said = attempts.find((attempt) => attempt.said)?.said;
  const { id, clause, level, requirement, control } = scenario;
  const likely = likelyCause(scenario, deciding);
  const hasRun = transcript.length > 0;
  const observation = observe(transcript);
  const wire = recordTranscript(transcript);
  const facts = {
    record: 'scenario',
    id,
    clause,
    level,
    requirement,
    ...(likely !== undefined && { likelyCause: likely }),
    ...(control !== undefined && { control }),
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
    ...(hasRun && (marksPasses || deciding.verdict !== 'pass') && marksOf(scenario, deciding, observation)),
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
      const { disposition, expected, conditions, observed, mismatches } = deciding;
      const failedPlays = attempts.filter(({ verdict }) => verdict === 'fail').length;
      const texts = mismatches.map(({ text }) => text);
      const failure = { observed, disposition, expected, mismatches: texts, failedPlays };
      return {
        ...facts,
        verdict: 'fail',
        ...failure,
        ...(conditions && { conditions }),
        cause: causeOf(scenario, deciding, sentTypeOf(transcript)),
      };
    }
    case 'skipped':
      return { ...facts, verdict: 'skipped', lacks: deciding.lacks, reason: deciding.reason };
    default:
      return { ...facts, verdict: deciding.verdict, reason: deciding.reason };
  }
}
