/** Names of files for targets, which work on every usual file system: without case, reserved names or an ending dot. */

import { createHash } from 'node:crypto';

const SAFE = /^[a-z0-9_](?:[a-z0-9._-]{0,98}[a-z0-9_-])?$/;
/** Names of devices on Windows, whatever follows the first dot. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** The name without an ending: that of the target if it is safe, otherwise a similar one with a digest of it. Two names that differ only in case have different ones. */
export function fileNameOf(name: string): string {
  if (SAFE.test(name) && !RESERVED.test(name)) return name;
  const similar = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_')
    .replace(/^-/, '_');
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${similar.slice(0, 80)}~${digest}`;
}
