/** Statistics of what was sent and what came back, added over batches, workers and resumed campaigns. */

import { addDigests } from '../case/digest.ts';

/** Plain data, so that it can be sent by a worker and saved. Counts by name have no order. */
export interface Stats {
  cases: number;
  /** Cases of the base lane, sent or skipped. `digest` is of this set. */
  baseCases: number;
  /** Cases that were not sent, because they would stop the target by a known finding. */
  skipped: number;
  connections: number;
  /** Cases that were sent on a connection with other cases. */
  shared: number;
  frames: number;
  bytes: number;
  /** Cases by the names of their mutations. */
  mutations: Record<string, number>;
  /** Cases by the signatures that they showed. */
  signatures: Record<string, number>;
  /**
   * Digest of the cases of the base lane: the sum of their digests, modulo 2 to the power of 64, in hex. So it does not depend on
   * their order, and that of several shards is the sum of theirs. A case that was avoided counts as it was planned.
   */
  digest: string;
}

export function newStats(): Stats {
  return {
    cases: 0,
    baseCases: 0,
    skipped: 0,
    connections: 0,
    shared: 0,
    frames: 0,
    bytes: 0,
    mutations: {},
    signatures: {},
    digest: '0',
  };
}

/** Signatures that are counted separately, and of which a case is kept. A target that repeats its input in a message has one for each case. */
export const MAX_SIGNATURES = 2000;
const OTHER = 'any other';

export function addStats(sum: Stats, part: Stats): void {
  for (const name of ['cases', 'baseCases', 'skipped', 'connections', 'shared', 'frames', 'bytes'] as const)
    sum[name] += part[name];
  for (const [name, count] of Object.entries(part.mutations)) increase(sum.mutations, name, count);
  for (const [name, count] of Object.entries(part.signatures)) countSignature(sum, name, count);
  sum.digest = addDigests(sum.digest, part.digest);
}

export function countSignature(stats: Stats, signature: string, count = 1): void {
  const isKnown = Object.hasOwn(stats.signatures, signature);
  const isFull = !isKnown && Object.keys(stats.signatures).length >= MAX_SIGNATURES;
  increase(stats.signatures, isFull ? OTHER : signature, count);
}

export function increase(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}
