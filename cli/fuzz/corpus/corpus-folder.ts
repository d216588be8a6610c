/**
 * The folder that a campaign adds its corpus to, and that several campaigns may share, on one machine or on any file system that
 * they all mount. The name of a file is made of the digests of the signature and of the case, and a file is complete or absent,
 * so no campaign waits for another: each adds the signatures that the folder has no case of, and adopts those that it has not
 * shown itself.
 */

import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case, Corpus } from '../../../fuzz/index.ts';
import { UsageError } from '../../core/errors.ts';
import { readTextIfAny } from '../../core/read-file.ts';
import { createFile } from '../../core/replace-file.ts';
import { caseIn, MAX_CORPUS_BYTES } from './corpus.ts';

/** The digest of the signature, and that of the case, which earlier versions left out. */
const NAME = /^([0-9a-f]{12})(?:-[0-9a-f]{12})?\.json$/;

export class CorpusFolder {
  readonly #dir: string;
  /** Digests of the signatures that the folder has a case of. */
  readonly #present = new Set<string>();
  /** Digests of the signatures that this campaign has shown. */
  readonly #shown: ReadonlySet<string>;
  readonly #written = new Map<string, { readonly value: Case; readonly name: string }>();
  /** How many bytes of cases are still adopted: a campaign holds every case in memory. */
  #bytesLeft = MAX_CORPUS_BYTES;

  /**
   * `names`: the files that the campaign has read from the folder, and `signatures`: those that it showed before it was
   * continued. Neither is adopted.
   */
  constructor(dir: string, names: readonly string[] = [], signatures: readonly string[] = []) {
    this.#dir = dir;
    for (const name of names) {
      const signature = signatureIn(name);
      if (signature !== undefined) this.#present.add(signature);
    }
    this.#shown = new Set(signatures.map(digestIn));
  }

  /**
   * Writes what has changed since the last call, but for signatures that another campaign has added. Rejects with the system's
   * error; the next call then tries again.
   */
  async write(corpus: Corpus): Promise<void> {
    const { writeCase } = await import('../../../fuzz/index.ts');
    for (const [signature, value] of corpus.entries()) {
      const before = this.#written.get(signature);
      const key = digestIn(signature);
      if (before?.value === value || (before === undefined && this.#present.has(key))) continue;
      const json = writeCase(value);
      const name = `${key}-${digestIn(JSON.stringify(json))}.json`;
      await createFile(join(this.#dir, name), `${JSON.stringify({ signature, case: json }, null, 2)}\n`);
      this.#written.set(signature, { value, name });
      this.#present.add(key);
      if (before !== undefined && before.name !== name)
        await rm(join(this.#dir, before.name), { force: true });
    }
  }

  /**
   * The cases that other campaigns have added since the last call. A file that another campaign removes meanwhile, or that holds
   * no case, is left out. Rejects with the system's error if the folder cannot be read.
   */
  async adopt(): Promise<Case[]> {
    const cases: Case[] = [];
    for (const name of await readdir(this.#dir)) {
      const signature = signatureIn(name);
      if (signature === undefined || this.#present.has(signature)) continue;
      this.#present.add(signature);
      if (this.#shown.has(signature)) continue;
      const value = await this.#read(join(this.#dir, name));
      if (value !== undefined) cases.push(value);
    }
    return cases;
  }

  async #read(file: string): Promise<Case | undefined> {
    try {
      const text = await readTextIfAny(file, { most: this.#bytesLeft, onlyRegular: true });
      if (text === undefined) return undefined;
      this.#bytesLeft -= Buffer.byteLength(text);
      return await caseIn(file, Buffer.from(text));
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }
}

/** Whether a campaign has written the file of this name. */
export function isOfCampaign(name: string): boolean {
  return NAME.test(name);
}

function signatureIn(name: string): string | undefined {
  return NAME.exec(name)?.[1];
}

function digestIn(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
