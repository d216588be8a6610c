/**
 * A campaign on paper: what a state file holds, so that one that was killed goes on where it was. Whatever was thrown after
 * the last save is thrown again and counted once.
 */

import type { Case } from '../case/case.ts';
import { CaseError, readCase, writeCase } from '../case/case-json.ts';
import type { Lot } from '../generate/recipe.ts';
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

export function writeState(state: CampaignState): string {
  return JSON.stringify({
    version: VERSION,
    ...state,
    plan: { ...state.plan, left: state.plan.left.map(writeLot) },
    corpus: state.corpus.map(([signature, value]) => [signature, writeCase(value)]),
    findings: state.findings.map((finding) => ({ ...finding, value: writeCase(finding.value) })),
  });
}

function writeLot(lot: Lot): unknown {
  switch (lot.lane) {
    case 'base':
      return lot;
    case 'feedback':
      return { ...lot, parent: writeCase(lot.parent) };
    case 'given':
      return { ...lot, value: writeCase(lot.value) };
  }
}

/** Throws a CaseError for a text that is no state of this version. */
export function readState(text: string): CampaignState {
  let state: CampaignState & { readonly version?: number };
  try {
    state = JSON.parse(text);
  } catch {
    throw new CaseError('the state file is not JSON');
  }
  if (state?.version !== VERSION) throw new CaseError(`the state file is not of version ${VERSION}`);
  return {
    ...state,
    tally: { ...newTally(), ...state.tally },
    plan: { ...state.plan, left: state.plan.left.map(readLot) },
    corpus: state.corpus.map(([signature, value]) => [signature, readCase(value)]),
    findings: state.findings.map((finding) => ({ ...finding, value: readCase(finding.value) })),
  };
}

function readLot(lot: Lot): Lot {
  switch (lot.lane) {
    case 'base':
      return lot;
    case 'feedback':
      return { ...lot, parent: readCase(lot.parent) };
    case 'given':
      return { ...lot, value: readCase(lot.value) };
  }
}
