/**
 * Writes docs/performance.md and its plots: runs the benches of that page, one after the other, and publishes their reports. They are
 * kept until the page is written: after an interruption, `npm run performance -- FOLDER` goes on with those of the same build.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Publication, parseReport, publish } from '../../bench/index.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import { packageFile } from '../../conformance/util/package-file.ts';

const CLI = fileURLToPath(packageFile('dist/cli.js'));
const DOCS = fileURLToPath(packageFile('docs/'));
const PLOTS = 'performance';
/** How often a row that is not steady is measured again. */
const EXTRA_ROUNDS = 10;

const INTRODUCTION = `# Performance

<!-- Written by \`npm run performance\`; do not edit. -->

This page shows the cost of the codec, of the reference server and of the kit. A baseline is the simplest code for the same
work with Node alone, measured in the same run. A ratio to a baseline is about the same on another machine; the other figures
are not.

± is half the width of the 99 % confidence interval, which comes from the differences between the repetitions of one run. A
row with an interval wider than ± 10 % is measured again, up to ${EXTRA_ROUNDS} times. A row that stays wider is not steady enough to
publish: the page gives only its name.

\`conform bench kit --mutants\` is not part of this page. In a checkout of the repository, it judges every mutant and every conforming
variant, and shows how long a run takes, how long its report is, and whether the first failure is one that the mutant names. It takes
some twenty minutes.

To measure the effect of a change, run \`conform bench codec --save before.json\`, make the change, and run
\`conform bench codec --compare before.json\`.
`;

const [given] = process.argv.slice(2);
const folder = given ?? mkdtempSync(join(tmpdir(), 'conform-performance-'));
process.stderr.write(`To go on after an interruption: npm run performance -- ${folder}\n`);
makeFolder(folder);
const parts: Publication[] = [];
for (const bench of ['reference', 'codec', 'kit', 'target']) {
  const file = join(folder, `${bench}.json`);
  const args = [CLI, 'bench', bench, '--extra-rounds', String(EXTRA_ROUNDS), '--save', file];
  if (!existsSync(file)) {
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`conform bench ${bench} ended with ${status}`);
  }
  parts.push(publish(await parseReport(readFileSync(file, 'utf8'), file), PLOTS));
}
rmSync(join(DOCS, PLOTS), { recursive: true, force: true });
makeFolder(join(DOCS, PLOTS));
for (const { plots } of parts) for (const [path, svg] of plots) writeFileSync(join(DOCS, path), svg);
const page = [INTRODUCTION, ...parts.map(({ text }) => text)].join('\n').trimEnd();
writeFileSync(join(DOCS, 'performance.md'), `${page}\n`);
if (given === undefined) rmSync(folder, { recursive: true, force: true });
