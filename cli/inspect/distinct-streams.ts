/** What the senders of captures sent, each stream once, by its digest. */

import { createHash } from 'node:crypto';
import type { Context } from '../core/context.ts';
import { UsageError } from '../core/errors.ts';
import { readCapture } from '../fuzz/corpus/capture.ts';

const DEFAULT_PORT = 1003;

/** Throws a UsageError for a file that is no capture or holds no stream. The keys are the first 12 digits of SHA-256 in hex. */
export async function distinctStreams(
  files: readonly string[],
  ports: readonly number[],
  { err, interrupted }: Context,
): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const file of files) {
    for (const port of ports.length > 0 ? ports : [DEFAULT_PORT]) {
      const { streams, note } = await readCapture(file, port, '--port');
      err(`conform: ${note}\n`);
      for (const bytes of streams)
        found.set(createHash('sha256').update(bytes).digest('hex').slice(0, 12), bytes);
      if (interrupted.aborted) throw new UsageError('interrupted');
    }
  }
  return found;
}
