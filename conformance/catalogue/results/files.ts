/** Names of result files: extensions that are allowed or not (R4), and names that are paths (R5). */

import {
  type Bytes,
  concat,
  fileResult,
  quoted,
  repeat,
  string,
  taskId,
  text,
  textResult,
} from '../../scenario/bytes.ts';
import type { Level, Planted, Scenario, StoreCondition } from '../../scenario/scenario.ts';
import { NOT_ANSWERED, send } from '../../scenario/steps.ts';
import { ANSWERED } from '../submit/answer.ts';
import { STORED_FILE } from './kept.ts';

const TASK = taskId();
const DUE: Planted = { side: 'submitted', taskId: TASK, status: 'COMPLETED' };
/** A task that is over, so that its receiver has no reason to touch it. */
const OTHER: Planted = { side: 'received', taskId: taskId(2), status: 'DECLINED' };
const DATA = text('Forty-two');

const ALLOWED =
  'md txt rtf docx pdf pptx pth pt onnx h5 pb ckpt safetensors bin csv parquet xlsx xls jpg jpeg png svg gif webp';
const FORBIDDEN =
  'go py js ts java c cpp h hpp rs rb php swift kt scala sh bash zsh ps1 bat cmd sql r lua pl pm ex exs clj hs ml fs cs vb dart';

function keeps(name: string, level: Level, filename: string, requirement: string): Scenario {
  return {
    id: `results/${name}`,
    clause: 'R6',
    level,
    requirement,
    steps: [send(fileResult({ filename: string(filename) }))],
    accept: NOT_ANSWERED,
    control: ANSWERED,
    planted: [DUE],
    store: [{ kind: 'result-file', name: concat(TASK, text(`_${filename}`)), bytes: DATA }],
    likelyCause: 'The list of allowed extensions is not the documented one, or is compared otherwise.',
  };
}

const kept: readonly Scenario[] = [
  ...ALLOWED.split(' ').map((extension) =>
    keeps(
      `extension-${extension}-kept`,
      'MUST',
      `result.${extension}`,
      `A file whose name ends in .${extension} is allowed, and kept.`,
    ),
  ),
  // A receiver may be choosier about names than the lists are (R5).
  keeps(
    'extension-upper-case-kept',
    'SHOULD',
    'RESULT.TXT',
    'Extensions are compared in lower case, so .TXT is allowed.',
  ),
  keeps(
    'extension-last-one-counts',
    'SHOULD',
    'main.go.txt',
    'Only what follows the last dot counts, so .go.txt is allowed.',
  ),
  keeps(
    'filename-with-spaces-kept',
    'SHOULD',
    'my result.txt',
    'A filename with a space in it is a name like any other.',
  ),
];

/** Names whose extension is in no list of allowed ones, but that are no paths. */
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

/** An extension that is refused leaves nothing but the task itself, whose status may tell of the refusal. */
const refused: readonly Scenario[] = REFUSED.map(
  ([name, filename]): Scenario => ({
    id: `results/extension-${name}-refused`,
    clause: 'R4',
    level: 'SHOULD',
    requirement: `A file named ${JSON.stringify(filename)} has no allowed extension, and is not kept.`,
    steps: [send(fileResult({ filename: string(filename) }))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    planted: [DUE],
    store: [{ kind: 'only-task', side: 'submitted', taskId: TASK }],
    likelyCause: 'Extensions are checked when a file is sent, and not when one is received.',
  }),
);

/** A name that ends in .txt, so that no rule on extensions stops it, and bears the id, so that its traces are told apart. */
function named(prefix: string): Bytes {
  return concat(text(prefix), TASK, text('.txt'));
}

/** `lands` is where it leads to, if that is neither the store nor beside it. */
type Path = readonly [name: string, what: string, token: Bytes, lands?: Bytes];

/** File names that lead elsewhere. */
const PATHS: readonly Path[] = [
  ['parent', 'leads one folder up', named('../')],
  ['grandparent', 'leads out of the store', named('../../')],
  [
    'far-up',
    'leads many folders up',
    concat(repeat('../', 12), text('tmp/'), TASK, text('.txt')),
    named('/tmp/'),
  ],
  ['behind-folder', 'goes up from a folder that there is not', named('a/../../')],
  ['slash', 'has a slash', named('sub/')],
  ['slash-escaped', 'has an escaped slash', named('..\\/')],
  ['slash-unicode-escape', 'has a slash in hex', named('..\\u002f..\\u002f')],
  ['backslash', 'has backslashes', named('..\\\\..\\\\')],
  ['absolute', 'is an absolute path', named('/tmp/'), named('/tmp/')],
  ['drive-letter', 'begins with a drive letter', named('C:\\\\')],
  ['unc', 'is a path to another machine', named('\\\\\\\\localhost\\\\c$\\\\')],
  ['stream', 'names a stream of a file', named('result.txt:')],
  ['url-encoded', 'is encoded like a URL', named('..%2f..%2f')],
  [
    'overlong-slash',
    'has an overlong slash',
    concat(text('..'), { raw: Uint8Array.of(0xc0, 0xaf) }, TASK, text('.txt')),
  ],
  ['full-width-slash', 'has a full-width slash', named('..／..／')],
  ['nul', 'has a NUL before its extension', concat(TASK, text('.sh\\u0000.txt'))],
  ['line-break', 'has a line break', named('a\\n')],
  ['tilde', 'begins with a tilde', named('~/')],
  ['variable', 'holds a variable', named('$HOME/')],
  ['reserved', 'is the name of a device', text('CON.txt')],
  [
    'bytes-250',
    'is legal and 250 bytes long, too long behind an id for most file systems',
    concat(repeat('a', 246), text('.txt')),
  ],
  [
    'other-task-file',
    'is the path of the file of another task',
    concat(text('x/../../received/'), taskId(2), text('.json')),
  ],
  ['own-task-file', 'is the path of a task file', named('/../../submitted/')],
];

function untouched(lands: Bytes | undefined): readonly StoreCondition[] {
  return [
    { kind: 'only-task', side: 'submitted', taskId: TASK, folder: 'results' },
    ...(lands ? [{ kind: 'absent', path: lands } as const] : []),
  ];
}

const paths: readonly Scenario[] = PATHS.map(
  ([name, what, token, lands]): Scenario => ({
    id: `results/filename-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A filename that ${what} touches nothing outside results/ but the task of the message.`,
    steps: [send(fileResult({ filename: quoted(token) }))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    planted: [DUE, OTHER],
    store: untouched(lands),
    likelyCause: 'The filename of a message becomes part of a path as it is.',
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
  ['nul', 'has a NUL in it', concat(TASK, text('\\u0000x'))],
  ['empty', 'is empty', text('')],
  ['long', 'is longer than any file name', repeat('a', 5000)],
];

const ids: readonly Scenario[] = IDS.map(
  ([name, what, token, lands]): Scenario => ({
    id: `results/id-${name}`,
    clause: 'R5',
    level: 'MUST',
    requirement: `A task_id of a result that ${what} touches nothing outside results/ but the task that it names.`,
    steps: [send(textResult({ task_id: quoted(token) }))],
    accept: NOT_ANSWERED,
    control: STORED_FILE,
    planted: [DUE, OTHER],
    store: untouched(lands),
    likelyCause: 'The task_id of a message becomes part of a path as it is.',
  }),
);

export const resultsFiles: readonly Scenario[] = [...kept, ...refused, ...paths, ...ids];
