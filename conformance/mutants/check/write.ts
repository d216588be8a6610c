/**
 * `npm run mutants`: plays every mutant with the scenarios that it names, and prints what survives. With `--matrix` the
 * full cross product instead, which takes many minutes, and writes docs/detection.md.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../catalogue/index.ts';
import { mutants, variations } from '../index.ts';
import { detection, summary } from './detection.ts';
import { isSurvivor, pairsOf, play } from './kill-check.ts';
import { playMatrix } from './matrix.ts';

const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  if (process.argv.includes('--matrix')) {
    const names = [...mutants, ...variations].map(({ name }) => name);
    const rows = await playMatrix(names, folder, tell);
    // Beside so many others, an answer may come too late for what waits for it: what has to fail is played again in peace.
    const missed = pairsOf(mutants, catalogue).filter(
      ({ mutant, scenario }) => rows.get(mutant.name)?.get(scenario.id) !== 'fail',
    );
    for (const { mutant, scenario, verdict } of await play(missed, catalogue, folder))
      if (verdict !== undefined) rows.get(mutant.name)?.set(scenario.id, verdict.verdict);
    const matrix = { catalogue, mutants, variations, rows };
    writeFileSync('docs/detection.md', detection(matrix));
    tell(summary(matrix).join('\n'));
  } else {
    const pairs = pairsOf(mutants, catalogue);
    const survivors = (await play(pairs, catalogue, folder)).filter(isSurvivor);
    for (const { mutant, scenario, verdict } of survivors)
      tell(`${mutant.name} survives ${scenario.id}: ${verdict?.verdict ?? 'not judged'}`);
    tell(
      `${pairs.length - survivors.length} of ${pairs.length} pairs of ${mutants.length} mutants and ${catalogue.length} scenarios killed`,
    );
    if (survivors.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
