/** Servers on which connections disturb each other (T3). */

import { setTimeout as delay } from 'node:timers/promises';
import { FrameDecoder } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import { acceptance, type Replacement } from '../../server/pipeline.ts';
import { closed, delaysAnswers } from '../../server/replacements.ts';

/** Serves up to `count` connections at a time. Further ones wait until one of those has closed. */
function limitsPeers(count: number): Replacement {
  return () => {
    const waiting: (() => void)[] = [];
    let free = count;
    return {
      maxFrames: Number.POSITIVE_INFINITY,
      open: async (socket) => {
        const gone = closed(socket);
        if (free === 0) await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), gone]);
        else free -= 1;
        void gone.then(() => {
          const next = waiting.shift();
          if (next === undefined) free += 1;
          else next();
        });
      },
    };
  };
}

/** Closes new connections as soon as `isUsedUp` returns true. */
function closesWhen(isUsedUp: () => boolean): ReturnType<Replacement> {
  return {
    open: async (socket) => {
      if (isUsedUp()) socket.destroy();
    },
  };
}

const NEXT_TO_UNFINISHED = [
  'transport/beside-silent',
  'transport/beside-half-header',
  'transport/beside-header-only',
  'transport/beside-declared-16-mib',
  'transport/beside-half-payload',
];

export const concurrency: readonly Mutant[] = [
  {
    name: 'one-at-a-time',
    clause: 'T3',
    fault: 'The server serves one connection at a time: the next one waits until it has closed.',
    fails: [...NEXT_TO_UNFINISHED, 'transport/beside-answered'],
    alone: true,
    breaks: limitsPeers(1),
  },
  {
    name: 'four-workers',
    clause: 'T3',
    fault: 'The server serves four connections at a time: each occupies a worker until it closes.',
    fails: [...NEXT_TO_UNFINISHED, 'transport/beside-answered', 'transport/beside-many-*'],
    alone: true,
    breaks: limitsPeers(4),
  },
  {
    name: 'peers-32-at-most',
    clause: 'T3',
    fault: 'The server closes every connection beyond 32 that are open at a time.',
    fails: ['transport/beside-many-*', 'transport/64-at-once'],
    alone: true,
    breaks: (correct, environment) => {
      let peers = 0;
      return {
        ...delaysAnswers(50)(correct, environment),
        open: async (socket) => {
          peers += 1;
          socket.once('close', () => {
            peers -= 1;
          });
          if (peers > 32) socket.destroy();
        },
      };
    },
  },
  {
    name: 'peers-24-ever',
    clause: 'T3',
    fault:
      'The server never frees the resources of a connection, and closes every connection after the 24th.',
    fails: ['transport/20-in-turn', 'transport/100-half-closed-in-turn', 'transport/64-at-once'],
    alone: true,
    breaks: () => {
      let left = 24;
      return {
        open: async (socket) => {
          left -= 1;
          if (left < 0) socket.destroy();
        },
      };
    },
  },
  {
    name: 'half-closed-lost',
    clause: 'T3',
    fault: 'The server loses one of 50 workers for each connection that the peer half-closes.',
    fails: ['transport/100-half-closed-in-turn'],
    alone: true,
    breaks: () => {
      let left = 50;
      return {
        open: async (socket) => {
          socket.once('end', () => {
            left -= 1;
          });
          if (left < 0) socket.destroy();
        },
      };
    },
  },
  {
    name: 'broken-lost',
    clause: 'T3',
    fault: 'The server loses one of four workers for each connection that ends or is reset inside a frame.',
    fails: ['transport/beside-reset', 'transport/beside-half-closed', 'transport/reset-in-*'],
    alone: true,
    breaks: () => {
      let left = 4;
      return {
        ...closesWhen(() => left <= 0),
        onConnectionError: ({ served, bytes }) => {
          if (served === 0 && bytes > 0) left -= 1;
        },
        refuse: (socket) => {
          left -= 1;
          socket.destroy();
        },
      };
    },
  },
  {
    name: 'buffer-shared',
    clause: 'T3',
    fault: 'The server collects the bytes of all connections in one buffer.',
    fails: ['transport/interleaved-segments', 'transport/beside-half-*', 'transport/beside-header-only'],
    alone: true,
    breaks: () => {
      const shared = new FrameDecoder();
      return {
        framer: () => ({ push: (chunk) => shared.push(chunk), next: () => shared.next(), end: () => {} }),
      };
    },
  },
  {
    name: 'id-shared',
    clause: 'T3',
    fault: 'The server stores the task id for the next answer in one variable for all connections.',
    fails: ['transport/8-at-once', 'transport/64-at-once', 'transport/interleaved-segments'],
    alone: true,
    breaks: () => {
      let last = '';
      return {
        submit: async ({ taskId }) => {
          last = taskId;
          await delay(20);
          return acceptance(last);
        },
      };
    },
  },
];
