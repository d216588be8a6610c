/** What was thrown and what came back, in numbers: added up over shifts, workers and interrupted campaigns. */

import { addDigests } from '../case/digest.ts';

/** Plain data, so that it can be sent and saved. Counts by name are unordered. */
export interface Tally {
  cases: number;
  /** Of them, those of the base lane, whose set the digest tells. */
  baseCases: number;
  /** Not thrown, because a known finding explains what they would do; counted as base cases nevertheless. */
  heldBack: number;
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

export function newTally(): Tally {
  return {
    cases: 0,
    baseCases: 0,
    heldBack: 0,
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
const MOST_SIGNATURES = 2000;
const OTHER = 'any other';

export function addTally(sum: Tally, part: Tally): void {
  for (const name of ['cases', 'baseCases', 'heldBack', 'connections', 'shared', 'frames', 'bytes'] as const)
    sum[name] += part[name];
  for (const [name, count] of Object.entries(part.mutations)) increase(sum.mutations, name, count);
  for (const [name, count] of Object.entries(part.signatures)) countSignature(sum, name, count);
  sum.digest = addDigests(sum.digest, part.digest);
}

export function countSignature(tally: Tally, signature: string, count = 1): void {
  const isKnown = Object.hasOwn(tally.signatures, signature);
  const isFull = !isKnown && Object.keys(tally.signatures).length >= MOST_SIGNATURES;
  increase(tally.signatures, isFull ? OTHER : signature, count);
}

export function increase(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}
