/**
 * The fuzzer as a library. `campaign` fuzzes a target and yields events, `findingFiles` turns a finding into files, and
 * `replay` executes the case of a saved finding again. The arbitraries are for property tests of an implementation.
 */

// The declarations use types of Node.js. A project with `"types": []` would not load them otherwise.
/// <reference types="node" preserve="true" />

export { DEFAULT_JOBS } from './campaign/batch.ts';
export { campaign } from './campaign/campaign.ts';
export { Corpus } from './campaign/corpus.ts';
export {
  type MinimiseCorpusOptions,
  type MinimisedCorpus,
  minimiseCorpus,
} from './campaign/minimise-corpus.ts';
export {
  type CampaignAbout,
  type CampaignPlan,
  type CampaignState,
  type EndReason,
  type Observed,
  readState,
  writeState,
} from './campaign/state.ts';
export type { Stats } from './campaign/stats.ts';
export type {
  CampaignEvent,
  CampaignOptions,
  CampaignResult,
  Investigated,
  Progress,
} from './campaign/types.ts';
export { CampaignUnion, type MergedCampaign, UnionError } from './campaign/union.ts';
export {
  type Action,
  type Case,
  type ConnectionActions,
  caseSize,
  type Declared,
  EXACT,
  encodeAction,
  encodeActions,
} from './case/case.ts';
export { CaseError, readCase, writeCase } from './case/case-json.ts';
export { actionsOf } from './case/sent.ts';
export { CoverageError } from './coverage/edge-counters.ts';
export { ExhaustedError } from './execute/exchange.ts';
export {
  frame,
  int64,
  jsonValue,
  looseText,
  segmentation,
  submitRequest,
  submitResponse,
  taskResult,
  taskResultMessage,
  taskStatusUpdate,
  text,
} from './generate/arbitraries/protocol-types.ts';
export { MUTATION_NAMES, type Weights } from './generate/generate.ts';
export type { TargetBehaviour } from './oracle/evaluator.ts';
export { INVARIANTS, type Invariant, type InvariantId, isDifference } from './oracle/invariants.ts';
export {
  type Calibration,
  type CalibrationOptions,
  type CalibrationResult,
  calibrate,
  type TargetRole,
} from './target/calibration.ts';
export type { Target } from './target/target.ts';
export { TargetLostError } from './triage/fatal-symptom.ts';
export { type Finding, type Origin, shapeOf } from './triage/finding.ts';
export { findingFiles, readFinding, type SavedFinding } from './triage/finding-files.ts';
export { minimiseFinding } from './triage/minimise-finding.ts';
export { type FaultSite, siteText } from './triage/reduce/location.ts';
export { isReplayable, type Replay, replay, TargetGoneError } from './triage/replay.ts';
