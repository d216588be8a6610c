/** Servers that lose an accepted task when their process is killed (S9). */

import type { Mutant } from '../../server/mutant.ts';
import { acceptance } from '../../server/pipeline.ts';

const FLUSH_MS = 2000;

export const durability: readonly Mutant[] = [
  {
    name: 'tasks-flushed-late',
    clause: 'S9',
    fault: 'The server accepts a task in memory, and writes it to the store two seconds later.',
    fails: ['store/kept-after-kill'],
    breaks: ({ submit }) => ({
      submit: async (request) => {
        setTimeout(() => void submit(request), FLUSH_MS);
        return acceptance(request.taskId);
      },
    }),
    ownProcess: true,
  },
];
