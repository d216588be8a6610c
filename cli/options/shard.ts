/** Parts of the catalogue, so that several machines share one run. */

import { createHash } from 'node:crypto';
import { wrong } from './options.ts';

export interface Shard {
  /** From 1 to `of`, inclusive. */
  readonly index: number;
  readonly of: number;
}

/** Reads `2/5`. Throws UsageError. */
export function parseShard(text: string): Shard {
  const [, index, of] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined)
    throw wrong('--shard', `${JSON.stringify(text)} is not of the form 2/5: the second part of five`);
  if (of < 1) throw wrong('--shard', `${text}: there are no parts; the second number is 1 or more`);
  if (index < 1 || index > of)
    throw wrong('--shard', `${text}: there is no part ${index} of ${of}; parts are 1/${of} to ${of}/${of}`);
  return { index, of };
}

/** Depends only on the id, so that a new scenario leaves all others in their shards. */
export function isInShard(id: string, { index, of }: Shard): boolean {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % of === index - 1;
}
