/** Servers whose processes grow with peers that are idle or gone (F5, T3). */

import { openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { replacesFramer } from '../../server/replacements.ts';

/** Sets a quarter of a declared length aside when the header has come, and `keeps` it for so long. */
function allocates(keeps: 'until it closes' | 'for ever'): Replacement {
  const kept: Buffer[] = [];
  return replacesFramer((decoder, socket) => {
    let isAside = false;
    return {
      push: (chunk) => {
        decoder.push(chunk);
        if (isAside || chunk.length < 8) return;
        isAside = true;
        // Filled, because the system gives memory only to whoever writes to it.
        const aside = Buffer.alloc(Buffer.from(chunk).readUInt32BE(4) / 4, 1);
        if (keeps === 'for ever') kept.push(aside);
        else socket.once('close', () => aside.fill(0));
      },
    };
  });
}

export const resources: readonly Mutant[] = [
  {
    name: 'declared-set-aside',
    clause: 'F5',
    fault: 'The server allocates a quarter of the declared length before the payload arrives.',
    fails: ['transport/memory-of-idle-peers'],
    breaks: allocates('until it closes'),
    ownProcess: true,
  },
  {
    name: 'declared-never-freed',
    clause: 'F5',
    fault: 'The server allocates a quarter of the declared length and never frees it.',
    fails: ['transport/memory-after-broken-peers'],
    breaks: allocates('for ever'),
    ownProcess: true,
  },
  {
    name: 'peers-remembered',
    clause: 'T3',
    fault: 'The server never frees the 512 KiB of buffers that it allocates for each connection.',
    fails: ['transport/memory-of-past-peers'],
    breaks: () => {
      const kept: Buffer[] = [];
      return {
        open: async () => {
          kept.push(Buffer.alloc(512 * 1024, 1));
        },
      };
    },
    ownProcess: true,
  },
  {
    name: 'files-left-open',
    clause: 'T3',
    fault: 'The server opens a file for each task and never closes it.',
    fails: ['transport/descriptors-of-past-peers'],
    breaks: ({ submit }) => ({
      submit: async (request) => {
        openSync(import.meta.filename, 'r');
        return await submit(request);
      },
    }),
    ownProcess: true,
  },
  {
    name: 'threads-left-waiting',
    clause: 'T3',
    fault: 'The server leaves a thread running after every fifth frame that is cut off.',
    fails: ['transport/threads-of-past-peers'],
    breaks: (correct) => {
      let count = 0;
      const waits = (): void => {
        count += 1;
        if (count % 5 === 0) new Worker('setInterval(() => {}, 1000)', { eval: true });
      };
      return {
        onConnectionError: waits,
        refuse: (socket, error) => {
          waits();
          correct.refuse(socket, error);
        },
      };
    },
    ownProcess: true,
  },
];
