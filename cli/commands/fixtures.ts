/** `conform fixtures`: the test vectors, held against the reference, listed, or written out for another language. */

import { setImmediate } from 'node:timers/promises';
import type { Argv } from 'yargs';
import type { Level } from '../../conformance/vectors/build/vector.ts';
import type { Command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';
import type { Format } from '../vectors/formats.ts';
import type { Selected } from '../vectors/select.ts';

interface FixturesOptions {
  list: boolean;
  json: boolean;
  export: string | undefined;
  format: Format | undefined;
  only: string[] | undefined;
  level: Level[] | undefined;
}

const LEVELS = ['must', 'should', 'may'] as const satisfies readonly Level[];
const FORMATS = ['json', 'bin', 'c', 'go', 'python'] as const satisfies readonly Format[];
const DISAGREES = 1;
const INTERRUPTED = 130;

export const fixturesCommand: Command<FixturesOptions> = {
  command: 'fixtures',
  describe:
    'Check the test vectors against the reference, list them, or export them; exit 1 when one disagrees',
  builder: (yargs: Argv) =>
    yargs
      .option('list', { type: 'boolean', default: false, describe: 'List them: id, clause, level and note' })
      .option('json', { type: 'boolean', default: false, describe: 'The list as a JSON array' })
      .option('export', {
        type: 'string',
        requiresArg: true,
        describe: 'Write them into this directory, in a --format',
      })
      .option('format', {
        choices: FORMATS,
        requiresArg: true,
        describe: 'json copies the files; the others hold frames, payloads and streams',
      })
      .option('only', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'Only vectors whose id matches; * stands for anything',
      })
      .option('level', { choices: LEVELS, array: true, requiresArg: true, describe: 'Only levels' })
      .example('$0 fixtures', 'does the reference agree with all of them?')
      .example("$0 fixtures --list --only 'decode-*-depth-*'", 'some of them, a line each')
      .example('$0 fixtures --export tests/vectors --format go --level must', 'as Go source'),
  run: async ({ list, json, export: dir, format, only, level }, context) => {
    if ((dir === undefined) !== (format === undefined))
      throw new UsageError(`--export and --format belong together; formats are ${FORMATS.join(', ')}`);
    if (list && dir !== undefined) throw new UsageError('give --list or --export, not both');
    if (json && !list) throw new UsageError('--json is for --list; to export JSON, --format json');
    const { selectVectors } = await import('../vectors/select.ts');
    const selected = selectVectors({ only, levels: level });
    if (list) return show(selected, json, context);
    if (dir !== undefined && format !== undefined) return write(dir, format, selected, context);
    return verify(selected, context);
  },
};

function show(selected: readonly Selected[], json: boolean, context: Context): number {
  const rows = selected.flatMap(({ path, vectors }) =>
    vectors.map(({ id, clause, level, note }) => ({ id, file: `${path}.json`, clause, level, note })),
  );
  if (json) {
    context.out(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  const { dim } = colorsFor(context);
  const width = Math.max(...rows.map(({ id }) => id.length));
  for (const { id, clause, level, note } of rows)
    context.out(`${id.padEnd(width)}  ${clause.padEnd(3)}  ${level.padEnd(6)}  ${dim(note)}\n`);
  return 0;
}

async function write(
  dir: string,
  format: Format,
  selected: readonly Selected[],
  context: Context,
): Promise<number> {
  const [{ filesOf }, { writeFiles }] = await Promise.all([
    import('../vectors/formats.ts'),
    import('../vectors/export.ts'),
  ]);
  const { files, vectors, tooLarge } = filesOf(format, selected);
  if (files.length === 0)
    throw new UsageError(`nothing of what was asked for goes into ${format}; --format json takes everything`);
  await writeFiles(dir, files, context.interrupted);
  if (context.interrupted.aborted) return INTERRUPTED;
  const left = tooLarge === 0 ? '' : `; ${tooLarge} of more than 64 KiB left out`;
  context.out(`wrote ${count(vectors, 'vector')} in ${count(files.length, 'file')} to ${dir}${left}\n`);
  return 0;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

async function verify(selected: readonly Selected[], context: Context): Promise<number> {
  const { disagreement } = await import('../vectors/verify.ts');
  const { good, bad, bold } = colorsFor(context);
  const row = (cells: readonly string[]): string =>
    `${cells.map((cell, column) => (column === 0 ? cell.padEnd(24) : cell.padStart(8))).join('  ')}\n`;
  const rowOf = (name: string, total: number, failed: number): string =>
    (failed === 0 ? good : bad)(row([name, String(total), String(total - failed), String(failed)]).trimEnd());
  context.out(bold(row(['file', 'vectors', 'agree', 'disagree'])));
  const reasons: string[] = [];
  let total = 0;
  for (const { path, vectors } of selected) {
    // Lets Ctrl-C be seen.
    await setImmediate();
    if (context.interrupted.aborted) return INTERRUPTED;
    const before = reasons.length;
    for (const vector of vectors) {
      const reason = disagreement(path, vector);
      if (reason !== undefined) reasons.push(`${vector.id} (${vector.clause}, ${vector.level}): ${reason}\n`);
    }
    total += vectors.length;
    context.out(`${rowOf(`${path}.json`, vectors.length, reasons.length - before)}\n`);
  }
  if (selected.length > 1) context.out(`${rowOf('all', total, reasons.length)}\n`);
  if (reasons.length > 0) context.out(`\n${reasons.join('')}`);
  return reasons.length === 0 ? 0 : DISAGREES;
}
