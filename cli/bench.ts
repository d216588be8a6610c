/** `conform bench`: measures the codec, a target or the kit, and tells what got slower since a run that was saved. */

import { readFile, writeFile } from 'node:fs/promises';
import type { Argv } from 'yargs';
import type { Change, Format, Report, Section } from '../bench/index.ts';
import { benchCodec, CODEC, type CodecOptions } from './bench-codec.ts';
import { benchKit } from './bench-kit.ts';
import { type Selection, selectionBy } from './bench-selection.ts';
import { benchTarget, LOAD, type LoadOptions } from './bench-target.ts';
import { type Io, UsageError } from './io.ts';
import { palette } from './palette.ts';
import { quoted } from './subject.ts';
import type { Verb } from './verb.ts';

const WHAT = ['codec', 'target', 'kit'] as const;
const FORMATS = ['table', 'json', 'markdown', 'html'] as const satisfies readonly Format[];

/** Exit status; what was measured until then is no run to be kept or compared. */
const INTERRUPTED = 130;

interface BenchOptions extends CodecOptions, LoadOptions {
  what: (typeof WHAT)[number];
  only: string | undefined;
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
        requiresArg: true,
        describe:
          "Measure only what matches: a section such as kit/fuzz, or rows such as 'codec/encode Submit*'",
      })
      .option('format', { choices: FORMATS, default: 'table' as const, describe: 'How to show it' })
      .option('save', {
        type: 'string',
        requiresArg: true,
        normalize: true,
        describe: 'Keep the figures in a file',
      })
      .option('compare', {
        type: 'string',
        requiresArg: true,
        normalize: true,
        describe: 'Tell what got slower since that file was saved; exit status 1 if anything did',
      })
      .option('tolerance', {
        type: 'number',
        default: 0.1,
        requiresArg: true,
        describe: 'By which share anything may get slower',
      })
      .options(CODEC)
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
    const { parseReport, render, thisMachine } = await import('../bench/index.ts');
    const before = options.compare === undefined ? undefined : parseReport(await readGiven(options.compare));
    const sections = await measure(what, options, io, selectionBy(options.only, undefined));
    if (io.interrupted.aborted) return INTERRUPTED;
    if (sections.length === 0)
      throw new UsageError(`--only ${JSON.stringify(options.only)} matches nothing that is measured`);
    const report: Report = {
      format: 1,
      bench: what,
      command: `conform bench ${what}${options.only === undefined ? '' : ` --only ${quoted(options.only)}`}`,
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

/** No sections when it was interrupted. */
async function measure(
  what: BenchOptions['what'],
  options: BenchOptions & { iOwnThisTarget: boolean },
  io: Io,
  isSelected: Selection,
): Promise<Section[]> {
  try {
    switch (what) {
      case 'codec':
        return await benchCodec(options, io, isSelected);
      case 'target':
        return await benchTarget(options, io, isSelected);
      case 'kit':
        return await benchKit(io, isSelected);
    }
  } catch (error) {
    if (io.interrupted.aborted) return [];
    throw error;
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
  const { compare, withBest } = await import('../bench/index.ts');
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

/** Shows what changed beyond its margin, and returns the exit status. To standard error when a file is on the other. */
async function tellChanges(changes: readonly Change[], io: Io): Promise<number> {
  const { textTable } = await import('../bench/index.ts');
  const { good, bad } = palette(io);
  const slower = changes.filter(({ isSlower }) => isSlower);
  const rows = slower
    .toSorted((a, b) => b.factor - a.factor)
    .map(({ name, factor, margin }) => [name, `${factor.toFixed(2)} ×`, `± ${(factor * margin).toFixed(2)}`]);
  if (rows.length === 0) io.err(good(`none of ${changes.length} figures got slower\n`));
  else {
    io.err(bad(`${rows.length} of ${changes.length} figures got slower\n`));
    io.err(textTable([['figure', 'slower', ''], ...rows]));
  }
  return rows.length === 0 ? 0 : 1;
}
