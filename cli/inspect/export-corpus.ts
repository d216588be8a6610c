/** What the senders of recorded traffic sent, as inputs of `conform fuzz`: a file for each distinct stream. */

import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { checkOutputFolder } from '../core/output-files.ts';
import { replaceFile } from '../core/replace-file.ts';
import { readCapture } from '../fuzz/corpus/capture.ts';

const DEFAULT_PORT = 1003;

/** Throws a UsageError for a folder that cannot be written, and for a file that is no capture or holds no stream. */
export async function exportCorpus(
  files: readonly string[],
  ports: readonly number[],
  dir: string,
  context: Context,
): Promise<void> {
  await checkOutputFolder('--export-corpus', dir);
  await mkdir(dir, { recursive: true });
  const names = new Set<string>();
  for (const file of files) {
    for (const port of ports.length > 0 ? ports : [DEFAULT_PORT]) {
      const { streams, note } = await readCapture(file, port, '--port');
      context.err(`conform: ${note}\n`);
      for (const bytes of streams) {
        const name = `${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`;
        await replaceFile(join(dir, name), bytes);
        names.add(name);
        if (context.interrupted.aborted) throw new UsageError('interrupted');
      }
    }
  }
  context.err(`conform: wrote ${names.size} inputs to ${printable(dir)}\n`);
}
