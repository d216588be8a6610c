/** The files that belong into no commit: the reports of the workflow, and the findings of the fuzzer. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTextIfAny } from '../core/read-file.ts';
import { replaceFile } from '../core/replace-file.ts';

export const GITIGNORE = '.gitignore';
/** The folder of --findings. */
const FINDINGS = 'findings/';

/** The patterns for the files that the text of a workflow writes. */
export function ignoredBy(workflow = ''): readonly string[] {
  const reports = [...workflow.matchAll(/ --reporter \w+=(\S+)/g)].map(([, file = '']) => file);
  return [...reports, FINDINGS];
}

/** Adds what a .gitignore lacks. Undefined if there is none; else what was added. */
export async function addIgnored(
  folder: string,
  patterns: readonly string[],
): Promise<readonly string[] | undefined> {
  const file = join(folder, GITIGNORE);
  if (!existsSync(file)) return undefined;
  const text = (await readTextIfAny(file)) ?? '';
  const lines = text.split('\n').map((line) => line.trim().replace(/^\//, ''));
  const missing = patterns.filter((pattern) => !lines.includes(pattern));
  if (missing.length === 0) return missing;
  const lineEnd = text === '' || text.endsWith('\n') ? '' : '\n';
  await replaceFile(file, `${text}${lineEnd}${missing.map((pattern) => `${pattern}\n`).join('')}`);
  return missing;
}
