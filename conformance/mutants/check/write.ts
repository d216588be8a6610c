/**
 * The program of `npm run mutants`. It runs every mutant with the scenarios that it names, or those of `--mutant`, and prints the survivors.
 * With `--matrix` it judges every mutant and every variant as a user would instead, and writes docs/detection.md. With
 * `--variants` it judges the conforming variants in every way, and prints the false alarms.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { catalogue } from '../../catalogue/index.ts';
import { mutants, variants } from '../index.ts';
import { detection, summary } from './detection.ts';
import { isSurvivor, judgePairs, pairsOf } from './kill-check.ts';
import { underLoad } from './load.ts';
import { judgeMatrix } from './matrix.ts';
import { cellsOf, playCells, type Selection, tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    matrix: { type: 'boolean', default: false },
    variants: { type: 'boolean', default: false },
    /** The names of mutants. Default: all. */
    mutant: { type: 'string', multiple: true, default: [] },
    /** With --variants: the names of the variants and ways to judge. Default: all. */
    variant: { type: 'string', multiple: true, default: [] },
    way: { type: 'string', multiple: true, default: [] },
    /** With --variants: how often, each time with another seed. */
    rounds: { type: 'string', default: '1' },
    /** With --variants: while other processes use the CPU. */
    load: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function killMutants(): Promise<void> {
  const { mutant: names } = values;
  const wanted = mutants.filter(({ name }) => names.length === 0 || names.includes(name));
  if (wanted.length === 0) throw new Error('no mutant of these names');
  const pairs = pairsOf(wanted, catalogue);
  const survivors = (await judgePairs(pairs, catalogue, folder)).filter(isSurvivor);
  for (const { mutant, scenario, verdict } of survivors)
    print(`${mutant.name} survives ${scenario.id}: ${verdict?.verdict ?? 'not judged'}`);
  print(
    `${pairs.length - survivors.length} of ${pairs.length} pairs of ${wanted.length} mutants and ${catalogue.length} scenarios killed`,
  );
  if (survivors.length > 0) process.exitCode = 1;
}

async function writeMatrix(): Promise<void> {
  const { rows, measured } = await judgeMatrix(print);
  // A run as of a user skips what needs a restart, the process or long waits. These pairs are judged here, and so are those
  // that did not fail under the load of other runs.
  const survivors = pairsOf(mutants, catalogue).filter(
    ({ mutant, scenario }) => rows.get(mutant.name)?.get(scenario.id) !== 'fail',
  );
  for (const { mutant, scenario, verdict } of await judgePairs(survivors, catalogue, folder))
    if (verdict !== undefined) rows.get(mutant.name)?.set(scenario.id, verdict.verdict);
  const matrix = { catalogue, mutants, variants, rows, measured };
  writeFileSync('docs/detection.md', detection(matrix));
  print(summary(matrix).join('\n'));
}

/** Most milliseconds of load for one cell of the table. */
const MAX_CELL_MS = 5 * 60_000;

async function judgeVariants(selection: Selection): Promise<void> {
  const cells = cellsOf(selection);
  if (cells.length === 0) throw new Error('no variant and way of these names');
  const playAll = () =>
    playCells(cells, folder, ({ variant, way, seed }, { alarms }) => {
      for (const { kind, text } of alarms) print(`${variant}, ${way}, seed ${seed}: ${kind} ${text}`);
    });
  const results = await (values.load ? underLoad(cells.length * MAX_CELL_MS, playAll) : playAll());
  print(tableOf(cells, results).join('\n'));
  const alarms = results.flatMap((played) => played.alarms);
  print(`${cells.length} runs, ${alarms.length} false alarms`);
  if (alarms.length > 0) process.exitCode = 1;
}

try {
  if (values.matrix) await writeMatrix();
  else if (values.variants)
    await judgeVariants({ variants: values.variant, ways: values.way, rounds: Number(values.rounds) });
  else await killMutants();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
