/**
 * The script `prepare` of the package: builds the command, unless it is newer than its sources. npm runs it after an installation, and
 * npx runs it once more when it is first used in a checkout.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';

/** The last file that a build writes. */
const BUILT = 'dist/help.txt';
const FOLDERS = ['reference', 'conformance', 'fuzz', 'bench', 'cli'];

const inFolders = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
);
const sources = [
  ...inFolders.filter((file) => file.endsWith('.ts')),
  'cli.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
];
const timeOf = (file) => statSync(file).mtimeMs;
if (!existsSync(BUILT) || sources.some((file) => timeOf(file) > timeOf(BUILT)))
  process.exitCode = spawnSync('npm', ['run', 'build'], { stdio: 'inherit' }).status ?? 1;
