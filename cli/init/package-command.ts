/** How a project runs the kit: the package that it has installed, or the release of this major version. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfAny } from '../core/read-file.ts';
import { version } from '../core/version.ts';

export const PACKAGE = 'tasksubmit-conform';
/** Lock files of npm, with which `npm ci` installs. */
const NPM_LOCKS = ['package-lock.json', 'npm-shrinkwrap.json'];
/** Lock files of other tools, whose installation a workflow does not know. */
const OTHER_LOCKS = ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'];
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies'];

export interface PackageCommand {
  /** On the machine of the user. */
  readonly here: string;
  /** In a workflow, after `install`. */
  readonly inCi: string;
  /** What a workflow runs first. Absent: npx fetches the package. */
  readonly install?: string;
}

/** The command that starts the kit in this project. npx without a version never leaves an installed package, also offline. */
export async function packageCommand(folder: string): Promise<PackageCommand> {
  const has = (file: string): boolean => existsSync(join(folder, file));
  const pinned = `${PACKAGE}@${version().split('.')[0]}`;
  const isDependency = await dependsOnKit(join(folder, 'package.json'));
  const here = `npx ${isDependency || has(`node_modules/${PACKAGE}`) ? PACKAGE : pinned}`;
  if (!isDependency || OTHER_LOCKS.some(has)) return { here, inCi: `npx --yes ${pinned}` };
  return { here, inCi: `npx ${PACKAGE}`, install: NPM_LOCKS.some(has) ? 'npm ci' : 'npm install' };
}

/** Whether a package.json names the kit as a dependency. One that is broken does not. */
async function dependsOnKit(file: string): Promise<boolean> {
  const text = await readTextIfAny(file);
  try {
    const parts: Record<string, unknown> = text === undefined ? {} : JSON.parse(text);
    return DEPENDENCIES.some((part) => Object.hasOwn(Object(parts[part]), PACKAGE));
  } catch {
    return false;
  }
}
