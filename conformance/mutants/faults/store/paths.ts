/** Servers that use task ids and filenames as paths (R5). */

import { posix } from 'node:path';
import { isAllowedResultFilename, isSafeFilename, isSafeTaskId } from '../../../../reference/index.ts';
import type { Mutant } from '../../server/mutant.ts';
import type { Replacement } from '../../server/pipeline.ts';
import { storesResult, storesUnsafeTaskAt } from '../../server/store-effects.ts';

/**
 * Stores a result file whose name is no safe one at the path that `pathOf` derives from it. If that returns undefined, the
 * result is ignored.
 */
function storesFileAt(pathOf: (filename: string, taskId: string) => string | undefined): Replacement {
  return (correct, environment) => {
    const unsafe = storesResult(
      (stored, { taskId, filename = '' }) => {
        const path = pathOf(filename, taskId);
        return path === undefined ? undefined : { ...stored, path };
      },
      ['name', 'extension', 'file'],
    )(correct, environment);
    return {
      results: async (message) => {
        const { resultType, filename = '' } = message;
        const isPath = filename.includes('/') || isAllowedResultFilename(filename);
        const isUnsafe = resultType === 'file' && isPath && !isSafeFilename(filename);
        return await ((isUnsafe && unsafe.results) || correct.results)(message);
      },
    };
  };
}

/** Uses what `convert` makes of a filename as a path, unless `checked` has a slash. */
function storesConverted(
  convert: (filename: string) => string,
  checked: (filename: string) => string = (filename) => filename,
): Replacement {
  return storesFileAt((filename, taskId) =>
    checked(filename).includes('/') ? undefined : inResults(convert(filename), taskId),
  );
}

/** The beginning of a filename that a shell expands to the home of the user. */
const HOME = /^(~|\$HOME)\//;

/** The path of a result file, if the filename is taken for a path in the folder of results. */
function inResults(filename: string, taskId: string): string {
  const path = posix.join(posix.dirname(filename), `${taskId}_${posix.basename(filename)}`);
  return filename.startsWith('/') ? path : `results/${path}`;
}

/**
 * Writes the task file of an update whose id is no safe name of a file, and for which `isTaken` holds, at the path that `pathOf`
 * derives from the id.
 */
function storesUnsafeUpdateAt(
  pathOf: (taskId: string) => string,
  isTaken: (taskId: string) => boolean = () => true,
): Replacement {
  return ({ update }, { writeFile }) => ({
    update: async (message) => {
      const { taskId, status } = message;
      if (isSafeTaskId(taskId) || !isTaken(taskId)) return await update(message);
      await writeFile(pathOf(taskId), JSON.stringify({ task_id: taskId, status }));
      return undefined;
    },
  });
}

/** Bytes of a name that a file system does not take, with what is added to it. */
const LONGEST_NAME = 250;

