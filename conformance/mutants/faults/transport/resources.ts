/** Servers whose processes grow with idle or past connections (F5, T3). */

import { openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { replacesFramer } from '../../server/replacements.ts';

/** Allocates a quarter of the declared length when the header arrives, and frees it when `until` says. */
function allocates(until: 'it closes' | 'the process ends'): Replacement {
  const kept: Buffer[] = [];
  return replacesFramer((decoder, socket) => {
    let isAllocated = false;
    return {
      push: (chunk) => {
        decoder.push(chunk);
        if (isAllocated || chunk.length < 8) return;
        isAllocated = true;
        // The buffer is filled, because the system provides memory only when it is written to.
        const buffer = Buffer.alloc(Buffer.from(chunk).readUInt32BE(4) / 4, 1);
        if (until === 'the process ends') kept.push(buffer);
        else socket.once('close', () => buffer.fill(0));
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
    breaks: allocates('it closes'),
    ownProcess: true,
  },
  {
    name: 'declared-never-freed',
    clause: 'F5',
    fault: 'The server allocates a quarter of the declared length and never frees it.',
    fails: ['transport/memory-after-broken-peers'],
    breaks: allocates('the process ends'),
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
      const leaveThread = (): void => {
        count += 1;
        if (count % 5 === 0) new Worker('setInterval(() => {}, 1000)', { eval: true });
      };
      return {
        onConnectionError: leaveThread,
        refuse: (socket, error) => {
          leaveThread();
          correct.refuse(socket, error);
        },
      };
    },
    ownProcess: true,
  },
];
