/** `conform bench`: measures the codec, a target or the kit, and tells what got slower since a run that was saved. */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Argv } from 'yargs';
import type { Change, Format, Report, Section, Selection } from '../../bench/index.ts';
import { benchCodec, benchKit, selectionBy } from '../bench/sections.ts';
import { benchTarget, LOAD, type LoadOptions } from '../bench/target.ts';
import type { Verb } from '../core/command.ts';
import { type Io, UsageError } from '../core/context.ts';
import { checkWhole } from '../options/options.ts';
import { quoted } from '../target/target.ts';
import { palette } from '../terminal/colors.ts';

const WHAT = ['codec', 'target', 'kit'] as const;
const FORMATS = ['table', 'json', 'markdown', 'html'] as const satisfies readonly Format[];

const ROUNDS = {
  type: 'number',
  default: 5,
  requiresArg: true,
  describe: 'codec: in how many processes messages, streams and peaks are measured, 3 or more',
} as const;

/** Exit status; what was measured until then is no run to be kept or compared. */
const INTERRUPTED = 130;

interface BenchOptions extends LoadOptions {
  what: (typeof WHAT)[number];
  rounds: number;
  only: string[] | undefined;
  format: Format;
  save: string | undefined;
  compare: string | undefined;
  tolerance: number;
}

export const benchVerb: Verb<BenchOptions> = {
  command: 'bench <what>',
  describe: 'Measure what framing costs, how fast a target is, or how fast the kit is',
  builder: (yargs: Argv) =>
    yargs
      .positional('what', { choices: WHAT, demandOption: true, describe: 'What to measure' })
      .option('only', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: "Only sections that match, such as kit/fuzz, or messages, such as 'codec/encode Submit*'",
      })
      .option('format', { choices: FORMATS, default: 'table' as const, describe: 'How to show it' })
      .option('save', {
        type: 'string',
        requiresArg: true,
        describe: 'Keep the figures in a file',
      })
      .option('compare', {
        type: 'string',
        requiresArg: true,
        describe: 'Tell what got slower since that file was saved; exit status 1 if anything did',
      })
      .option('tolerance', {
        type: 'number',
        default: 0.1,
        requiresArg: true,
        describe: 'By which share anything may get slower',
      })
      .option('rounds', ROUNDS)
      .options(LOAD)
      .example('$0 bench codec --save before.json', 'measure, and keep the figures')
      .example(
        '$0 bench target --target 127.0.0.1:1003',
        'how many submissions a second, and how long each takes',
      )
      .example('$0 bench codec --compare before.json', 'exit status 1 if something got slower'),
  run: async (options, io) => {
    const { what, format, save, tolerance } = options;
    if (!(tolerance >= 0)) throw new UsageError('--tolerance must be a share such as 0.1, 0 or more');
    const { parseReport, render, thisMachine } = await import('../../bench/index.ts');
    if (save !== undefined) await checkFolder(save);
    const before =
      options.compare === undefined
        ? undefined
        : await parseReport(await readGiven(options.compare), options.compare);
    if (before !== undefined && before.bench !== what)
      throw new UsageError(`--compare ${options.compare} is of conform bench ${before.bench}, not ${what}`);
    const sections = await measure(what, options, io, selectionBy(options.only, undefined));
    if (io.interrupted.aborted) return INTERRUPTED;
    if (sections.length === 0)
      throw new UsageError(`--only ${options.only?.join(' ')} matches nothing that is measured`);
    const report: Report = {
      format: 1,
      bench: what,
      command: commandOf(options),
      date: new Date().toISOString(),
      machine: thisMachine(),
      sections,
    };
    io.out(render(report, format));
    if (save !== undefined) await writeFile(save, render(report, 'json'));
    if (before === undefined) return 0;
    const again = (rows: ReadonlySet<string>): Promise<Section[]> =>
      measure(what, options, io, selectionBy(options.only, rows));
    const changes = await changesSince(before, report, tolerance, again);
    return io.interrupted.aborted ? INTERRUPTED : await tellChanges(changes, io);
  },
};

