/** Freedoms of the store: where a server stores tasks, and what it stores of results (S9, R5, R7, M10). */

import { randomBytes } from 'node:crypto';
import type { ConformingVariant } from '../server/mutant.ts';
import { acceptance } from '../server/pipeline.ts';
import { refusesText } from '../server/replacements.ts';

export const keeping: readonly ConformingVariant[] = [
  {
    name: 'tasks-in-memory',
    clause: 'S9',
    freedom: 'The server stores its tasks in memory.',
    touches: ['status/*', 'results/*', 'store/*', 'submit/a*'],
    does: () => ({
      submit: async ({ taskId }) => acceptance(taskId),
      update: async () => undefined,
      results: async () => undefined,
    }),
    withoutStore: true,
  },
  {
    name: 'files-beside-tasks',
    clause: 'S9',
    freedom: 'The server stores other files in a hidden folder of the store.',
    touches: ['store/*'],
    does: ({ submit }, { writeFile }) => ({
      submit: async (request) => {
        await writeFile('.index/tasks', randomBytes(16));
        const answer = await submit(request);
        await writeFile('.index/last', randomBytes(16));
        return answer;
      },
    }),
  },
  {
    name: 'files-choosier',
    clause: 'R5',
    freedom:
      'The server ignores a result whose filename has other characters than ASCII letters, digits, dots, dashes, spaces and underscores.',
    touches: ['results/filename-*', 'results/extension-*', 'results/store-file*'],
    does: ({ results }) => ({
      results: async (message) =>
        /^[\w .-]*$/.test(message.filename ?? '') ? await results(message) : undefined,
    }),
  },
  {
    name: 'times-not-kept',
    clause: 'R7',
    freedom: 'The server does not store the times of a result.',
    touches: ['results/store-t*', 'results/store-f*'],
    does: ({ results }) => ({
      results: async ({ timeIdleMs: _idle, timeStagedMs: _staged, timeCpuMs: _cpu, ...message }) =>
        await results(message),
    }),
  },
  {
    name: 'base64-by-the-letter',
    clause: 'M10',
    freedom: 'The server refuses base64 with line breaks or stray bits, and arrays of bytes.',
    touches: ['results/store-*base64-*'],
    does: refusesText((text) => /"file_data":(\[|"[^"]*\\r|"YR==)/.test(text)),
  },
];
