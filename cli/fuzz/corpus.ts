/** Seed inputs in a folder: *.bin is what one connection sends, *.json a case or a finding. What is new is added as *.json. */

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../../conformance/util/printable.ts';
import type { Corpus } from '../../fuzz/campaign/corpus.ts';
import type { Case } from '../../fuzz/case/case.ts';
import { UsageError } from '../core/errors.ts';

/** The inputs of a folder, by name; none of a folder that is not there. Throws a UsageError for a file that is no input. */
export async function readCorpus(dir: string): Promise<Case[]> {
  const [{ CaseError, readCase }, { actionsOf }] = await Promise.all([
    import('../../fuzz/case/case-json.ts'),
    import('../../fuzz/case/sent.ts'),
  ]);
  const names = await readdir(dir).catch(() => []);
  return Promise.all(
    names
      .filter((name) => /\.(?:bin|json)$/.test(name) && name !== 'index.json')
      .sort()
      .map(async (name): Promise<Case> => {
        const bytes = await readFile(join(dir, name));
        if (name.endsWith('.bin')) return { arrangement: 'at-once', connections: [actionsOf(bytes)] };
        try {
          const json: unknown = JSON.parse(bytes.toString('utf8'));
          const held = typeof json === 'object' && json !== null && 'case' in json ? json.case : json;
          return readCase(held);
        } catch (error) {
          if (!(error instanceof CaseError || error instanceof SyntaxError)) throw error;
          throw new UsageError(`${printable(join(dir, name))}: ${printable(error.message)}`);
        }
      }),
  );
}

/** Adds each case of the corpus, under the name of its signature. */
export async function writeCorpus(dir: string, corpus: Corpus): Promise<void> {
  const { writeCase } = await import('../../fuzz/case/case-json.ts');
  await mkdir(dir, { recursive: true });
  for (const [signature, value] of corpus.entries()) {
    const name = createHash('sha256').update(signature).digest('hex').slice(0, 12);
    const text = JSON.stringify({ signature, case: writeCase(value) }, null, 2);
    await writeFile(join(dir, `${name}.json`), `${text}\n`);
  }
}
