/**
 * The folder that a campaign saves its findings in. A finding is written when it is confirmed. Several campaigns may use one
 * folder at the same time: no file replaces that of a finding with another case.
 */

import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../conformance/util/folders.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { CaseError, caseSize, type Finding, findingFiles, readFinding, shapeOf } from '../../fuzz/index.ts';
import { UsageError } from '../core/errors.ts';
import { cannotWrite } from '../core/output-files.ts';
import { readTextIfAny } from '../core/read-file.ts';
import { createFile, replaceFile } from '../core/replace-file.ts';
import { MAX_FINDING_BYTES } from './finding-file.ts';

/** Hex digits of the shape of a case, in the name of a file. */
const SHAPE_HEX = 6;

export class FindingFolder {
  readonly #folder: string;
  /** The JSON files, by the ids of the findings. */
  readonly #files = new Map<string, string>();
  /** Where findings are saved that cannot be written into the folder. Created when it is needed. */
  #reserve: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The JSON file of the finding; where it would be if it was not kept. */
  fileOf({ id }: Pick<Finding, 'id'>): string {
    return this.#files.get(id) ?? join(this.#folder, `${id}.json`);
  }

  /**
   * Saves the finding. One that cannot be written is saved in a temporary folder, or else printed, and a line says so. `err`
   * takes lines for standard error.
   */
  async keep(finding: Finding, err: (text: string) => void): Promise<void> {
    let failure: string | undefined;
    for (const folderOf of [async () => this.#folder, () => this.#temporary()]) {
      try {
        const file = await save(await folderOf(), finding);
        this.#files.set(finding.id, file);
        if (failure !== undefined) err(`${failure}; the finding is saved as ${printablePath(file)}\n`);
        return;
      } catch (error) {
        failure ??= cannotWrite(this.fileOf(finding), error).trimEnd();
      }
    }
    err(`${failure}, nor a file in a temporary folder; its content is\n`);
    err(String(findingFiles(finding).get(`${finding.id}.json`)));
  }

  /**
   * Replaces the finding in the JSON file, and the other files with its name. Returns the file with the finding: if it cannot be
   * written, one in the folder of findings.
   */
  async replace(file: string, finding: Finding, err: (text: string) => void): Promise<string> {
    const name = basename(file, '.json');
    try {
      for (const [other, content] of findingFiles(finding)) {
        const ending = other.slice(finding.id.length);
        await replaceFile(ending === '.json' ? file : join(dirname(file), `${name}${ending}`), content);
      }
      return file;
    } catch (error) {
      err(cannotWrite(file, error));
      await this.keep(finding, err);
      return this.fileOf(finding);
    }
  }

  async #temporary(): Promise<string> {
    this.#reserve ??= await mkdtemp(join(tmpdir(), 'conform-findings-'));
    return this.#reserve;
  }
}

/** Rejects with the system's error. Returns the path of the JSON file. */
async function save(folder: string, finding: Finding): Promise<string> {
  makeFolder(folder);
  const shape = createHash('sha256').update(shapeOf(finding.value)).digest('hex').slice(0, SHAPE_HEX);
  // A finding with the same id and another case may be another fault: it gets a name of its own.
  for (const name of [finding.id, `${finding.id}-${shape}`]) {
    const file = join(folder, `${name}.json`);
    const named = { ...finding, id: name };
    const files = findingFiles(named);
    const json = files.get(`${name}.json`) ?? '';
    if (!(await createFile(file, json))) {
      const before = await savedCase(file);
      if (name === finding.id && (before === undefined || shapeOf(before) !== shapeOf(finding.value)))
        continue;
      if (before !== undefined && caseSize(before) < caseSize(finding.value)) return file;
      await replaceFile(file, json);
    }
    for (const [other, content] of files)
      if (other !== `${name}.json`) await replaceFile(join(folder, other), content);
    return file;
  }
  throw new Error('a finding has a second name that no other finding has');
}

/** The case of a saved finding; undefined for a file that is not one. */
async function savedCase(file: string): Promise<Finding['value'] | undefined> {
  try {
    const text = await readTextIfAny(file, { most: MAX_FINDING_BYTES, onlyRegular: true });
    return text === undefined ? undefined : readFinding(text).value;
  } catch (error) {
    if (error instanceof CaseError || error instanceof UsageError) return undefined;
    throw error;
  }
}
