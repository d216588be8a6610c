/** Servers that use task ids and filenames as paths (R5). */

import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { storesResult, storesTaskAt } from '../../server/store-effects.ts';

/** Stores a result file at the path that `pathOf` derives from its name. */
function storesFileAt(pathOf: (filename: string, taskId: string) => string): Replacement {
  return storesResult((stored, { taskId, filename = '' }) => ({ ...stored, path: pathOf(filename, taskId) }));
}

/** Writes the task file of an update at the path that `pathOf` derives from the task id. */
function storesUpdateAt(pathOf: (taskId: string) => string): Replacement {
  return (_, { writeFile }) => ({
    update: async ({ taskId, status }) => {
      await writeFile(pathOf(taskId), JSON.stringify({ task_id: taskId, status }));
      return undefined;
    },
  });
}

/** Turns any text into a file name by replacing illegal characters. */
function sanitised(name: string): string {
  return name.replace(/[^\w.-]/g, '_').slice(0, 200);
}

export const filenamePaths: readonly Mutant[] = [
  {
    name: 'filename-is-path',
    clause: 'R5',
    fault: 'The server uses the filename as a path relative to the results folder.',
    fails: [
      'results/filename-parent',
      'results/filename-grandparent',
      'results/filename-far-up',
      'results/filename-behind-folder',
      'results/filename-slash-escaped',
      'results/filename-slash-unicode-escape',
      'results/filename-absolute',
    ],
    breaks: (_, { writeFile }) => ({
      results: async ({ filename = '', fileData = Buffer.alloc(0) }) => {
        await writeFile(filename.startsWith('/') ? filename : `results/${filename}`, fileData);
        return undefined;
      },
    }),
  },
  {
    name: 'filename-behind-id-is-path',
    clause: 'R5',
    fault: 'The server appends the unchecked filename to the task id in a path.',
    fails: ['results/filename-other-task-file', 'results/filename-far-up'],
    breaks: storesFileAt((filename, taskId) => `results/${taskId}_${filename}`),
  },
  {
    name: 'filename-in-windows',
    clause: 'R5',
    fault: 'The server interprets backslashes and drive letters in a filename.',
    fails: ['results/filename-backslash', 'results/filename-drive-letter', 'results/filename-unc'],
    breaks: storesFileAt((filename) => {
      const path = filename.replaceAll('\\', '/').replace(/^[A-Z]:/, '');
      return path.startsWith('/') ? path : `results/${path}`;
    }),
  },
  {
    name: 'filename-from-url',
    clause: 'R5',
    fault: 'The server decodes URL escapes in a filename.',
    fails: ['results/filename-url-encoded'],
    breaks: storesFileAt((filename) => `results/${decodeURIComponent(filename)}`),
  },
  {
    name: 'filename-composed',
    clause: 'R5',
    fault: 'The server normalises a filename to NFKC after it has checked it for separators.',
    fails: ['results/filename-full-width-slash'],
    breaks: storesFileAt((filename) => `results/${filename.normalize('NFKC')}`),
  },
  {
    name: 'filename-by-shell',
    clause: 'R5',
    fault: 'The server expands ~ and $HOME in a filename, as a shell does.',
    fails: ['results/filename-tilde', 'results/filename-variable'],
    breaks: storesFileAt((filename) => filename.replace(/^(~|\$HOME)/, '/home')),
  },
  {
    name: 'overlong-slashes',
    clause: 'R5',
    fault: 'The server decodes overlong UTF-8 forms of a slash in a filename.',
    fails: ['results/filename-overlong-slash'],
    breaks: (correct, environment) => ({
      ...storesFileAt((filename) => `results/${filename}`)(correct, environment),
      parse: (frame) => {
        const latin = Buffer.from(frame.payload).toString('latin1');
        return correct.parse({
          ...frame,
          payload: Buffer.from(latin.replaceAll('\u00c0\u00af', '/'), 'latin1'),
        });
      },
    }),
  },
  {
    name: 'results-beside-the-folder',
    clause: 'R5',
    fault: 'The server stores results in the root of the store instead of results/.',
    fails: [
      'results/filename-slash',
      'results/filename-nul',
      'results/filename-line-break',
      'results/filename-stream',
      'results/filename-reserved',
      'results/filename-bytes-250',
      'results/filename-own-task-file',
      'results/filename-parent',
      'results/store-file',
    ],
    breaks: storesResult((stored, { taskId, filename = '' }) => ({
      ...stored,
      path: `${taskId}_${filename.replaceAll('\0', '').slice(-150)}`,
    })),
  },
];

