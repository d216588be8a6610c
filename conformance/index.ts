/**
 * The kit as a library. `run` plays the catalogue against a target and yields events, a Recorder turns the events into
 * records, and a Renderer turns the records into a report.
 */

// The declarations use types of Node.js. A project with `"types": []` would not load them otherwise.
/// <reference types="node" preserve="true" />

export { catalogue } from './catalogue/index.ts';
export { behaviours } from './clients/catalogue/behaviours.ts';
export { clientCatalogue } from './clients/catalogue/index.ts';
export { explainClient } from './clients/judge/explain.ts';
export type { ClientEnd } from './clients/judge/observation.ts';
export { type CommandDriver, commandDriver } from './clients/run/command-driver.ts';
export type { ClientCall, ClientDriver, DriverEnd } from './clients/run/driver.ts';
export { type ClientRunOptions, judgeClients } from './clients/run/runner.ts';
export type {
  Behaviour,
  ClientScenario,
  MessageFields,
  Play,
  Reply,
  Reported,
  Sent,
  ServerStep,
} from './clients/scenario/client-scenario.ts';
export { type PlayedServer, playServer } from './clients/serve/server.ts';
export type { Disposition, Verdict } from './judge/oracle.ts';
export { type Launched, type LaunchOptions, launch, type RestartOptions } from './observers/launch.ts';
export type {
  FileSnapshot,
  LifeObserver,
  ProcessEnd,
  ProcessLook,
  ProcessObserver,
  ProcessUsage,
  StoreObserver,
  StoreSnapshot,
  WatchReports,
} from './observers/observer.ts';
export { ObserverError, type ObserverErrorCode } from './observers/observer-error.ts';
export { observeProcess } from './observers/process.ts';
export type { Exit } from './observers/process-group.ts';
export { observeStore } from './observers/store.ts';
export { type ProxiedConnection, type Proxy, type ProxyOptions, startProxy } from './proxy/proxy.ts';
export type { RelayListener } from './proxy/relay.ts';
export { annotate } from './report/annotate.ts';
export { type CauseGroup, firstFailure, groupByCause } from './report/causes.ts';
export type { Word } from './report/effective-verdict.ts';
export { EXIT, type ExitStatus, worst } from './report/exit-status.ts';
export { explain } from './report/explain.ts';
export { type Judged, type JudgedEvent, JudgedRecorder, type JudgedVerdict } from './report/judged.ts';
export {
  KnownFailureList,
  type KnownFailureListOptions,
  KnownFailuresError,
} from './report/known-failures.ts';
export type {
  Cause,
  EndRecord,
  Filters,
  KnownFailure,
  KnownFailureEntry,
  PlanRecord,
  ReportRecord,
  ScenarioRecord,
  Staleness,
  Timeline,
  TimelineSample,
  WireRecord,
} from './report/record.ts';
export { Recorder } from './report/recorder.ts';
export { NO_FILTERS, type Provenance } from './report/run-records.ts';
export {
  type Counts,
  type Summary,
  type SummaryOptions,
  summarise,
  summariseRecords,
} from './report/summary.ts';
export { readTranscript } from './report/transcript-record.ts';
export {
  assemble,
  type Change,
  type Colors,
  diff,
  FORMATS,
  type Format,
  merge,
  NO_COLORS,
  ONE_REPORT,
  type PrettyOptions,
  type Renderer,
  type Report,
  ReportError,
  readReport,
  renderAll,
  renderer,
  type Side,
  type Waiting,
} from './reporters/index.ts';
export type { Attempt } from './run/attempt.ts';
export type { Cost } from './run/cost.ts';
export type { RunEvent, ScenarioResult } from './run/events.ts';
export type { Profile } from './run/preflight/preflight.ts';
export type { StoreProfile } from './run/preflight/store-preflight.ts';
export { type RunOptions, run } from './run/runner.ts';
export type { ShownDeadlines } from './run/timing/deadlines.ts';
export type { Addresses } from './scenario/bytes.ts';
export type { Lack } from './scenario/lacks.ts';
export type { Requirement } from './scenario/requirement.ts';
export { LEVELS, type Level, sectionOf } from './scenario/requirement.ts';
export type { Outcome, Scenario, Step } from './scenario/scenario.ts';
export type {
  Conversation,
  Finding as TrafficFinding,
  Noted,
  Side as TrafficSide,
  TrafficEvent,
  TrafficFrame,
} from './traffic/conversation.ts';
export { ConversationJudge, judgeConversation } from './traffic/judge.ts';
export { type Rule as TrafficRule, TRAFFIC_RULES } from './traffic/rules.ts';
export { printable } from './util/printable.ts';
export type { Address } from './wire/connection.ts';
export type { Transcript } from './wire/transcript.ts';
