/** Plays a whole case, and tells what became of each of its connections. */

import type { Address } from '../../conformance/wire/transport.ts';
import type { Case } from '../case/case.ts';
import { readSent, type Sent } from '../case/sent.ts';
import { converse, type Waits } from './exchange.ts';
import { type Played, readPlayed } from './reply.ts';

/** Plays all connections, side by side or in turn. Rejects only with an ExhaustedError. */
export async function play(address: Address, value: Case, waits: Waits): Promise<readonly Played[]> {
  const one = async (index: number): Promise<Played> => {
    const conversation = value.connections[index] ?? [];
    const sent: Sent = readSent(conversation);
    return readPlayed(sent, await converse(address, conversation, sent, waits));
  };
  if (value.arrangement === 'at-once' || value.connections.length === 1)
    return Promise.all(value.connections.map((_, index) => one(index)));
  const played: Played[] = [];
  for (const index of value.connections.keys()) {
    played.push(await one(index));
    if (played.at(-1)?.reply.ending === 'refused') break;
  }
  return played;
}