/** The options that make a difference to what is measured. */
const TELLING = ['only', 'target', 'rate', 'connections', 'seconds', 'rounds'] as const;
const DEFAULTS: Readonly<Record<string, unknown>> = {
  connections: LOAD.connections.default,
  seconds: LOAD.seconds.default,
  rounds: ROUNDS.default,
};

/** How to run it again. */
function commandOf(options: BenchOptions): string {
  const given = TELLING.filter((name) => options[name] !== undefined && options[name] !== DEFAULTS[name]);
  const words = given.flatMap((name) => [`--${name}`, ...[options[name]].flat().map(String)]);
  return ['conform', 'bench', options.what, ...words].map(quoted).join(' ');
}

/** Throws a UsageError before anything is measured that could not be kept. */
async function checkFolder(path: string): Promise<void> {
  const isFolder = await stat(dirname(path)).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new UsageError(`--save ${path} cannot be written: there is no folder ${dirname(path)}`);
}

/** No sections, or not all, when it was interrupted. */
async function measure(
  what: BenchOptions['what'],
  options: BenchOptions & { iOwnThisTarget: boolean },
  io: Io,
  isSelected: Selection,
): Promise<Section[]> {
  // At a terminal, each row takes the place of the one before.
  const show = (row: string): void => {
    if (io.isTerminal) io.err(`\r\u001b[K${row}`);
  };
  const sectionOptions = { onRow: show, signal: io.interrupted };
  try {
    switch (what) {
      case 'codec':
        return await benchCodec(checkWhole(options.rounds, '--rounds', 3), sectionOptions, isSelected);
      case 'target':
        return await benchTarget(options, sectionOptions, isSelected);
      case 'kit':
        return await benchKit(sectionOptions, isSelected);
    }
  } catch (error) {
    if (io.interrupted.aborted) return [];
    throw error;
  } finally {
    show('');
  }
}

/** How often what looks slower is measured again. */
const REPEATS = 2;

/** What got slower counts only if it is so every time: in many figures, chance alone makes one or the other look so. */
async function changesSince(
  before: Report,
  report: Report,
  tolerance: number,
  measureAgain: (rows: ReadonlySet<string>) => Promise<Section[]>,
): Promise<Change[]> {
  const { compare, withBest } = await import('../../bench/index.ts');
  let now = report;
  let changes = compare(before, now, tolerance);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const slower = new Set(changes.filter(({ isSlower }) => isSlower).map(({ name }) => name));
    if (slower.size === 0) break;
    now = withBest(now, await measureAgain(slower));
    changes = compare(before, now, tolerance);
  }
  return changes;
}

async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--compare ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Above it, a margin leaves open whether something got half as slow again. */
const WIDE_MARGIN = 0.5;

/** Tells what got slower, on standard error, and returns the exit status. */
async function tellChanges(changes: readonly Change[], io: Io): Promise<number> {
  const { textTable } = await import('../../bench/index.ts');
  const { good, bad, dim } = palette(io);
  const slower = changes.filter(({ isSlower }) => isSlower);
  const rows = slower
    .toSorted((a, b) => b.factor - a.factor)
    .map(({ name, factor, margin }) => [name, `${factor.toFixed(2)} ×`, `± ${(factor * margin).toFixed(2)}`]);
  if (rows.length === 0) io.err(good(`none of ${changes.length} figures got slower\n`));
  else {
    io.err(bad(`${rows.length} of ${changes.length} figures got slower\n`));
    io.err(textTable([['figure', 'slower', ''], ...rows]));
  }
  const wide = changes.filter(({ margin }) => margin > WIDE_MARGIN).map(({ name }) => name);
  if (wide.length > 0) io.err(dim(`measured too unevenly to tell: ${wide.join('; ')}\n`));
  return rows.length === 0 ? 0 : 1;
}
