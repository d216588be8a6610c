/**
 * The program of `npm run mutants`. It runs every mutant with the scenarios that it names, and prints the survivors. With
 * `--matrix` it runs the full cross product instead, which takes half an hour, and writes docs/detection.md.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../catalogue/index.ts';
import { mutants, variants } from '../index.ts';
import { detection, summary } from './detection.ts';
import { isSurvivor, judgePairs, pairsOf } from './kill-check.ts';
import { judgeMatrix } from './matrix.ts';

const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
const print = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  if (process.argv.includes('--matrix')) {
    const names = [...mutants, ...variants].map(({ name }) => name);
    const rows = await judgeMatrix(names, folder, print);
    // Under the load of the other rows, an answer may miss its deadline. Pairs that did not fail are judged again without load.
    const survivors = pairsOf(mutants, catalogue).filter(
      ({ mutant, scenario }) => rows.get(mutant.name)?.get(scenario.id) !== 'fail',
    );
    for (const { mutant, scenario, verdict } of await judgePairs(survivors, catalogue, folder))
      if (verdict !== undefined) rows.get(mutant.name)?.set(scenario.id, verdict.verdict);
    const matrix = { catalogue, mutants, variants, rows };
    writeFileSync('docs/detection.md', detection(matrix));
    print(summary(matrix).join('\n'));
  } else {
    const pairs = pairsOf(mutants, catalogue);
    const survivors = (await judgePairs(pairs, catalogue, folder)).filter(isSurvivor);
    for (const { mutant, scenario, verdict } of survivors)
      print(`${mutant.name} survives ${scenario.id}: ${verdict?.verdict ?? 'not judged'}`);
    print(
      `${pairs.length - survivors.length} of ${pairs.length} pairs of ${mutants.length} mutants and ${catalogue.length} scenarios killed`,
    );
    if (survivors.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
