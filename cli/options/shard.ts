/** Parts of the catalogue, or of a campaign, so that several machines share one run. */

import { createHash } from 'node:crypto';
import type { Shard } from '../../conformance/report/record.ts';
import { wrong } from './options.ts';
import { shardOfEnvironment } from './shard-environment.ts';

/** The most parts, inclusive: what the number of digits permits. */
export const MAX_SHARDS = 999_999;

/** Reads `2/5`, and `auto` from the environment of the engine that started this process. Throws UsageError. */
export function parseShard(text: string, env: NodeJS.ProcessEnv = process.env): Shard {
  if (text === 'auto') return shardOfEnvironment(env, MAX_SHARDS);
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
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
