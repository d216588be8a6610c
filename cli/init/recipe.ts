/** The recipes of docs/ci.md, which is part of the package: `conform init` writes them, and a test runs them. */

import { readFile } from 'node:fs/promises';
import { packageFile } from '../../conformance/util/package-file.ts';
import { PACKAGE, type PackageCommand } from './package-command.ts';

/** The option that stands for the user's own in every recipe; its value is the placeholder for the user's command. */
const EXEC = " --exec './server --port {port} --dir {dir}'";

/** The step that runs the kit, up to the name of the package. */
const NPX = new RegExp(`^( *- (?:run: )?)npx --yes ${PACKAGE}`, 'm');

/** The first code block after the heading of that text. Throws an Error if the page has none. */
export async function recipe(heading: string): Promise<string> {
  const page = await readFile(packageFile('docs/ci.md'), 'utf8');
  const [, after] = page.split(`\n### ${heading}\n`);
  const [, code] = /^```\w+\n([\s\S]*?)^```$/m.exec(after ?? '') ?? [];
  if (code === undefined) throw new Error(`docs/ci.md has no recipe for ${heading}`);
  return code;
}

/** The recipe for a project whose configuration file names the target, with the command of the project. */
export async function recipeWithConfig(
  heading: string,
  { inCi, install }: Pick<PackageCommand, 'inCi' | 'install'>,
): Promise<string> {
  const code = await recipe(heading);
  if (!code.includes(EXEC)) throw new Error(`the recipe for ${heading} has no${EXEC}`);
  if (!NPX.test(code)) throw new Error(`the recipe for ${heading} does not run npx`);
  return code
    .replaceAll(EXEC, '')
    .replace(NPX, (_, step: string) => `${install ? `${step}${install}\n` : ''}${step}${inCi}`);
}