export const taskIdPaths: readonly Mutant[] = [
  {
    name: 'submit-id-is-path',
    clause: 'R5',
    fault: 'The server uses the unchecked task id of a SUBMIT in a path.',
    fails: [
      'store/id-parent',
      'store/id-submitted',
      'store/id-above',
      'store/id-behind-folder',
      'store/id-slash-*escape*',
      'store/id-other-task',
    ],
    breaks: storesTaskAt((taskId) => `received/${taskId}.json`),
  },
  {
    name: 'submit-id-cut-at-nul',
    clause: 'R5',
    fault: 'The server ends a path at a NUL in the task id of a SUBMIT.',
    fails: ['store/id-nul'],
    breaks: storesTaskAt((taskId) => `received/${taskId}.json`.replace(/\0.*$/s, '')),
  },
  {
    name: 'submit-id-absolute',
    clause: 'R5',
    fault: 'The server treats a task id that begins with a slash as an absolute path.',
    fails: ['store/id-absolute'],
    breaks: storesTaskAt((taskId) => (taskId.startsWith('/') ? `${taskId}.json` : `received/${taskId}.json`)),
  },
  {
    name: 'result-id-is-path',
    clause: 'R5',
    fault: 'The server uses the unchecked task id of a SEND_RESULTS in a path.',
    fails: ['results/id-parent', 'results/id-received'],
    breaks: storesResult((stored) => stored),
  },
  {
    name: 'result-id-cleaned',
    clause: 'R5',
    fault:
      'The server replaces illegal characters in the task id of a SEND_RESULTS and creates a task for it.',
    fails: ['results/id-*'],
    breaks: (_, { writeFile }) => ({
      results: async ({ taskId }) => {
        await writeFile(`submitted/${sanitised(taskId)}.json`, '{}');
        return undefined;
      },
    }),
  },
  {
    name: 'update-id-is-path',
    clause: 'R5',
    fault: 'The server uses the unchecked task id of a STATUS_UPDATE in a path.',
    fails: ['status/store-id-received', 'status/store-id-above'],
    breaks: storesUpdateAt((taskId) => `submitted/${taskId}.json`),
  },
  {
    name: 'update-id-cut-at-nul',
    clause: 'R5',
    fault: 'The server ends a path at a NUL in the task id of a STATUS_UPDATE.',
    fails: ['status/store-id-nul-behind'],
    breaks: storesUpdateAt((taskId) => `submitted/${taskId}.json`.replace(/\0.*$/s, '')),
  },
  {
    name: 'update-id-in-windows',
    clause: 'R5',
    fault: 'The server interprets backslashes in the task id of a STATUS_UPDATE as separators.',
    fails: ['status/store-id-backslash'],
    breaks: storesUpdateAt((taskId) => `submitted/${taskId.replaceAll('\\', '/')}.json`),
  },
  {
    name: 'update-id-cleaned',
    clause: 'R5',
    fault:
      'The server replaces illegal characters in the task id of a STATUS_UPDATE and creates a task for it.',
    fails: ['status/store-id-*', 'status/store-ignores-empty-id'],
    breaks: storesUpdateAt((taskId) => `submitted/${sanitised(taskId)}.json`),
  },
];
