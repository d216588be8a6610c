/** The files that `conform init` writes. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { printablePath } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFile, makeFolderOf } from '../core/output-files.ts';
import { readTextIfAny } from '../core/read-file.ts';
import { createFile, replaceFile } from '../core/replace-file.ts';
import { version } from '../core/version.ts';
import type { Answers, CiService } from './answers.ts';
import { PACKAGE, type PackageCommand } from './package-command.ts';
import { recipeWithConfig } from './recipe.ts';

const CONFIG = 'conform.config.json';
const KNOWN_FAILURES = 'known-failures.txt';
const SCHEMA = 'fixtures/schema/config.schema.json';

/** The heading of the recipe, and the file in which the service looks for it. */
const WORKFLOWS: Readonly<Record<Exclude<CiService, 'none'>, { heading: string; path: string }>> = {
  github: { heading: 'GitHub Actions, without the action', path: '.github/workflows/conformance.yml' },
  gitlab: { heading: 'GitLab', path: '.gitlab-ci.yml' },
};

export interface InitFile {
  /** From the folder of the project, with `/` between names. */
  readonly path: string;
  readonly text: string;
  /** One line for a person. */
  readonly purpose: string;
  /** Holds what a person has written: it stays as it is, also with --force. Default false. */
  readonly isKept?: boolean;
}

/** In the order in which they are written. */
export async function filesFor(
  folder: string,
  { server, ci }: Answers,
  command: PackageCommand,
): Promise<readonly InitFile[]> {
  const options = { $schema: schemaFor(folder), ...server, 'known-failures': KNOWN_FAILURES };
  const files: InitFile[] = [
    { path: CONFIG, text: `${JSON.stringify(options, null, 2)}\n`, purpose: 'how the server is judged' },
    {
      path: KNOWN_FAILURES,
      text: FIRST_LIST,
      purpose: 'the failures that are known, none yet',
      isKept: true,
    },
  ];
  if (ci === 'none') return files;
  const { heading, path } = WORKFLOWS[ci];
  return [
    ...files,
    { path, text: await recipeWithConfig(heading, command), purpose: 'judges at every push' },
  ];
}

/** Comments, which --update-known-failures keeps. */
const FIRST_LIST = `# Known failures of conform, one a line: a scenario, # and the reason, which has to match the message of the failure.
# An entry may end with a date: (until 2027-01-31). An entry whose scenario passes is stale, and fails the run.
# conform --update-known-failures writes the entries.
`;

/** The schema of the installed package, or else that of the same release on the web. Editors read it. */
function schemaFor(folder: string): string {
  const installed = `node_modules/${PACKAGE}/${SCHEMA}`;
  return existsSync(join(folder, installed))
    ? installed
    : `https://unpkg.com/${PACKAGE}@${version()}/${SCHEMA}`;
}

/**
 * Writes the files, and creates their folders; one that is kept, and is there, is left out. Returns those that it wrote. Throws
 * a UsageError, before it writes anything, if a file exists and `force` is false, or if one cannot be written.
 */
export async function writeAll(
  folder: string,
  files: readonly InitFile[],
  force: boolean,
): Promise<readonly InitFile[]> {
  const there = files.filter(({ path }) => existsSync(join(folder, path)));
  const isThere = (file: InitFile): boolean => there.includes(file);
  const inTheWay = there.filter(({ isKept }) => !isKept);
  if (!force && inTheWay.length > 0) throw exists(inTheWay.map(({ path }) => join(folder, path)));
  if (!force && (await hasOptions(join(folder, 'package.json'))))
    throw new UsageError(
      `${printablePath(join(folder, 'package.json'))} has options under "conform" already; with --force, ${CONFIG} takes their place`,
    );
  const written = files.filter((file) => !(file.isKept && isThere(file)));
  for (const { path } of written) {
    await makeFolderOf('init:', join(folder, path));
    await checkOutputFile('init:', join(folder, path));
  }
  for (const { path, text } of written) {
    const file = join(folder, path);
    if (force) await replaceFile(file, text);
    // Another process may have created it since.
    else if (!(await createFile(file, text))) throw exists([file]);
  }
  return written;
}

function exists(paths: readonly string[]): UsageError {
  const verb = paths.length === 1 ? 'exists' : 'exist';
  const pronoun = paths.length === 1 ? 'it' : 'them';
  return new UsageError(
    `${paths.map((path) => printablePath(path)).join(' and ')} ${verb}; --force replaces ${pronoun}`,
  );
}

/** Whether a package.json holds options of the kit. One that is broken does not. */
async function hasOptions(file: string): Promise<boolean> {
  const text = await readTextIfAny(file);
  try {
    return text !== undefined && Object.hasOwn(JSON.parse(text), 'conform');
  } catch {
    return false;
  }
}
