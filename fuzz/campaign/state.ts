/**
 * A campaign on paper: what a state file holds, so that one that was killed goes on where it was. Whatever was thrown after
 * the last save is thrown again and counted once.
 */

import { readFile } from 'node:fs/promises';
import { packageFile } from '../../conformance/util/package-file.ts';
import type { Case } from '../case/case.ts';
import { CaseError, readCase, writeCase } from '../case/case-json.ts';
import type { Lot } from '../generate/recipe.ts';
import type { Finding } from '../triage/finding.ts';
import type { SavedTriage } from '../triage/triage.ts';
import type { PlanState } from './scheduler.ts';
import { newTally, type Tally } from './stats.ts';

export interface CampaignState extends SavedTriage {
  readonly seed: number;
  readonly elapsedMs: number;
  readonly revivals: number;
  readonly plan: PlanState;
  readonly tally: Tally;
  readonly corpus: readonly (readonly [signature: string, value: Case])[];
}

const VERSION = 1;

/** The schema of a state file, and the one that it refers to. */
const SCHEMAS = ['fixtures/schema/campaign-state.schema.json', 'fixtures/schema/report.schema.json'];

/** A state as JSON: as the schema says, with cases that `readCase` reads. */
type SavedState = Omit<CampaignState, 'plan' | 'corpus' | 'findings'> & {
  readonly version: typeof VERSION;
  readonly plan: Omit<PlanState, 'left'> & { readonly left: readonly SavedLot[] };
  readonly corpus: readonly (readonly [signature: string, value: unknown])[];
  readonly findings: readonly (Omit<Finding, 'value'> & { readonly value: unknown })[];
};

type SavedLot =
  | Extract<Lot, { lane: 'base' }>
  | { readonly lane: 'feedback'; readonly parent: unknown; readonly nonce: number }
  | { readonly lane: 'given'; readonly value: unknown };

export function writeState(state: CampaignState): string {
  return JSON.stringify({
    version: VERSION,
    ...state,
    plan: { ...state.plan, left: state.plan.left.map(writeLot) },
    corpus: state.corpus.map(([signature, value]) => [signature, writeCase(value)]),
    findings: state.findings.map((finding) => ({ ...finding, value: writeCase(finding.value) })),
  });
}

function writeLot(lot: Lot): SavedLot {
  switch (lot.lane) {
    case 'base':
      return lot;
    case 'feedback':
      return { ...lot, parent: writeCase(lot.parent) };
    case 'given':
      return { ...lot, value: writeCase(lot.value) };
  }
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
  const { version: _, ...state } = await validated(json);
  return {
    ...state,
    tally: { ...newTally(), ...state.tally },
    plan: { ...state.plan, left: state.plan.left.map(readLot) },
    corpus: state.corpus.map(([signature, value]) => [signature, readCase(value)]),
    findings: state.findings.map((finding) => ({ ...finding, value: readCase(finding.value) })),
  };
}

function versionOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
}

async function validated(json: unknown): Promise<SavedState> {
  const [{ Ajv2020 }, ...schemas] = await Promise.all([
    import('ajv/dist/2020.js'),
    ...SCHEMAS.map(async (path) => JSON.parse(await readFile(packageFile(path), 'utf8'))),
  ]);
  const [schema, ...others] = schemas;
  const validate = new Ajv2020({ schemas: others }).compile<SavedState>(schema);
  if (validate(json)) return json;
  // Where one of several shapes must match, the deepest error belongs to the shape that was meant.
  const [error] = [...(validate.errors ?? [])].sort(
    (one, other) => other.instancePath.length - one.instancePath.length,
  );
  throw new CaseError(`the state file is not valid: ${error?.instancePath || 'the whole'} ${error?.message}`);
}

function readLot(lot: SavedLot): Lot {
  switch (lot.lane) {
    case 'base':
      return lot;
    case 'feedback':
      return { ...lot, parent: readCase(lot.parent) };
    case 'given':
      return { ...lot, value: readCase(lot.value) };
  }
}
