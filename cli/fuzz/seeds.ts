/** The seed inputs that come with the kit: its corpus, and what the test vectors put on the wire. */

import { fileURLToPath } from 'node:url';
import { packageFile } from '../../conformance/util/package-file.ts';
import type { MessageName, Run } from '../../conformance/vectors/build/vector.ts';
import { expandedSize, expandHex, payloadBytes, vectorFile } from '../../conformance/vectors/load.ts';
import { type Case, type ConnectionActions, EXACT } from '../../fuzz/case/case.ts';
import { actionsOf } from '../../fuzz/case/sent.ts';
import { readCorpus } from './corpus.ts';

// Two folders up from this file in the sources, three in dist/.
const CORPUS = fileURLToPath(packageFile('fixtures/corpus'));

/** What is on the wire as the payload of a frame; the others are parts of it, or files. */
const TYPES: Partial<Readonly<Record<MessageName, number>>> = {
  SubmitRequest: 1,
  SubmitResponse: 2,
  TaskStatusUpdate: 3,
  TaskResultMessage: 4,
};
/** Vectors at the caps of the protocol are for a run of the catalogue: as seed inputs they cost more than they bring. */
const LONGEST_SEED = 64 * 1024;

export async function readDefaultCorpus(): Promise<Case[]> {
  return [...(await readCorpus(CORPUS)), ...vectorCases()];
}

function vectorCases(): Case[] {
  const conversations: ConnectionActions[] = [];
  const add = (runs: string | readonly Run[]): void => {
    if (expandedSize(runs) <= LONGEST_SEED) conversations.push(actionsOf(expandHex(runs)));
  };
  for (const vector of vectorFile('vectors/frames').vectors)
    add('stream_hex' in vector ? vector.stream_hex : vector.stream_runs);
  for (const vector of vectorFile('vectors/encode').vectors)
    add('frame_hex' in vector ? vector.frame_hex : vector.frame_runs);
  for (const vector of vectorFile('vectors/decode').vectors) {
    const type = TYPES[vector.message];
    const size = expandedSize('payload_hex' in vector ? vector.payload_hex : vector.payload_runs);
    if (type !== undefined && size <= LONGEST_SEED)
      conversations.push([{ do: 'frame', type, declared: EXACT, payload: payloadBytes(vector) }]);
  }
  return conversations.map((actions) => ({ arrangement: 'at-once', connections: [actions] }));
}
