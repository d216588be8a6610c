/** The options of a run, and of every command that needs a target. */

import { LACKS } from '../../conformance/scenario/lacks.ts';
import type { Given, OptionTable } from '../core/command.ts';
import { SELECTION } from './filter.ts';
import { JUDGE_OPTIONS } from './judge.ts';

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
    describe:
      'Task store of your server, for scenarios that check stored tasks; they put tasks there, which the end of the run removes',
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
  keep: {
    type: 'boolean',
    default: false,
    group: 'Target:',
    describe: 'Leave the tasks that the run puts into --tasks-dir',
  },
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
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'How long your server may take until it listens (10s) and answers a first SUBMIT (5s)',
  },
  deadline: {
    type: 'string',
    requiresArg: true,
    group: 'Target:',
    describe: 'How long your server may take for an answer, at the least; default: 5s, as S8 says',
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
  ...JUDGE_OPTIONS,
  require: {
    type: 'string',
    requiresArg: true,
    group: 'Verdict:',
    describe: `No verdict if a scenario is skipped for want of one of these: ${LACKS.join(',')}`,
  },
  jobs: {
    type: 'number',
    requiresArg: true,
    group: 'Execution:',
    describe:
      'Concurrent scenarios, at the most; default: 1, or up to 32 for a slow target or one of --exec, as it keeps up',
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

/** Options of a server that exclude each other. */
export const SERVER_CONFLICTS = [
  ['target', 'exec'],
  ['exec', 'pid'],
] as const;

export type RunOptions = Given<typeof RUN_OPTIONS>;

/** The target of a run: one address or more, a command, or without either the embedded reference server. */
export type TargetOptions = Pick<
  RunOptions,
  'target' | 'exec' | 'tasksDir' | 'pid' | 'startTimeout' | 'keep'
>;
