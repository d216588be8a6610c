/** What was thrown and what came back, in numbers: added up over shifts, workers and interrupted campaigns. */

import { addDigests } from '../case/digest.ts';

/** Plain data, so that it can be sent and saved. Counts by name are unordered. */
export interface Stats {
  cases: number;
  /** Of them, those of the base lane, whose set the digest tells. */
  baseCases: number;
  /** Not thrown, because a known finding explains what they would do; counted as base cases nevertheless. */
  skipped: number;
  connections: number;
  /** Cases that were thrown on a connection which they shared with others. */
  shared: number;
  frames: number;
  bytes: number;
  mutations: Record<string, number>;
  signatures: Record<string, number>;
  /** Sum of the hashes of the base lane's cases, modulo 2 to the power of 64, in hex: the same for the same set. */
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

/** Signatures that are told apart; a target that echoes its input in a message would make one of every case. */
const MAX_SIGNATURES = 2000;
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
