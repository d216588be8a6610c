/** Writes docs/performance.md and its plots: runs every bench, one after the other, and shows what they saved. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseReport, renderWithPlots } from '../../bench/index.ts';
import { packageFile } from '../../conformance/util/package-file.ts';

const CLI = fileURLToPath(packageFile('dist/cli.js'));
const DOCS = fileURLToPath(packageFile('docs/'));
const PLOTS = 'performance';

const INTRODUCTION = `# Performance

<!-- Written by \`npm run performance\`; do not edit. -->

What the codec, the reference server and the kit cost, wherever there is one beside a floor that was measured in the same
run: the least that the platform needs for the same. Ratios to a floor travel between machines, other figures do not. ± is
half of an interval of 99 % confidence, by how much the repetitions of one run differ among each other.

To see what a change costs: \`conform bench codec --save before.json\`, change it, and
\`conform bench codec --compare before.json\`.
`;

const folder = mkdtempSync(join(tmpdir(), 'conform-performance-'));
try {
  const parts: ReturnType<typeof renderWithPlots>[] = [];
  for (const bench of ['codec', 'kit', 'target']) {
    const file = join(folder, `${bench}.json`);
    const args = [CLI, 'bench', bench, '--save', file];
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`conform bench ${bench} ended with ${status}`);
    parts.push(renderWithPlots(await parseReport(readFileSync(file, 'utf8'), file), PLOTS));
  }
  rmSync(join(DOCS, PLOTS), { recursive: true, force: true });
  mkdirSync(join(DOCS, PLOTS), { recursive: true });
  for (const { plots } of parts) for (const [path, svg] of plots) writeFileSync(join(DOCS, path), svg);
  const page = [INTRODUCTION, ...parts.map(({ text }) => text)].join('\n').trimEnd();
  writeFileSync(join(DOCS, 'performance.md'), `${page}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
