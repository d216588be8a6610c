/** Events of a run in, records out. */

import { marksOf } from '../evidence/marks.ts';
import { describeObservation, describeOutcome } from '../judge/describe.ts';
import { likelyCause } from '../judge/likely.ts';
import { observe } from '../judge/observe.ts';
import type { RunEvent, ScenarioResult } from '../run/events.ts';
import type { Transcript } from '../wire/transcript.ts';
import type { Address } from '../wire/transport.ts';
import { behaviourOf } from './behaviour.ts';
import { causeOf } from './cause.ts';
import type { ReportRecord, ScenarioRecord } from './record.ts';
import { type Provenance, RunRecords } from './run-records.ts';
import { recordTranscript } from './transcript-record.ts';

/** Bytes of the type in a frame's header. */
const TYPE_BYTES = 4;

/** Makes the records of one run against a server. Pass every event to `take`, in order. */
export class Recorder {
  readonly #records: RunRecords;
  readonly #marksPasses: boolean;

  constructor(provenance: Provenance) {
    this.#records = new RunRecords(provenance);
    this.#marksPasses = provenance.marksPasses === true;
  }

  /** The records of the next event. */
  take(event: RunEvent): readonly ReportRecord[] {
    switch (event.kind) {
      case 'plan': {
        const { kind: _, target, ...facts } = event;
        return [this.#records.plan(addressOf(target), facts)];
      }
      case 'unreachable': {
        const { kind: because, target, ...facts } = event;
        return [this.#records.plan(addressOf(target)), this.#records.end({ because, ...facts })];
      }
      case 'waiting':
        return [];
      case 'result':
        return [this.#records.scenario(recordResult(event.result, this.#marksPasses), event.isProvisional)];
      case 'end': {
        const { target, because, detail } = event;
        return [
          ...(target ? [this.#records.plan(addressOf(target))] : []),
          this.#records.end({ because, ...(detail !== undefined && { detail }) }),
        ];
      }
    }
  }
}

function addressOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
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
  const saying = attempts.filter((attempt) => attempt.said);
  const { said } = saying.find((attempt) => attempt.targetDied) ?? saying[0] ?? {};
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
