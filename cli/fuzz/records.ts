/**
 * A campaign as the records of a report: an invariant that held is a scenario that passed, and a finding is a scenario that
 * failed. So every report format of the kit can show a campaign.
 */

import type {
  EndRecord,
  PlanRecord,
  ReportRecord,
  ScenarioRecord,
  Timeline,
} from '../../conformance/index.ts';
import type { Shard } from '../../conformance/report/record.ts';
import { commandToRepeat } from '../../conformance/util/command-to-repeat.ts';
import { counted } from '../../conformance/util/counted.ts';
import {
  type CampaignEvent,
  type CampaignResult,
  type EndReason,
  type Finding,
  INVARIANTS,
  type InvariantId,
  isDifference,
  type Observed,
  siteText,
  type Target,
} from '../../fuzz/index.ts';

/** What a report says besides the events of the campaign. */
export interface ReportContext {
  /** Version of the kit. */
  readonly kit: string;
  /** RFC 3339, in UTC. */
  readonly startedAt: string;
  /** The name of the target. */
  readonly name: string;
  /** As in the plan record. Default: `conform`. */
  readonly program?: string | undefined;
  /** The options that name the target on the command line of a replay. */
  readonly replay: string;
  /** The address of the target, as host:port. */
  readonly address: string;
  /** Without the process of the target, its store or another implementation, some invariants are not checked. */
  readonly observes: readonly Observed[];
  readonly seed: number;
  /** Absent: the whole campaign. */
  readonly shard?: Shard | undefined;
  readonly jobs: number;
  /** Milliseconds since the campaign began. */
  readonly elapsedMs: () => number;
  /** The command that replays the finding. */
  readonly replayLineOf: (finding: Finding) => string;
}

/** The id of the record of a finding, or of an invariant. */
export function idOf({ id }: { readonly id: string }): string {
  return `fuzz/${id}`;
}

/** What a kit with this target observes. */
export function observedOf({ process, tasksDir, against }: Target): Observed[] {
  return [
    ...(process === undefined ? [] : (['process'] as const)),
    ...(tasksDir === undefined ? [] : (['store'] as const)),
    ...(against === undefined ? [] : (['against'] as const)),
  ];
}

/** How a campaign ended, or its shards together. */
export type CampaignEnd =
  | Extract<CampaignEvent, { kind: 'unreachable' | 'unanswered' | 'interrupted' | 'out-of-time' }>
  | (Omit<Extract<CampaignEvent, { kind: 'end' }>, 'progress'> & { readonly progress: CampaignResult });

/** The records of a campaign. `timeline`: its course; absent if it is not known. */
export function recordsOf(event: CampaignEnd, context: ReportContext, timeline?: Timeline): ReportRecord[] {
  const durationMs = Math.round(context.elapsedMs());
  if (event.kind !== 'end') {
    const end =
      event.kind === 'unreachable'
        ? ({ because: 'unreachable', code: event.code, ...(event.said && { said: event.said }) } as const)
        : ({ because: event.kind } as const);
    return [planOf([], context), { record: 'end', durationMs, ...end }];
  }
  const { progress, because, detail } = event;
  // Nothing was sent, so nothing held.
  if (because === 'time' && progress.stats.cases === 0 && progress.findings.length === 0)
    return [planOf([], context), { record: 'end', durationMs, because: 'out-of-time' }];
  const scenarios = [
    ...progress.findings.map((finding) => failedRecord(finding, context.replayLineOf(finding))),
    ...Object.values(INVARIANTS)
      .filter(({ id }) => !progress.findings.some(({ invariant }) => invariant === id))
      .map(({ id }) => heldRecord(id, progress, context)),
  ];
  const end: EndRecord = {
    record: 'end',
    durationMs: Math.round(progress.elapsedMs),
    because: BECAUSE[because],
    ...(timeline !== undefined && { timeline }),
    ...(detail !== undefined && { detail }),
  };
  return [planOf(scenarios, context), ...scenarios, end];
}

