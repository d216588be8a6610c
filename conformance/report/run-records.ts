/**
 * The records of one run, whatever is judged: facts of the plan, verdicts and the end in; records out. It marks known
 * failures and groups the failures by cause, so that runs of servers, clients and libraries do both alike.
 */

import type { Lack } from '../scenario/lacks.ts';
import { causesIn } from './causes.ts';
import type { KnownFailureList } from './known-failures.ts';
import {
  type EndRecord,
  type Filters,
  type PlanRecord,
  REPORT_FORMAT,
  type ScenarioRecord,
} from './record.ts';

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
  /** What is judged. Default: a server, by `conform run`. */
  readonly command?: PlanRecord['command'];
  /** As in the plan record. Default: `conform`. */
  readonly program?: string | undefined;
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
  /** The file of that list, for the plan record. */
  readonly knownFailuresFile?: string | undefined;
  /** Default: no failure is known. */
  readonly knownFailures?: KnownFailureList | undefined;
}

/** The filters of a run that judges every scenario. */
export const NO_FILTERS: Filters = { only: [], skip: [], section: [], level: [] };

/** What the plan of a run holds besides its provenance. Without it, the run could not begin. */
export type PlanFacts = Omit<
  PlanRecord,
  'record' | 'format' | 'target' | 'require' | 'maxSkipped' | 'shard' | 'command' | keyof Provenance
>;

/** How a run ended, without what the records before it tell. */
export type EndFacts<E extends EndRecord = EndRecord> = E extends EndRecord
  ? Omit<E, 'record' | 'durationMs' | 'knownFailures' | 'causes'>
  : never;

/** Makes the records of one run: a plan, then scenarios, then an end. */
export class RunRecords {
  readonly #provenance: Provenance;
  #plan: PlanRecord | undefined;
  readonly #scenarios: ScenarioRecord[] = [];

  constructor(provenance: Provenance) {
    this.#provenance = provenance;
  }

  /** The plan of a target with this address: host:port, or a name for what has no address. */
  plan(address: string, facts: PlanFacts = { planned: [], controls: [] }): PlanRecord {
    const { knownFailuresFile } = this.#provenance;
    const { kit, startedAt, name, command, program, replay, strict, filters, require, maxSkipped, shard } =
      this.#provenance;
    this.#plan = {
      record: 'plan',
      format: REPORT_FORMAT,
      ...{ kit, startedAt, target: { name: name ?? address, address }, replay, strict, filters },
      ...(command && { command }),
      ...(program !== undefined && { program }),
      ...(knownFailuresFile !== undefined && { knownFailures: knownFailuresFile }),
      ...(require && { require }),
      ...(maxSkipped !== undefined && { maxSkipped }),
      ...(shard && { shard }),
      ...facts,
    };
    return this.#plan;
  }

  /**
   * The record with the mark of a known failure, if the list covers it. A provisional failure is followed by the final
   * record of the scenario; only that one counts in the list.
   */
  scenario(found: ScenarioRecord, isProvisional = false): ScenarioRecord {
    const { knownFailures } = this.#provenance;
    const marked = isProvisional ? knownFailures?.preview(found) : knownFailures?.mark(found);
    const record = marked ?? found;
    const result: ScenarioRecord =
      isProvisional && record.verdict === 'fail' ? { ...record, provisional: true } : record;
    this.#scenarios.push(result);
    return result;
  }

  /** The end, with the state of the known failures and the causes. */
  end(facts: EndFacts): EndRecord {
    const { elapsedMs, knownFailures } = this.#provenance;
    const durationMs = elapsedMs();
    if (facts.because === 'unreachable') return { record: 'end', durationMs, ...facts };
    return {
      record: 'end',
      durationMs,
      ...facts,
      ...(knownFailures && { knownFailures: knownFailures.finish(facts.because === 'complete') }),
      causes: causesIn([...(this.#plan ? [this.#plan] : []), ...this.#scenarios]),
    };
  }
}