/** Stands for an overlong form of a slash until the filename is used. */
const OVERLONG_SLASH = '\ue000';

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
    breaks: storesFileAt(inResults),
  },
  {
    name: 'filename-behind-id-is-path',
    clause: 'R5',
    fault: 'The server appends the unchecked filename to the task id in a path.',
    fails: ['results/filename-other-task-file', 'results/filename-far-up', 'results/filename-behind-folder'],
    breaks: storesFileAt((filename, taskId) => `results/${taskId}_${filename}`),
  },
  {
    name: 'filename-in-windows',
    clause: 'R5',
    fault: 'The server interprets backslashes and drive letters in a filename.',
    fails: ['results/filename-backslash', 'results/filename-drive-letter', 'results/filename-unc'],
    breaks: storesConverted((filename) => filename.replaceAll('\\', '/').replace(/^[A-Z]:/, '')),
  },
  {
    name: 'filename-from-url',
    clause: 'R5',
    fault: 'The server decodes URL escapes in a filename.',
    fails: ['results/filename-url-encoded'],
    breaks: storesConverted(decodeURIComponent),
  },
  {
    name: 'filename-composed',
    clause: 'R5',
    fault: 'The server normalises a filename to NFKC after it has checked it for separators.',
    fails: ['results/filename-full-width-slash'],
    breaks: storesConverted((filename) => filename.normalize('NFKC')),
  },
  {
    name: 'filename-by-shell',
    clause: 'R5',
    fault: 'The server expands ~ and $HOME in a filename, as a shell does.',
    fails: ['results/filename-tilde', 'results/filename-variable'],
    breaks: storesConverted(
      (filename) => filename.replace(HOME, '/home/'),
      (filename) => filename.replace(HOME, ''),
    ),
  },
  {
    name: 'overlong-slashes',
    clause: 'R5',
    fault: 'The server decodes overlong UTF-8 forms of a slash in a filename.',
    fails: ['results/filename-overlong-slash'],
    breaks: (correct, environment) => ({
      ...storesConverted((filename) => filename.replaceAll(OVERLONG_SLASH, '/'))(correct, environment),
      parse: (frame) => {
        const latin = Buffer.from(frame.payload).toString('latin1');
        return correct.parse({
          ...frame,
          payload: Buffer.from(
            latin.replaceAll('\u00c0\u00af', Buffer.from(OVERLONG_SLASH).toString('latin1')),
            'latin1',
          ),
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
      'results/store-file*',
      'results/store-text*',
    ],
    breaks: storesResult(
      (stored, { taskId, filename = 'result.txt' }) => ({
        ...stored,
        path: `${taskId}_${filename.replaceAll('\0', '').slice(-150)}`,
      }),
      ['name', 'file'],
    ),
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
    breaks: storesUnsafeTaskAt(
      (taskId) => `received/${taskId}.json`,
      (taskId) => Buffer.byteLength(taskId) < LONGEST_NAME && !taskId.includes('\0'),
    ),
  },
  {
    name: 'submit-id-cut-at-nul',
    clause: 'R5',
    fault: 'The server ends a path at a NUL in the task id of a SUBMIT.',
    fails: ['store/id-nul'],
    breaks: storesUnsafeTaskAt(
      (taskId) => `received/${taskId}.json`.replace(/\0.*$/s, ''),
      (taskId) => taskId.includes('\0'),
    ),
  },
  {
    name: 'submit-id-absolute',
    clause: 'R5',
    fault: 'The server treats a task id that begins with a slash as an absolute path.',
    fails: ['store/id-absolute'],
    breaks: storesUnsafeTaskAt(
      (taskId) => `${taskId}.json`,
      (taskId) => taskId.startsWith('/'),
    ),
  },
  {
    name: 'result-id-is-path',
    clause: 'R5',
    fault: 'The server uses the unchecked task id of a SEND_RESULTS in a path.',
    fails: ['results/id-parent', 'results/id-received'],
    breaks: storesResult((stored) => stored, ['id', 'task']),
  },
  {
    name: 'result-id-cleaned',
    clause: 'R5',
    fault:
      'The server replaces illegal characters in the task id of a SEND_RESULTS and creates a task for it.',
    fails: ['results/id-*'],
    breaks: ({ results }, { writeFile }) => ({
      results: async (message) => {
        const { taskId } = message;
        if (isSafeTaskId(taskId)) return await results(message);
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
    breaks: storesUnsafeUpdateAt((taskId) => `submitted/${taskId}.json`),
  },
  {
    name: 'update-id-cut-at-nul',
    clause: 'R5',
    fault: 'The server ends a path at a NUL in the task id of a STATUS_UPDATE.',
    fails: ['status/store-id-nul-behind'],
    breaks: storesUnsafeUpdateAt(
      (taskId) => `submitted/${taskId}.json`.replace(/\0.*$/s, ''),
      (taskId) => taskId.includes('\0'),
    ),
  },
  {
    name: 'message-id-ends-at-nul',
    clause: 'R5',
    fault:
      'The server ends the task id of a STATUS_UPDATE or a SEND_RESULTS at a NUL before it looks for the task.',
    fails: ['status/store-id-nul', 'results/id-nul'],
    breaks: ({ update, results }) => ({
      update: (message) => update({ ...message, taskId: message.taskId.replace(/\0.*$/s, '') }),
      results: (message) => results({ ...message, taskId: message.taskId.replace(/\0.*$/s, '') }),
    }),
  },
  {
    name: 'update-id-in-windows',
    clause: 'R5',
    fault: 'The server interprets backslashes in the task id of a STATUS_UPDATE as separators.',
    fails: ['status/store-id-backslash'],
    breaks: storesUnsafeUpdateAt(
      (taskId) => `submitted/${taskId.replaceAll('\\', '/')}.json`,
      (taskId) => taskId.includes('\\'),
    ),
  },
  {
    name: 'update-id-cleaned',
    clause: 'R5',
    fault:
      'The server replaces illegal characters in the task id of a STATUS_UPDATE and creates a task for it.',
    fails: ['status/store-id-*', 'status/store-ignores-empty-id'],
    breaks: storesUnsafeUpdateAt((taskId) => `submitted/${sanitised(taskId)}.json`),
  },
];
