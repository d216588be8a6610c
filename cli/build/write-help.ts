/** Writes the text of `conform --help` to the file that help.ts reads. Part of the build. */

import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../conformance/util/package-file.ts';
import { HELP_FILE } from '../core/help.ts';

const CLI = fileURLToPath(packageFile('dist/cli.js'));

rmSync(HELP_FILE, { force: true });
const { status, stdout } = spawnSync(process.execPath, [CLI, '--help'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (status !== 0 || stdout === '') throw new Error(`conform --help ended with ${status}`);
writeFileSync(HELP_FILE, stdout);
