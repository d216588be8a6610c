/** The kit as a library: run a catalogue against a target, get events, make reports. */

export { annotate } from './annotate.ts';
export { catalogue } from './catalogue/index.ts';
export type { RunEvent, ScenarioResult, Verdict } from './events.ts';
export { explain } from './explain.ts';
export { printable } from './printable.ts';
export { type Palette, TextReporter, type TextReporterOptions } from './reporters/text.ts';
export { type RunOptions, run } from './runner.ts';
export { type Level, type Scenario, sectionOf } from './scenario.ts';
export { type Counts, EXIT, type Summary, type SummaryOptions, summarise } from './summary.ts';
export type { Transcript } from './transcript.ts';
export type { Address } from './transport.ts';
