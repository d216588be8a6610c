/** Servers whose processes grow with idle or past connections (F5, T3). */

import { openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { MAX_PAYLOAD_BYTES } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { replacesFramer } from '../../server/replacements.ts';

interface Allocation {
  /** When the memory is freed. Default: when the connection closes. */
  readonly until?: 'the process ends';
  /** Which part of the declared length. Default 4: a quarter. */
  readonly divisor?: number;
  /** How many peers declare 16 MiB before it is allocated for the others. Default 0. */
  readonly afterPeers?: number;
  readonly delayMs?: number;
}

/** Allocates a part of the declared length when the header arrives. */
function allocates({ until, divisor = 4, afterPeers = 0, delayMs = 0 }: Allocation = {}): Replacement {
  const kept: Buffer[] = [];
  let peers = 0;
  return replacesFramer((decoder, socket) => {
    let isAllocated = false;
    return {
      push: (chunk) => {
        decoder.push(chunk);
        if (isAllocated || chunk.length < 8) return;
        isAllocated = true;
        const length = Buffer.from(chunk).readUInt32BE(4);
        if (length === MAX_PAYLOAD_BYTES) peers += 1;
        if (peers <= afterPeers) return;
        setTimeout(() => {
          // The buffer is filled, because the system provides memory only when it is written to.
          const buffer = Buffer.alloc(length / divisor, 1);
          if (until === 'the process ends') kept.push(buffer);
          else socket.once('close', () => buffer.fill(0));
        }, delayMs);
      },
    };
  });
}

export const resources: readonly Mutant[] = [
  {
    name: 'declared-set-aside',
    clause: 'F5',
    fault: 'The server allocates an eighth of the declared length before the payload arrives.',
    fails: ['transport/memory-of-idle-peers'],
    breaks: allocates({ divisor: 8 }),
    ownProcess: true,
  },
  {
    name: 'declared-set-aside-in-the-third-wave',
    clause: 'F5',
    fault: 'The server allocates an eighth of the declared length from the 201st peer on.',
    fails: ['transport/memory-of-idle-peers'],
    breaks: allocates({ divisor: 8, afterPeers: 200 }),
    ownProcess: true,
  },
  {
    name: 'declared-set-aside-late',
    clause: 'F5',
    fault: 'The server allocates an eighth of the declared length one second after the header.',
    fails: ['transport/memory-of-idle-peers'],
    breaks: allocates({ divisor: 8, delayMs: 1000 }),
    ownProcess: true,
  },
  {
    name: 'declared-never-freed',
    clause: 'F5',
    fault: 'The server allocates a quarter of the declared length and never frees it.',
    fails: ['transport/memory-after-broken-peers'],
    breaks: allocates({ until: 'the process ends' }),
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
