/** Freedoms of policy: a server that rejects some legal tasks, by what they hold or by what came before them (S7). */

import { setTimeout as delay } from 'node:timers/promises';
import type { SubmitRequest } from '../../../reference/index.ts';
import type { ConformingVariant } from '../server/mutant.ts';
import { type Replacement, rejection } from '../server/pipeline.ts';

/** The scenarios in which a server accepts tasks, and one of each kind in which it does not. */
const SUBMITS = [
  'submit/*',
  'json/unknown-o*',
  'json/missing-*',
  'json/null-*',
  'json/escape-*',
  'json/comment-*',
  'frame/coalesced*',
  'frame/truncated-p*',
  'store/*',
  'transport/*-in-turn',
  'transport/8-at-once',
  'transport/beside-half-*',
  'status/then-submit',
  'results/then-submit',
];

/** Rejects the tasks for which `isRefused` holds. It is created once for a server, and is not called again for a task. */
function rejects(create: () => (request: SubmitRequest) => boolean): Replacement {
  return ({ submit }) => {
    const isRefused = create();
    return {
      submit: async (request) =>
        isRefused(request) ? rejection(request.taskId, 'refused by policy') : await submit(request),
    };
  };
}

/** How many tasks the server accepts in how many milliseconds. */
const RATE = { tasks: 100, ms: 10_000 };
const INBOX = { tasks: 40, ms: 60_000 };

/** Rejects a task if the server has accepted `tasks` tasks in the last `ms` milliseconds. */
function limits({ tasks, ms }: typeof RATE): Replacement {
  return ({ submit }, { timeScale }) => {
    let open = 0;
    return {
      submit: async (request) => {
        if (open >= tasks) return rejection(request.taskId, 'too many tasks');
        open += 1;
        const answer = await submit(request);
        if (answer?.status !== 200) open -= 1;
        else void delay(ms / timeScale, undefined, { ref: false }).then(() => (open -= 1));
        return answer;
      },
    };
  };
}

/** Rejects the tasks that are not from this address. */
function acceptsFrom(address: string): Replacement {
  return rejects(
    () =>
      ({ fromAddr }) =>
        fromAddr !== address,
  );
}

export const selective: readonly ConformingVariant[] = [
  {
    name: 'rate-limited',
    clause: 'S7',
    freedom: 'The server accepts 100 tasks, rejects all others, and begins again after 10 seconds.',
    touches: SUBMITS,
    does: ({ submit }) => {
      let window = 0;
      let count = 0;
      return {
        submit: async (request) => {
          if (Date.now() >= window + RATE.ms) {
            window = Date.now();
            count = 0;
          }
          count += 1;
          return count > RATE.tasks ? rejection(request.taskId, 'too many tasks') : await submit(request);
        },
      };
    },
  },
  {
    name: 'rate-limited-at-any-time',
    clause: 'S7',
    freedom: 'The server rejects a task when it has accepted 100 in the last 10 seconds.',
    touches: SUBMITS,
    does: limits(RATE),
  },
  {
    name: 'inbox-of-40',
    clause: 'S7',
    freedom: 'The server rejects a task while 40 tasks are NEW, which is for a minute.',
    touches: SUBMITS,
    does: limits(INBOX),
  },
  {
    name: 'descriptions-once',
    clause: 'S7',
    freedom: 'The server rejects a task whose description it has accepted before.',
    touches: SUBMITS,
    does: rejects(() => {
      const seen = new Set<string>();
      return ({ taskDescription }) => seen.size === seen.add(taskDescription).size;
    }),
  },
  {
    name: 'rejects-blank-descriptions',
    clause: 'S7',
    freedom: 'The server rejects a task whose description is empty or white space.',
    touches: SUBMITS,
    does: rejects(
      () =>
        ({ taskDescription }) =>
          taskDescription.trim() === '',
    ),
  },
  {
    name: 'rejects-long-descriptions',
    clause: 'S7',
    freedom: 'The server rejects a task whose description has more than 16 000 bytes.',
    touches: SUBMITS,
    does: rejects(
      () =>
        ({ taskDescription }) =>
          Buffer.byteLength(taskDescription) > 16_000,
    ),
    // The server shows no difference between a description at the bound and one over it.
    leavesOpen: ['submit/description-*'],
  },
  {
    name: 'allow-list',
    clause: 'S7',
    freedom: 'The server rejects every task that is not from the address of the kit.',
    touches: SUBMITS,
    does: acceptsFrom('0:0000.0000.0001'),
  },
  {
    name: 'allow-list-of-other-addresses',
    clause: 'S7',
    freedom: 'The server rejects every task that is not from an address that the user names.',
    touches: SUBMITS,
    does: acceptsFrom('0:0000.0000.00AA'),
    addresses: { from: '0:0000.0000.00AA', to: '0:0000.0000.00BB' },
  },
];
