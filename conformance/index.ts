/** The kit as a library: run a catalogue against a target, get events, make reports. */

export { annotate } from './annotate.ts';
export { Baseline, BaselineError } from './baseline.ts';
export { catalogue } from './catalogue/index.ts';
export type { RunEvent, ScenarioResult, Verdict } from './events.ts';
export { explain } from './explain.ts';
export { printable } from './printable.ts';
export type { EndRecord, Filters, PlanRecord, ReportRecord, ScenarioRecord } from './record.ts';
export { NO_FILTERS, type Provenance, Recorder } from './recorder.ts';
export { type Change, diff } from './reporters/diff.ts';
export { FORMATS, type Format, ONE_REPORT, renderer } from './reporters/formats.ts';
export { merge } from './reporters/merge.ts';
export { NO_COLOURS, type Palette, type PrettyOptions } from './reporters/pretty.ts';
export { ReportError, readReport } from './reporters/read.ts';
export { type Renderer, renderAll } from './reporters/renderer.ts';
export { assemble, type Report } from './reporters/report.ts';
export { type RunOptions, run } from './runner.ts';
export { type Level, type Scenario, sectionOf } from './scenario.ts';
export {
  type Counts,
  EXIT,
  type ExitStatus,
  type Summary,
  type SummaryOptions,
  summarise,
  summariseRecords,
  worst,
} from './summary.ts';
export type { Transcript } from './transcript.ts';
export type { Address } from './transport.ts';
