/** What the target does with frames that get no answer: whether it closes behind each, so that to keep one open is to hang. */

import type { Deadlines } from '../conformance/preflight.ts';
import type { Address } from '../conformance/transport.ts';
import { type Case, EXACT } from './case.ts';
import type { Habits } from './invariants.ts';
import { play } from './play.ts';

const SAMPLES: readonly (readonly [type: number, payload: string])[] = [
  [1, '{"task_id":'],
  [2, '{"task_id":"a","status":200,"message":"a"}'],
  [3, '{"task_id":"a","status":"ACCEPTED","justification":"a"}'],
  [4, '{"task_id":"a","result_type":"text","result_text":"a","completed_at":""}'],
  [99, '{}'],
];

export async function measureHabits(address: Address, deadlines: Deadlines): Promise<Habits> {
  const value: Case = {
    arrangement: 'at-once',
    connections: SAMPLES.map(([type, payload]) => [
      { do: 'frame', type, declared: EXACT, payload: Buffer.from(payload) },
    ]),
  };
  const waits = { patienceMs: deadlines.answerMs, silenceMs: deadlines.quietMs, lingerMs: deadlines.quietMs };
  const played = await play(address, value, waits);
  return { closes: played.every(({ reply }) => reply.ending === 'fin' || reply.ending === 'reset') };
}
