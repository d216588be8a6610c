/** `conform bench`: measures the codec, a target, the kit, the reference or the proxy, and compares the results with a saved report. */

import type { Format, Report, Section, Selection } from '../../bench/index.ts';
import { EXIT, worst } from '../../conformance/report/exit-status.ts';
import { commandToRepeat } from '../../conformance/util/command-to-repeat.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { changesSince, readSaved, showChanges } from '../bench/compare.ts';
import {
  benchCodec,
  benchKit,
  benchProxy,
  benchReference,
  MUTANTS_OPTIONS,
  selectionBy,
} from '../bench/sections.ts';
import { benchTarget, LOAD_OPTIONS, secondsOf } from '../bench/target.ts';
import { command, type Given, type OptionTable } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFile, tryWrite } from '../core/output-files.ts';
import { replaceFile } from '../core/replace-file.ts';
import { checkWhole } from '../options/options.ts';
import { replacesLines } from '../terminal/colors.ts';
import { ProgressLine } from '../terminal/progress.ts';

const WHAT = ['codec', 'target', 'kit', 'reference', 'proxy'] as const;
const FORMATS = ['table', 'json', 'markdown', 'html'] as const satisfies readonly Format[];

const POSITIONALS = {
  what: { choices: WHAT, demandOption: true, describe: 'What to measure' },
} as const;

const BENCH_OPTIONS = {
  only: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "Only sections that match, such as kit/fuzz, or rows, such as 'codec/encode Submit*'",
  },
  format: { choices: FORMATS, default: 'table', describe: 'Format of the results' },
  save: { type: 'string', requiresArg: true, describe: 'Save the results in this file, for --compare' },
  compare: {
    type: 'string',
    requiresArg: true,
    describe: 'Show what is slower than in this saved file',
  },
  tolerance: {
    type: 'number',
    default: 0.1,
    requiresArg: true,
    describe: 'With --compare: the share by which a figure may be slower',
  },
  'extra-rounds': {
    type: 'number',
    default: 0,
    requiresArg: true,
    describe: 'How often a row is measured again while its ± is over 10 %',
  },
  rounds: {
    type: 'number',
    default: 5,
    requiresArg: true,
    group: 'With codec, reference and proxy:',
    describe: 'Number of processes, or of turns of the proxy, in which something is measured, 3 or more',
  },
  ...MUTANTS_OPTIONS,
  ...LOAD_OPTIONS,
} as const satisfies OptionTable;

type BenchOptions = Given<typeof POSITIONALS & typeof BENCH_OPTIONS>;

export const benchCommand = command({
  usage: 'bench <what>',
  onSignal: 'stops',
  describe: 'Measure the codec, a target, the kit, the reference or the proxy',
  exits: {
    success: 'measured; with --compare, nothing is slower',
    failed: 'with --compare: a figure is slower',
    unreachable: 'the target gives no legal answer',
    incomplete: 'the results could not be saved',
  },
  positionals: POSITIONALS,
  options: BENCH_OPTIONS,
  examples: [
    ['$0 bench codec --save before.json', 'measure, and save the results'],
    ['$0 bench target --target 127.0.0.1:1003', 'the rate of submissions and their latencies'],
    ['$0 bench codec --compare before.json', 'exit status 1 if anything is slower'],
    ['$0 bench reference --time 1s', 'the costs of the reference next to what they may be'],
    ['$0 bench proxy --time 1s', 'the proxy next to socat and to Node.js alone'],
    ["$0 bench kit --mutants --only 'kit/mutants id-*'", 'judge the broken servers with these names'],
  ],
  run: async (options, context) => {
    const { what, format, save, tolerance } = options;
    if (!(tolerance >= 0)) throw new UsageError('--tolerance must be a share such as 0.1, 0 or more');
    checkWhole(options.rounds, '--rounds', 3);
    checkWhole(options.extraRounds, '--extra-rounds', 0);
    if (options.mutants && what !== 'kit') throw new UsageError('--mutants is an option of bench kit');
    const { render, thisMachine } = await import('../../bench/index.ts');
    if (save !== undefined) await checkOutputFile('--save', save);
    const before =
      options.compare === undefined ? undefined : await readSaved(options.compare, what, context.interrupted);
    const sections = await measure(what, options, context, selectionBy(options.only, undefined));
    // An incomplete report is neither shown nor saved nor compared.
    if (context.interrupted.aborted) return EXIT.interrupted;
    if (sections.length === 0) throw new UsageError(`--only ${options.only?.join(' ')} matches no section`);
    const report: Report = {
      format: 1,
      bench: what,
      command: commandOf(options, context),
      date: new Date().toISOString(),
      machine: thisMachine(),
      sections,
    };
    context.out(render(report, format));
    const isSaved =
      save === undefined || (await tryWrite(save, context, () => replaceFile(save, render(report, 'json'))));
    const saved = isSaved ? EXIT.success : EXIT.incomplete;
    if (before === undefined) return saved;
    const again = (rows: ReadonlySet<string>): Promise<Section[]> =>
      measure(what, options, context, selectionBy(options.only, rows));
    const changes = await changesSince(before, report, tolerance, again);
    return context.interrupted.aborted
      ? EXIT.interrupted
      : worst([saved, await showChanges(changes, context)]);
  },
});

/** The options that change what is measured, in the order in which the command line shows them. */
const MEASURING = [
  'only',
  'mutants',
  'jobs',
  'target',
  'rate',
  'connections',
  'time',
  'rounds',
  'extra-rounds',
] as const;
/** The command line that measures the same again. */
function commandOf(options: BenchOptions, { program }: Context): string {
  const given = MEASURING.filter((name) => {
    const { default: unchanged }: OptionTable[string] = BENCH_OPTIONS[name];
    return options[name] !== undefined && options[name] !== unchanged;
  });
  const words = given.flatMap((name) => {
    const value = options[name];
    return [`--${name}`, ...(value === true ? [] : [value].flat().map(String))];
  });
  return commandToRepeat(program, 'bench', ...[options.what, ...words].map(quoted));
}

/** Gives no sections when it was interrupted. */
async function measure(
  what: BenchOptions['what'],
  options: BenchOptions,
  context: Context,
  isSelected: Selection,
): Promise<Section[]> {
  const line = new ProgressLine(context.err, replacesLines(context));
  const onRow = (row: string): void => line.show(row);
  const { extraRounds, rounds } = options;
  const sectionOptions = { onRow, extraRounds, signal: context.interrupted };
  try {
    switch (what) {
      case 'codec':
        return await benchCodec({ ...sectionOptions, rounds }, isSelected);
      case 'target':
        return await benchTarget(options, sectionOptions, isSelected);
      case 'kit':
        return await benchKit(options, sectionOptions, isSelected);
      case 'reference':
        return await benchReference({ ...sectionOptions, rounds, seconds: secondsOf(options) }, isSelected);
      case 'proxy':
        return await benchProxy({ ...sectionOptions, rounds, seconds: secondsOf(options) }, isSelected);
    }
  } catch (error) {
    if (context.interrupted.aborted) return [];
    throw error;
  } finally {
    line.clear();
  }
}
