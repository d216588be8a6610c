/**
 * The kit as a library. `run` plays the catalogue against a target and yields events, a Recorder turns the events into
 * records, and a Renderer turns the records into a report.
 */

// The declarations use types of Node.js. A project with `"types": []` would not load them otherwise.
/// <reference types="node" preserve="true" />

export { catalogue } from './catalogue/index.ts';
export type { Verdict } from './judge/oracle.ts';
export { annotate } from './report/annotate.ts';
export { explain } from './report/explain.ts';
export {
  KnownFailureList,
  type KnownFailureListOptions,
  KnownFailuresError,
} from './report/known-failures.ts';
export type {
  EndRecord,
  Filters,
  KnownFailure,
  KnownFailureEntry,
  PlanRecord,
  ReportRecord,
  ScenarioRecord,
} from './report/record.ts';
export { NO_FILTERS, type Provenance, Recorder } from './report/recorder.ts';
export {
  type Counts,
  EXIT,
  type ExitStatus,
  type Summary,
  type SummaryOptions,
  summarise,
  summariseRecords,
  worst,
} from './report/summary.ts';
export { type Renderer, renderAll } from './reporters/common/renderer.ts';
export { assemble, type Report } from './reporters/common/report.ts';
export { FORMATS, type Format, ONE_REPORT, renderer } from './reporters/formats.ts';
export { type Change, diff, type Side } from './reporters/saved/diff.ts';
export { merge } from './reporters/saved/merge.ts';
export { ReportError, readReport } from './reporters/saved/read.ts';
export { NO_COLOURS, type Palette, type PrettyOptions } from './reporters/text/pretty.ts';
export type { Attempt } from './run/attempt.ts';
export type { RunEvent, ScenarioResult } from './run/events.ts';
export { type RunOptions, run } from './run/runner.ts';
export { type Level, type Scenario, sectionOf } from './scenario/scenario.ts';
export { printable } from './util/printable.ts';
export type { Transcript } from './wire/transcript.ts';
export type { Address } from './wire/transport.ts';
