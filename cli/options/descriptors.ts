/** How many connections a server may have open, so that it can still open the files of its store. */

import { readFile } from 'node:fs/promises';

/** The most connections without a limit of the system. */
const MAX_CONNECTIONS = 1024;
/** Descriptors for the process, the store and messages to submitters. */
const RESERVED = 96;

/**
 * The most connections, inclusive, for a process that may open `limit` files: 1024, or fewer, so that 96 descriptors are
 * left, or half of them.
 */
export function connectionsFor(limit: number): number {
  return Math.max(1, Math.min(MAX_CONNECTIONS, Math.max(limit - RESERVED, Math.floor(limit / 2))));
}

/** How many files this process may open (`ulimit -n`). Infinity where it is unknown. */
export async function descriptorLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
