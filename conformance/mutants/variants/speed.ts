/** Freedoms of speed: servers that are slow, serve one SUBMIT after another, or stop at times (S8, T3). */

import { setTimeout as delay } from 'node:timers/promises';
import type { ConformingVariant } from '../server/mutant.ts';
import type { Replacement } from '../server/pipeline.ts';
import { delaysAnswers } from '../server/replacements.ts';

const EXCHANGES = [
  'submit/a*',
  'submit/status',
  'submit/same-id-twice',
  'submit/description-at-cap*',
  'submit/malformed-*',
  'json/comment-*',
  'json/escape*',
  'json/unknown-o*',
  'frame/coalesced*',
  'frame/length-over-*',
  'frame/split-*',
  'frame/truncated-*',
  'transport/20-in-turn',
  'transport/8-at-once',
  'transport/beside-*',
  'status/then-submit',
  'results/then-submit',
  'results/store-t*',
  'store/submitted-*',
  'store/nothing-*',
];
/** A selection for servers on which each exchange takes long. */
const FEW = [
  'submit/answered-once',
  'submit/answer-*',
  'submit/malformed-t*',
  'json/comment-*',
  'frame/coalesced',
  'frame/split-inside-*',
  'frame/truncated-payload-*',
  'transport/8-at-once',
  'transport/beside-half-*',
  'status/then-submit',
  'results/store-text',
  'store/submitted-task-kept',
];

/** Uses the CPU for a time. */
function compute(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Handles SUBMITs one after another. */
function inTurn(ms: number): Replacement {
  return ({ submit }) => {
    let last: Promise<unknown> = Promise.resolve();
    return {
      submit: (request) => {
        const answer = last.then(() => delay(ms)).then(() => submit(request));
        last = answer.catch(() => {});
        return answer;
      },
    };
  };
}

export const speeds: readonly ConformingVariant[] = [
  {
    name: 'latency-480',
    clause: 'S8',
    freedom: 'The server delays each answer by 480 ms.',
    touches: FEW,
    does: delaysAnswers(480),
  },
  {
    name: 'latency-varies',
    clause: 'S8',
    freedom: 'The server delays each answer by 0 to 300 ms.',
    touches: EXCHANGES,
    does: ({ send }) => ({
      send: async (socket, bytes) => {
        await delay(300 * Math.random());
        await send(socket, bytes);
      },
    }),
  },
  {
    name: 'computes-in-turn',
    clause: 'S8',
    freedom:
      'The server answers after 480 ms, for 150 ms of which it uses its only thread, so that concurrent answers take longer.',
    touches: FEW,
    does: ({ send }) => ({
      send: async (socket, bytes) => {
        await delay(330);
        compute(150);
        await send(socket, bytes);
      },
    }),
    process: 'own',
    // Concurrent answers take more than a second.
    warns: ['submit/answer-within-1s'],
  },
  {
    name: 'submits-in-turn',
    clause: 'T3',
    freedom:
      'The server handles one SUBMIT after another, for 25 ms each. It reads from all connections concurrently.',
    touches: EXCHANGES,
    does: inTurn(25),
  },
  {
    name: 'stops-at-times',
    clause: 'S8',
    freedom: 'The server stops for 300 ms every second, as with a collector of garbage.',
    touches: EXCHANGES,
    does: (_, { repeat }) => {
      repeat(700, async () => compute(300));
      return {};
    },
    process: 'own',
  },
  {
    name: 'one-process-a-connection',
    clause: 'T3',
    freedom: 'The server starts a process for each connection.',
    touches: [
      'submit/answered-once',
      'submit/malformed-trailing-*',
      'frame/truncated-payload-half',
      'transport/beside-half-payload',
      'status/then-submit',
      'results/store-text',
      'store/submitted-task-kept',
    ],
    does: () => ({}),
    process: 'one-a-connection',
    // It starts hundreds of processes before it answers.
    warns: ['submit/answer-within-1s', 'transport/beside-many-*'],
  },
];

/** Freedoms of speed that the bench of the kit measures. */
export const latencies: readonly ConformingVariant[] = [
  {
    name: 'latency-200',
    clause: 'S8',
    freedom: 'The server delays each answer by 200 ms.',
    touches: FEW,
    does: delaysAnswers(200),
  },
  {
    name: 'latency-3000',
    clause: 'S8',
    freedom: 'The server delays each answer by 3 seconds.',
    touches: ['submit/answered-once', 'submit/answer-within-1s', 'status/then-submit'],
    does: delaysAnswers(3000),
    warns: ['submit/answer-within-1s'],
  },
];