const BECAUSE = {
  runs: 'complete',
  time: 'complete',
  findings: 'complete',
  interrupted: 'interrupted',
  'target-lost': 'target-died',
  'against-lost': 'target-died',
} as const satisfies Record<EndReason, EndRecord['because']>;

function planOf(scenarios: readonly ScenarioRecord[], context: ReportContext): PlanRecord {
  const { kit, startedAt, program, name, address, replay, seed, shard, jobs } = context;
  return {
    record: 'plan',
    format: 1,
    kit,
    startedAt,
    target: { name, address },
    ...(program !== undefined && { program }),
    replay,
    strict: false,
    filters: { only: [], skip: [], section: [], level: [] },
    ...(shard !== undefined && { shard }),
    seed,
    jobs,
    planned: scenarios.map(({ id }) => id),
    controls: [],
  };
}

function factsOf(id: string, invariant: InvariantId, clause: string, again: string) {
  return {
    record: 'scenario',
    id: idOf({ id }),
    clause,
    // Where two implementations differ, neither has to be wrong.
    level: isDifference(invariant) ? 'MAY' : 'MUST',
    requirement: INVARIANTS[invariant].requirement,
    onlyAsControl: false,
    again,
  } as const;
}

function failedRecord(finding: Finding, again: string): ScenarioRecord {
  const { id, invariant, clause, detail, failed: failedPlays, attempts, symptom, wire } = finding;
  const observed = finding.transcript.slice(1).join('; ');
  return {
    ...factsOf(id, invariant, clause, again),
    rule: `fuzz/${invariant}`,
    ...likelyCauseOf(finding),
    targetDied: invariant === 'survives',
    ...(finding.said && { said: finding.said }),
    attempts,
    observed,
    behaviour: symptom,
    durationMs: 0,
    transcript: wire,
    verdict: 'fail',
    disposition: invariant === 'survives' ? 'died' : 'answered',
    expected: [INVARIANTS[invariant].requirement],
    mismatches: [detail],
    failedPlays,
  };
}

/** What the kit knows of the cause: the report on a crash, where in the input the fault is, and what is special in the input. */
function likelyCauseOf({ cause, where = [], distinguishing }: Finding): Pick<ScenarioRecord, 'likelyCause'> {
  const parts = [
    ...(cause === undefined ? [] : [cause]),
    ...(where.length > 0 ? [`the fault needs ${where.map(siteText).join('; ')}`] : []),
    ...(distinguishing.length > 0
      ? [`features that no harmless case had: ${distinguishing.join('; ')}`]
      : []),
  ];
  return parts.length === 0 ? {} : { likelyCause: parts.join('. ') };
}

/** An invariant that no case broke; skipped if it was not checked. */
function heldRecord(
  invariant: InvariantId,
  { stats }: CampaignResult,
  { observes, program, replay, seed }: ReportContext,
): ScenarioRecord {
  const again = commandToRepeat(program, 'fuzz', replay, `--seed ${seed}`);
  const reason = skipReason(invariant, observes);
  const facts = {
    ...factsOf(invariant, invariant, INVARIANTS[invariant].clause, again),
    targetDied: false,
    attempts: reason === undefined ? 1 : 0,
    observed: '',
    behaviour: '',
    durationMs: 0,
    transcript: [],
  };
  if (reason !== undefined) return { ...facts, verdict: 'skipped', reason };
  return {
    ...facts,
    verdict: 'pass',
    accepted: `held in ${counted(stats.cases, 'case')}`,
    disposition: 'answered',
  };
}

function skipReason(invariant: InvariantId, observes: readonly Observed[]): string | undefined {
  if ((invariant === 'frees-resources' || invariant === 'idles') && !observes.includes('process'))
    return 'needs --pid or --exec, on Linux';
  if ((invariant === 'keeps-to-store' || invariant === 'stores-as-sent') && !observes.includes('store'))
    return 'needs --tasks-dir, or --exec with {dir}';
  if (isDifference(invariant) && !observes.includes('against')) return 'needs --against';
  return undefined;
}
