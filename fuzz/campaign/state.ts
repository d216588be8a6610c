/**
 * The state of a campaign as the JSON of a state file, so that a campaign that was killed continues where it was. Cases that
 * were sent after the last save are sent again, and counted once. The names in the file are permanent; where a name in the
 * code differs, it is mapped here.
 */

import type { Shard } from '../../conformance/report/record.ts';
import { packageSchema } from '../../conformance/schema/package-schema.ts';
import type { Case } from '../case/case.ts';
import { CaseError, readCase, writeCase } from '../case/case-json.ts';
import type { Recipe, Weights } from '../generate/generate.ts';
import type { Finding } from '../triage/finding.ts';
import type { SavedTriage } from '../triage/known-findings.ts';
import type { SchedulerState } from './scheduler.ts';
import { newStats, type Stats } from './stats.ts';

/** Everything that is needed to continue a campaign, and to merge its shards. */
export interface CampaignState extends SavedTriage {
  /** 0 or more. */
  readonly seed: number;
  /** Absent in files of earlier versions. */
  readonly plan?: CampaignPlan;
  /** Why the campaign ended. Absent while it runs, and in files of earlier versions. */
  readonly ended?: EndReason;
  /** Absent unless the caller of `writeState` adds it. */
  readonly about?: CampaignAbout;
  /** Milliseconds that the campaign has run. */
  readonly elapsedMs: number;
  /** How often the target was restarted. */
  readonly restarts: number;
  readonly scheduler: SchedulerState;
  readonly stats: Stats;
  /** For each signature the smallest case that showed it. */
  readonly corpus: readonly (readonly [signature: string, value: Case])[];
}

/** Why a campaign ended. 'target-lost': the target does not come back. 'against-lost': the implementation that it is compared with is gone. */
export type EndReason = 'runs' | 'time' | 'findings' | 'interrupted' | 'target-lost' | 'against-lost';

/** With the seed, what determines which cases are sent. */
export interface CampaignPlan {
  /** Cases in both lanes together, of all shards. Absent: no limit. */
  readonly runs?: number | undefined;
  /** Share of the feedback lane, from 0 to 0.9. */
  readonly feedback: number;
  readonly weights: Weights;
  /** Absent: the whole campaign. */
  readonly shard?: Shard | undefined;
}

/** What a report says about a campaign besides its results. */
export interface CampaignAbout {
  /** Version of the kit. */
  readonly kit: string;
  /** When the campaign began, or was last continued: RFC 3339, in UTC. */
  readonly startedAt: string;
  /** The name and the address of the target, and the options that name it in a replay. */
  readonly target: { readonly name: string; readonly address: string; readonly replay: string };
  readonly jobs: number;
  /** What the kit observed besides the connections: the process, the store, another implementation. */
  readonly observes: readonly Observed[];
}

/** What a kit may observe of a target besides its connections. */
export type Observed = 'process' | 'store' | 'against';

const VERSION = 1;

const stateSchema = packageSchema<SavedState>('campaign-state', ['report']);

/** A state file, as its schema says. The cases in it are as `writeCase` writes them. */
interface SavedState {
  readonly version: typeof VERSION;
  readonly seed: number;
  readonly elapsedMs: number;
  readonly revivals: number;
  readonly plan: {
    readonly nextBase: number;
    readonly nextNonce: number;
    readonly left: readonly SavedRecipe[];
  };
  readonly tally: SavedStats;
  readonly corpus: readonly (readonly [signature: string, value: unknown])[];
  readonly findings: readonly SavedFinding[];
  readonly met: Readonly<Record<string, number>>;
  readonly settings?: CampaignPlan;
  readonly ended?: EndReason;
  readonly about?: CampaignAbout;
}

type SavedRecipe =
  | Extract<Recipe, { lane: 'base' }>
  | { readonly lane: 'feedback'; readonly parent: unknown; readonly nonce: number }
  | { readonly lane: 'given'; readonly value: unknown };

/** `shared` is missing in files of earlier versions of the kit. */
type SavedStats = Omit<Stats, 'skipped' | 'shared'> & {
  readonly heldBack: number;
  readonly shared?: number;
};

type SavedFinding = Omit<Finding, 'value' | 'attempts' | 'distinguishing'> & {
  readonly value: unknown;
  readonly plays: number;
  readonly peculiar: readonly string[];
};

/** The text of a state file. */
export function writeState({ scheduler, stats, restarts, occurrences, ...state }: CampaignState): string {
  const { skipped, ...counts } = stats;
  const { pending, ...next } = scheduler;
  const saved: SavedState = {
    version: VERSION,
    seed: state.seed,
    elapsedMs: state.elapsedMs,
    revivals: restarts,
    plan: { ...next, left: pending.map(writeRecipe) },
    tally: { ...counts, heldBack: skipped },
    corpus: state.corpus.map(([signature, value]) => [signature, writeCase(value)]),
    findings: state.findings.map(writeFinding),
    met: occurrences,
    ...(state.plan && { settings: state.plan }),
    ...(state.ended && { ended: state.ended }),
    ...(state.about && { about: state.about }),
  };
  return JSON.stringify(saved);
}

/** Throws a CaseError, with a message of one line, for a text that is not a state of this version. */
export async function readState(text: string): Promise<CampaignState> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CaseError('the state file is not JSON');
  }
  if (versionOf(json) !== VERSION) throw new CaseError(`the state file is not of version ${VERSION}`);
  const saved = await validated(json);
  const { seed, elapsedMs, revivals, plan, tally, corpus, findings, met, settings, ended, about } = saved;
  const { left, ...next } = plan;
  const { heldBack, ...counts } = tally;
  return {
    seed,
    elapsedMs,
    restarts: revivals,
    scheduler: { ...next, pending: left.map(readRecipe) },
    stats: { ...newStats(), ...counts, skipped: heldBack },
    corpus: corpus.map(([signature, value]) => [signature, readCase(value)]),
    findings: findings.map(readFinding),
    occurrences: met,
    ...(settings && { plan: settings }),
    ...(ended && { ended }),
    ...(about && { about }),
  };
}

function versionOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
}

async function validated(json: unknown): Promise<SavedState> {
  const validate = await stateSchema();
  if (validate(json)) return json;
  // Where one of several shapes must match, the deepest error belongs to the shape that was meant.
  const [error] = [...(validate.errors ?? [])].sort(
    (one, other) => other.instancePath.length - one.instancePath.length,
  );
  throw new CaseError(`the state file is not valid: ${error?.instancePath || 'it'} ${error?.message}`);
}

function writeRecipe(recipe: Recipe): SavedRecipe {
  switch (recipe.lane) {
    case 'base':
      return recipe;
    case 'feedback':
      return { ...recipe, parent: writeCase(recipe.parent) };
    case 'given':
      return { ...recipe, value: writeCase(recipe.value) };
  }
}

function readRecipe(recipe: SavedRecipe): Recipe {
  switch (recipe.lane) {
    case 'base':
      return recipe;
    case 'feedback':
      return { ...recipe, parent: readCase(recipe.parent) };
    case 'given':
      return { ...recipe, value: readCase(recipe.value) };
  }
}

function writeFinding({ attempts, distinguishing, value, ...finding }: Finding): SavedFinding {
  return { ...finding, value: writeCase(value), plays: attempts, peculiar: distinguishing };
}

function readFinding({ plays, peculiar, value, ...finding }: SavedFinding): Finding {
  return { ...finding, value: readCase(value), attempts: plays, distinguishing: peculiar };
}
