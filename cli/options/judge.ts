/** The options that every judge has: of servers, of clients, of libraries. */

import { FORMATS } from '../../conformance/reporters/format.ts';
import type { Given, OptionTable } from '../core/command.ts';
import type { SELECTION } from './filter.ts';

export const JUDGE_OPTIONS = {
  shard: {
    type: 'string',
    requiresArg: true,
    group: 'Selection:',
    describe:
      'Run one part of the scenarios, such as 2/5, or the one that a CI service or a cluster names: auto; conform report --merge joins the parts',
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
  'max-time': {
    type: 'string',
    requiresArg: true,
    group: 'Execution:',
    describe:
      'End the run after this time, such as 2m, with what was judged; scenarios of level MUST run first',
  },
} as const satisfies OptionTable;

export type JudgeOptions = Given<typeof JUDGE_OPTIONS & typeof SELECTION>;
