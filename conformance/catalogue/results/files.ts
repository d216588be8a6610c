/** Names of result files: allowed and forbidden extensions (R4, R6), and names that are paths (R5). */

import {
  ALLOWED_EXTENSIONS,
  type Bytes,
  base64,
  concat,
  repeat,
  taskId,
  text,
} from '../../scenario/bytes.ts';
import { fileResult, quoted, string, textResult } from '../../scenario/messages.ts';
import { FILE_CHANGED } from '../../scenario/mismatch-kind.ts';
import type { Level } from '../../scenario/requirement.ts';
import type { PreloadedTask, Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';
import { DATA, STORED_FILE } from './kept.ts';

const TASK = taskId();
const DUE: PreloadedTask = { side: 'submitted', taskId: TASK, status: 'COMPLETED' };
/** A task in a final state, so that its receiver has no reason to change it. */
const OTHER: PreloadedTask = { side: 'received', taskId: taskId(2), status: 'DECLINED' };
/** A file that is recognised wherever it is, since it holds a task id. */
const MARKED = concat(text('Forty-two '), TASK);

/** A result with the marked file. */
function markedFile(filename: Bytes): Bytes {
  return fileResult({ filename: quoted(filename), file_data: quoted(base64(MARKED)) });
}

const FORBIDDEN =
  'go py js ts java c cpp h hpp rs rb php swift kt scala sh bash zsh ps1 bat cmd sql r lua pl pm ex exs clj hs ml fs cs vb dart';

function stores(name: string, level: Level, filename: string, requirement: string, cause: string): Scenario {
  return {
    id: `results/${name}`,
    clause: 'R6',
    level,
    requirement,
    steps: [send(fileResult({ filename: string(filename) }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    preloaded: [DUE],
    store: [{ kind: 'result-file', name: concat(TASK, text(`_${filename}`)), bytes: DATA }],
    likely: [{ when: ['result file missing'], cause }],
  };
}

const stored: readonly Scenario[] = [
  ...ALLOWED_EXTENSIONS.map((dotted) => dotted.slice(1)).map((extension) =>
    stores(
      `extension-${extension}-kept`,
      // A receiver may refuse more names than the lists do (R6), so the others are not a MUST.
      extension === 'txt' ? 'MUST' : 'SHOULD',
      `result.${extension}`,
      `A receiver stores a file whose name ends in .${extension}, an allowed extension.`,
      'The list of allowed extensions differs from the documented list.',
    ),
  ),
  stores(
    'extension-upper-case-kept',
    'SHOULD',
    'RESULT.TXT',
    'A receiver compares extensions in lower case, and stores a file named "RESULT.TXT".',
    'The extension is compared without conversion to lower case.',
  ),
  stores(
    'extension-last-one-counts',
    'SHOULD',
    'main.go.txt',
    'A receiver compares only the extension from the last dot on, and stores a file named "main.go.txt".',
    'The extension is taken from the first dot, or every dotted part of the name is compared.',
  ),
  stores(
    'filename-with-spaces-kept',
    'SHOULD',
    'my result.txt',
    'A receiver stores a file whose filename contains a space.',
    'The filename is refused or changed because of its space.',
  ),
];

/** Filenames without an allowed extension, none of which is a path. */
const REFUSED: readonly (readonly [name: string, filename: string])[] = [
  ...FORBIDDEN.split(' ').map((extension) => [extension, `main.${extension}`] as const),
  ['upper-case', 'MAIN.PY'],
  ['capital-r', 'model.R'],
  ['unknown', 'result.xyz'],
  ['exe', 'result.exe'],
  ['html', 'result.html'],
  ['none', 'result'],
  ['dot-only', 'result.'],
  ['double', 'report.txt.sh'],
  ['allowed-in-front', 'txt.result'],
  ['dotfile', '.bashrc'],
  ['trailing-space', 'result.txt '],
  ['trailing-dot', 'result.txt.'],
  ['full-width-dot', 'result\uff0etxt'],
];

/** A refused file is not stored. Only the file of the task may change, since its status may report the refusal. */
const refused: readonly Scenario[] = REFUSED.map(
  ([name, filename]): Scenario => ({
    id: `results/extension-${name}-refused`,
    clause: 'R4',
    level: 'SHOULD',
    requirement: `A receiver does not store a file named ${JSON.stringify(filename)}, which has no allowed extension.`,
    steps: [send(markedFile(text(filename)))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    preloaded: [DUE],
    store: [{ kind: 'only-task', side: 'submitted', taskId: TASK, data: MARKED }],
    likely: [
      {
        when: FILE_CHANGED,
        cause:
          'The extension of a received file is not checked, or is compared with other lists or in another way.',
      },
    ],
  }),
);

/**
 * A filename with the prefix, the task id and `.txt`: the extension is allowed, and the id shows which scenario wrote a
 * file.
 */
function named(prefix: string): Bytes {
  return concat(text(prefix), TASK, text('.txt'));
}

/** `destination` is the path that it leads to, if that is not in the store or in the parent folder of the store. */
type Path = readonly [name: string, what: string, token: Bytes, destination?: Bytes];

/** Filenames that are paths, or that some systems treat specially. */
const PATHS: readonly Path[] = [
  ['parent', 'leads one folder up', named('../')],
  ['grandparent', 'leads out of the store', named('../../')],
  [
    'far-up',
    'leads many folders up and then into /tmp',
    concat(repeat('../', 12), text('tmp/'), TASK, text('.txt')),
    named('/tmp/'),
  ],
  ['behind-folder', 'leads up from a folder that does not exist', named('a/../../')],
  ['slash', 'contains a slash', named('sub/')],
  ['slash-escaped', 'contains an escaped slash', named('..\\/')],
  ['slash-unicode-escape', 'contains slashes written as \\u002f', named('..\\u002f..\\u002f')],
  ['backslash', 'contains backslashes', named('..\\\\..\\\\')],
  ['absolute', 'is an absolute path', named('/tmp/'), named('/tmp/')],
  ['drive-letter', 'begins with a drive letter', named('C:\\\\')],
  ['unc', 'is a network path (UNC)', named('\\\\\\\\localhost\\\\c$\\\\')],
  ['stream', 'names an alternate data stream of a file', named('result.txt:')],
  ['url-encoded', 'contains URL-encoded slashes', named('..%2f..%2f')],
  [
    'overlong-slash',
    'contains a slash in overlong UTF-8',
    concat(text('..'), { raw: Uint8Array.of(0xc0, 0xaf) }, TASK, text('.txt')),
  ],
  ['full-width-slash', 'contains full-width slashes', named('..／..／')],
  ['nul', 'contains a NUL before its extension', concat(TASK, text('.sh\\u0000.txt'))],
  ['line-break', 'contains a line break', named('a\\n')],
  ['tilde', 'begins with a tilde', named('~/')],
  ['variable', 'contains an environment variable', named('$HOME/')],
  ['reserved', 'is a reserved device name', text('CON.txt')],
  [
    'bytes-250',
    'is 250 bytes long, which is too long after a task id for most file systems',
    concat(repeat('a', 246), text('.txt')),
  ],
  [
    'other-task-file',
    'leads to the file of another task',
    concat(text('x/../../received/'), taskId(2), text('.json')),
  ],
  ['own-task-file', 'leads to the folder of submitted tasks', named('/../../submitted/')],
];

function untouched(destination: Bytes | undefined): readonly StoreCondition[] {
  return [
    { kind: 'only-task', side: 'submitted', taskId: TASK, folder: 'results', data: MARKED },
    ...(destination ? [{ kind: 'absent', path: destination } as const] : []),
  ];
}

const paths: readonly Scenario[] = PATHS.map(
  ([name, what, token, destination]): Scenario => ({
    id: `results/filename-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A receiver changes no file outside results/ except that of the task, after a SEND_RESULTS whose filename ${what}.`,
    steps: [send(markedFile(token))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    preloaded: [DUE, OTHER],
    store: untouched(destination),
    likely: [
      { when: FILE_CHANGED, cause: 'The filename of a message is joined into a path without a check.' },
    ],
  }),
);

const IDS: readonly Path[] = [
  ['parent', 'leads out of its folder', concat(text('../'), TASK)],
  ['received', 'leads to a received task', concat(text('../received/'), taskId(2))],
  [
    'absolute',
    'is an absolute path',
    concat(text('/tmp/'), TASK),
    concat(text('/tmp/'), TASK, text('_result.txt')),
  ],
  ['nul', 'contains a NUL', concat(TASK, text('\\u0000x'))],
  ['empty', 'is empty', text('')],
  ['long', 'is longer than any file name', concat(taskId(3), repeat('a', 5000))],
];

const ids: readonly Scenario[] = IDS.map(
  ([name, what, token, destination]): Scenario => ({
    id: `results/id-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A receiver changes no file outside results/ except that of the task, after a SEND_RESULTS whose task_id ${what}.`,
    steps: [send(textResult({ task_id: quoted(token), result_text: quoted(MARKED) }))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    preloaded: [DUE, OTHER],
    // The message is of another task, so that of the preloaded file keeps its status.
    store: [
      ...untouched(destination),
      { kind: 'task', side: 'submitted', taskId: TASK, fields: { status: DUE.status } },
    ],
    storeAt: { afterMs: 200 },
    // A file of an empty id can be without any task id.
    ...(name === 'empty' && { alone: true }),
    likely: [
      {
        when: [...FILE_CHANGED, 'stored status'],
        cause: 'The task_id of a message is joined into a path without a check.',
      },
    ],
  }),
);

export const resultsFiles: readonly Scenario[] = [...stored, ...refused, ...paths, ...ids];
