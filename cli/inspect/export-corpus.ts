/** What the senders of recorded traffic sent, as inputs of `conform fuzz`: a file for each distinct stream. */

import { join } from 'node:path';
import { counted } from '../../conformance/util/counted.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { checkOutputFolder } from '../core/output-files.ts';
import { replaceFile } from '../core/replace-file.ts';
import { distinctStreams } from './distinct-streams.ts';

/** Throws a UsageError for a folder that cannot be written, and for a file that is no capture or holds no stream. */
export async function exportCorpus(
  files: readonly string[],
  ports: readonly number[],
  dir: string,
  context: Context,
): Promise<void> {
  await checkOutputFolder('--export-corpus', dir);
  makeFolder(dir);
  const streams = await distinctStreams(files, ports, context);
  for (const [digest, bytes] of streams) await replaceFile(join(dir, `${digest}.bin`), bytes);
  context.err(`conform: wrote ${counted(streams.size, 'input')} to ${printablePath(dir)}\n`);
}
