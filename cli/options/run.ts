/** The options of a run, and of every command that needs a target. */

import { FORMATS } from '../../conformance/reporters/format.ts';
import { LACKS } from '../../conformance/scenario/lacks.ts';
import type { Given, OptionTable } from '../core/command.ts';
import { SELECTION } from './filter.ts';

export const TARGET_OPTIONS = {
  target: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Target:',
    describe: 'Address of your server, as host:port or name=host:port; several servers are judged in turn',
  },
  exec: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'Command that starts your server; {port} and {dir} are replaced, and its memory is watched',
  },
  'tasks-dir': {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'Task store of your server, for the scenarios that check stored tasks',
  },
  pid: {
    type: 'number',
    requiresArg: true,
    group: 'Target:',
    describe: 'Process id of your server, for the scenarios that check its memory',
  },
} as const satisfies OptionTable;

export const RUN_OPTIONS = {
  ...TARGET_OPTIONS,
  from: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'Address of the submitter in every SUBMIT, 16 characters, for a server that accepts only some',
  },
  to: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'Address of the receiver in every SUBMIT, 16 characters',
  },
  'start-timeout': {
    type: 'number',
    requiresArg: true,
    group: 'Target:',
    describe: 'Seconds that your server may take until it listens (10) and answers a first SUBMIT (5)',
  },
  deadline: {
    type: 'number',
    requiresArg: true,
    group: 'Target:',
    describe: 'Milliseconds that your server may take for an answer, at the least; default: 5000, as S8 says',
  },
  'i-own-this-target': {
    type: 'boolean',
    default: false,
    group: 'Target:',
    describe: 'Permit scenarios that flood a server on another machine',
  },
  ...SELECTION,
  slow: {
    type: 'boolean',
    default: false,
    group: 'Selection:',
    describe: 'Also run the scenarios that wait for minutes; with the embedded server they take seconds',
  },
  shard: {
    type: 'string',
    requiresArg: true,
    group: 'Selection:',
    describe: 'Run one part of the scenarios, such as 2/5; conform report --merge joins the parts',
  },
  'dry-run': {
    type: 'boolean',
    default: false,
    group: 'Selection:',
    describe: 'Print the ids of the selected scenarios, and run none',
  },
  reporter: {
    type: 'string',
    array: true,
    requiresArg: true,
    group: 'Report:',
    describe: `Report on standard output as NAME, or in a file as NAME=FILE; NAME is ${FORMATS.join(', ')}`,
  },
  trace: {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'Show the bytes on the wire of every scenario, not only of failures',
  },
  all: {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'Explain every failure in the text report, not only the first one of each cause',
  },
  slowest: {
    type: 'number',
    requiresArg: true,
    group: 'Report:',
    describe: 'List this many of the slowest scenarios at the end of the text report',
  },
  'known-failures': {
    type: 'string',
    requiresArg: true,
    group: 'Report:',
    describe: 'File that lists failures which do not count while they fail for the reason that it gives',
  },
  'update-known-failures': {
    type: 'boolean',
    default: false,
    group: 'Report:',
    describe: 'Write the failures of this run into the file of known failures',
  },
  strict: {
    type: 'boolean',
    default: false,
    group: 'Verdict:',
    describe: 'A failed SHOULD counts like a failed MUST',
  },
  require: {
    type: 'string',
    requiresArg: true,
    group: 'Verdict:',
    describe: `No verdict if a scenario is skipped for want of one of these: ${LACKS.join(',')}`,
  },
  'max-skipped': {
    type: 'number',
    requiresArg: true,
    group: 'Verdict:',
    describe: 'No verdict if more scenarios than this are skipped',
  },
  retries: {
    type: 'number',
    default: 2,
    requiresArg: true,
    group: 'Verdict:',
    describe: 'How often a failed scenario runs again, to tell flaky from failed',
  },
  bail: { type: 'boolean', default: false, group: 'Verdict:', describe: 'Stop at the first failed MUST' },
  jobs: {
    type: 'number',
    requiresArg: true,
    group: 'Execution:',
    describe:
      'Concurrent scenarios, at the most; default: 1, or up to 32 for a slow target or one of --exec, as it keeps up',
  },
  'max-time': {
    type: 'string',
    requiresArg: true,
    group: 'Execution:',
    describe:
      'End the run after this time, such as 2m, with what was judged; scenarios of level MUST run first',
  },
  seed: {
    type: 'number',
    requiresArg: true,
    group: 'Execution:',
    describe: 'Number that fixes the order of the scenarios; default: the order of conform list',
  },
  config: {
    type: 'string',
    requiresArg: true,
    group: 'Execution:',
    describe: 'File with options; default: conform.config.json, or "conform" in package.json',
  },
} as const satisfies OptionTable;

export type RunOptions = Given<typeof RUN_OPTIONS>;

/** The target of a run: one address or more, a command, or without either the embedded reference server. */
export type TargetOptions = Pick<RunOptions, 'target' | 'exec' | 'tasksDir' | 'pid' | 'startTimeout'>;
