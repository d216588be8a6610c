/** `conform fixtures`: checks the test vectors against the reference, lists them, or exports them for another language. */

import { setImmediate } from 'node:timers/promises';
import { EXIT, type ExitStatus } from '../../conformance/report/exit-status.ts';
import { LEVELS } from '../../conformance/scenario/requirement.ts';
import { counted } from '../../conformance/util/counted.ts';
import { type Column, textTable } from '../../conformance/util/text-table.ts';
import type { Level } from '../../conformance/vectors/build/vector.ts';
import { command } from '../core/command.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { colorsFor } from '../terminal/colors.ts';
import type { Format } from '../vectors/formats.ts';
import type { Selected } from '../vectors/select.ts';

const FORMATS = ['json', 'bin', 'pcapng', 'c', 'go', 'python'] as const satisfies readonly Format[];

/** The files of the vectors write the levels in small letters. */
const VECTOR_LEVELS: Readonly<Record<(typeof LEVELS)[number], Level>> = {
  MUST: 'must',
  SHOULD: 'should',
  MAY: 'may',
};

export const fixturesCommand = command({
  usage: 'fixtures',
  describe: 'Check, list or export the test vectors',
  printsResult: true,
  exits: { success: 'all vectors agree, or were listed or exported', failed: 'a vector disagrees' },
  options: {
    list: { type: 'boolean', default: false, describe: 'List id, clause, level and note' },
    json: { type: 'boolean', default: false, describe: 'With --list: print a JSON array' },
    export: { type: 'string', requiresArg: true, describe: 'Write the vectors into this directory' },
    format: {
      choices: FORMATS,
      requiresArg: true,
      describe:
        'With --export: json copies the files; bin holds frames, payloads and streams; pcapng holds them as captures; c, go and python also the expected values, and checks of your functions',
    },
    only: {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Only vectors whose id matches; * matches any text',
    },
    level: { choices: LEVELS, array: true, requiresArg: true, describe: 'Only vectors of this level' },
  },
  examples: [
    ['$0 fixtures', 'check all of them'],
    ["$0 fixtures --list --only 'decode-*-depth-*'", 'list some of them'],
    ['$0 fixtures --export tests/vectors --format go --level MUST', 'write Go source'],
  ],
  run: async ({ list, json, export: dir, format, only, level }, context) => {
    if ((dir === undefined) !== (format === undefined))
      throw new UsageError(`--export and --format are given together; formats are ${FORMATS.join(', ')}`);
    if (list && dir !== undefined) throw new UsageError('give --list or --export, not both');
    if (json && !list) throw new UsageError('--json needs --list; to export JSON, give --format json');
    const { selectVectors } = await import('../vectors/select.ts');
    const selected = selectVectors({ only, levels: level?.map((name) => VECTOR_LEVELS[name]) });
    if (list) return show(selected, json, context);
    if (dir !== undefined && format !== undefined) return write(dir, format, selected, context);
    return verify(selected, context);
  },
});

function show(selected: readonly Selected[], json: boolean, context: Context): ExitStatus {
  const rows = selected.flatMap(({ path, vectors }) =>
    vectors.map(({ id, clause, level, note }) => ({ id, file: `${path}.json`, clause, level, note })),
  );
  if (json) {
    context.out(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.success;
  }
  const cells = rows.map(({ id, clause, level, note }) => [id, clause, level, note]);
  context.out(textTable(cells, [{}, {}, {}, { style: colorsFor(context).dim }]));
  return EXIT.success;
}

async function write(
  dir: string,
  format: Format,
  selected: readonly Selected[],
  context: Context,
): Promise<ExitStatus> {
  const [{ filesOf }, { writeFiles }] = await Promise.all([
    import('../vectors/formats.ts'),
    import('../vectors/export.ts'),
  ]);
  const { files, vectors, tooLarge } = filesOf(format, selected);
  if (files.length === 0)
    throw new UsageError(
      `none of the selected vectors has a form in ${format}; --format json exports all of them`,
    );
  await writeFiles(dir, files, context.interrupted);
  if (context.interrupted.aborted) return EXIT.interrupted;
  const left = tooLarge === 0 ? '' : `; ${tooLarge} of more than 64 KiB left out`;
  context.out(`wrote ${counted(vectors, 'vector')} in ${counted(files.length, 'file')} to ${dir}${left}\n`);
  return EXIT.success;
}

/** Fixed widths, because each row is printed as soon as its file is checked. */
const COUNT_COLUMNS: readonly Column[] = [
  { width: 24 },
  { align: 'right', width: 8 },
  { align: 'right', width: 8 },
  { align: 'right', width: 8 },
];

async function verify(selected: readonly Selected[], context: Context): Promise<ExitStatus> {
  const { disagreement } = await import('../vectors/verify/verify.ts');
  const { good, bad, bold } = colorsFor(context);
  const show = (style: (text: string) => string, cells: readonly string[]): void =>
    context.out(`${style(textTable([cells], COUNT_COLUMNS).trimEnd())}\n`);
  const showCounts = (name: string, total: number, failed: number): void =>
    show(failed === 0 ? good : bad, [name, ...[total, total - failed, failed].map(String)]);
  show(bold, ['file', 'vectors', 'agree', 'disagree']);
  const reasons: string[] = [];
  let total = 0;
  for (const { path, vectors } of selected) {
    // Signals are handled only between turns of the event loop.
    await setImmediate();
    if (context.interrupted.aborted) return EXIT.interrupted;
    const before = reasons.length;
    for (const vector of vectors) {
      const reason = disagreement(path, vector);
      if (reason !== undefined) reasons.push(`${vector.id} (${vector.clause}, ${vector.level}): ${reason}\n`);
    }
    total += vectors.length;
    showCounts(`${path}.json`, vectors.length, reasons.length - before);
  }
  if (selected.length > 1) showCounts('all', total, reasons.length);
  if (reasons.length > 0) context.out(`\n${reasons.join('')}`);
  return reasons.length === 0 ? EXIT.success : EXIT.failed;
}
