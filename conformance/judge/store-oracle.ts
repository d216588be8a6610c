/** Judges a condition on the store: two snapshots in, a mismatch out. Pure. */

import { isAbsolute } from 'node:path/posix';
import type { FileSnapshot, StoreSnapshot } from '../observers/observer.ts';
import { describeJsonProblem, type Json, readJson } from '../payload/json.ts';
import { type Bytes, render, size } from '../scenario/bytes.ts';
import type { FieldValue, StoreCondition, StoreSide } from '../scenario/scenario.ts';
import { counted } from '../util/counted.ts';
import { printable, printableBytes } from '../util/printable.ts';
import { decodeUtf8, isSameText } from '../util/utf8.ts';
import { type Mismatch, mismatch } from './mismatch.ts';
import { isEmpty, shown, taskProblem } from './task-fields.ts';
import { digestOf, type IdOf, isCopy, payloadOf, touched } from './touched-files.ts';

type TaskCondition = Extract<StoreCondition, { kind: 'task' }>;

/** A condition as the end of a sentence "expected: …". */
export function describeCondition(condition: StoreCondition): string {
  switch (condition.kind) {
    case 'unchanged':
      return 'in the store, no file of a task or a result written, changed or removed';
    case 'task': {
      const fields = Object.entries(condition.fields).map(
        ([name, values]) =>
          `${name} ${[values]
            .flat()
            .map((value) => JSON.stringify(textOf(value, nameOf)))
            .join(' or ')}`,
      );
      const present = (condition.present ?? []).map((name) => `a ${name}`);
      const empty = (condition.empty ?? []).map((name) => `no ${name}`);
      const mode = condition.isPrivate ? ['no permissions for others'] : [];
      return `in the store, ${condition.side}/${nameOf(condition.taskId.slot)}.json with ${[...fields, ...present, ...empty, ...mode].join(', ')}`;
    }
    case 'valid-task':
      return `in the store, a ${condition.side}/${nameOf(condition.taskId.slot)}.json whose documented fields are legal, created_at and status among them${condition.isDocumented ? ', and whose result_type is text, file or empty' : ''}`;
    case 'kept':
      return `in the store, a file that contains "${printableBytes(render(condition.bytes, nameOf), 60)}"`;
    case 'result-file': {
      const name = printableBytes(render(condition.name, nameOf));
      return `in the store, results/${name} with the ${counted(size(condition.bytes), 'byte that was', 'bytes that were')} sent`;
    }
    case 'only-task':
      return `in the store, no file of a task or a result touched other than ${condition.side}/${nameOf(condition.taskId.slot)}.json${condition.folder ? ` and those of ${condition.folder}/` : ''}`;
    case 'absent': {
      const path = printableBytes(render(condition.path, nameOf));
      return path.startsWith('/') ? `no file ${path}` : `in the store, no file ${path}`;
    }
  }
}

/** What stands for a task id in a description. */
function nameOf(slot: number): string {
  return slot === 1 ? '<task_id>' : '<other task_id>';
}

/** Undefined if the condition holds. */
export function judgeStore(
  condition: StoreCondition,
  before: StoreSnapshot,
  after: StoreSnapshot,
  idOf: IdOf,
): Mismatch | undefined {
  switch (condition.kind) {
    case 'unchanged':
      return touched(before, after, payloadOf([condition], idOf), () => false);
    case 'only-task': {
      // The target may keep a copy or a lock next to the task's file, such as <task_id>.json.bak.
      const own = `${after.store}/${condition.side}/${idOf(condition.taskId.slot)}.`;
      const folder = condition.folder && `${after.store}/${condition.folder}/`;
      const payload = payloadOf([condition], idOf);
      return touched(before, after, payload, (path, file) =>
        folder === undefined
          ? path.startsWith(own) && !payload.some((bytes) => file !== undefined && isCopy(file, bytes))
          : path.startsWith(own) || path.startsWith(folder),
      );
    }
    case 'absent': {
      const relative = rendered(condition.path, idOf);
      const path = isAbsolute(relative) ? relative : `${after.store}/${relative}`;
      const [was, is] = [before.files.get(path), after.files.get(path)];
      return is !== undefined && was?.digest !== is.digest
        ? mismatch('file escaped', `the file ${printable(path)} was written`)
        : undefined;
    }
    case 'task':
      return judgeTask(condition, after, idOf);
    case 'valid-task': {
      const path = taskPath(after.store, condition.side, idOf(condition.taskId.slot));
      const reading = readTask(after.files.get(path));
      if ('problem' in reading) return fileMismatch(reading, path);
      return taskProblem(reading.members, condition.isDocumented);
    }
    case 'kept': {
      const wanted = Buffer.from(render(condition.bytes, idOf));
      // Of a file that is too large to be read, nothing is known.
      const isKept = [...after.files].some(
        ([path, { bytes }]) =>
          path.startsWith(`${after.store}/`) &&
          (bytes === undefined || Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(wanted)),
      );
      return isKept
        ? undefined
        : mismatch('data not kept', `no file of the store contains "${printableBytes(wanted, 60)}"`);
    }
    case 'result-file': {
      const path = resultPath(after.store, condition.name, idOf);
      return judgeFile(path, after.files.get(path), render(condition.bytes, idOf));
    }
  }
}

/** The files of the store that a condition names. */
export function pathsOf(condition: StoreCondition, store: string, idOf: IdOf): string[] {
  switch (condition.kind) {
    case 'task':
    case 'valid-task':
      return [taskPath(store, condition.side, idOf(condition.taskId.slot))];
    case 'result-file':
      return [resultPath(store, condition.name, idOf)];
    case 'absent':
    case 'unchanged':
    case 'only-task':
    case 'kept':
      return [];
  }
}

/** The paths outside the store that conditions name. */
export function outsidePathsOf(conditions: readonly StoreCondition[], idOf: IdOf): string[] {
  return conditions
    .flatMap((condition) => (condition.kind === 'absent' ? [rendered(condition.path, idOf)] : []))
    .filter((path) => isAbsolute(path));
}

function rendered(bytes: Bytes, idOf: IdOf): string {
  return Buffer.from(render(bytes, idOf)).toString();
}

function judgeTask(
  condition: TaskCondition,
  { store, files }: StoreSnapshot,
  idOf: IdOf,
): Mismatch | undefined {
  const path = taskPath(store, condition.side, idOf(condition.taskId.slot));
  const reading = readTask(files.get(path));
  if ('problem' in reading) return fileMismatch(reading, path);
  for (const [name, wanted] of Object.entries(condition.fields)) {
    const is = reading.members.get(name);
    if (![wanted].flat().some((value) => equals(is, textOf(value, idOf))))
      return mismatch(`stored ${name}`, `the stored task's ${name} is ${shown(is)}`);
  }
  const filled = condition.empty?.find((name) => !isEmpty(reading.members.get(name)));
  if (filled !== undefined)
    return mismatch(
      `stored ${filled}`,
      `the stored task has a ${filled}: ${shown(reading.members.get(filled))}`,
    );
  if (condition.isPrivate && ((files.get(path)?.mode ?? 0) & OTHERS) !== 0)
    return mismatch('task file permissions', `${printable(path)} has permissions for others`);
  const missing = condition.present?.find((name) => isEmpty(reading.members.get(name)));
  return missing === undefined
    ? undefined
    : mismatch(`stored ${missing}`, `the stored task has no ${missing}`);
}

/** What is in the place of a task file, as the end of a sentence "the store has …". */
interface NoTask {
  readonly problem: string;
  readonly kind: 'task file missing' | 'task file unreadable';
}

function fileMismatch({ kind, problem }: NoTask, path: string): Mismatch {
  return mismatch(kind, `the store has ${problem} ${printable(path)}`);
}

/** The members of a task file, or what is in its place. */
function readTask(file: FileSnapshot | undefined): { readonly members: ReadonlyMap<string, Json> } | NoTask {
  if (file === undefined) return { kind: 'task file missing', problem: 'no' };
  const unreadable = (problem: string): NoTask => ({ kind: 'task file unreadable', problem });
  if (file.type !== 'file') return unreadable(`${OTHER_TYPES[file.type]} for`);
  if (file.bytes === undefined) return unreadable(`${file.sizeBytes} bytes, too many for a task, in`);
  const text = decodeUtf8(file.bytes);
  if (text === undefined) return unreadable('bytes that are not UTF-8 in');
  const json = readJson(text);
  if ('problem' in json) return unreadable(`text that is not JSON (${describeJsonProblem(json.problem)}) in`);
  if (json.value.type !== 'object') return unreadable(`a JSON ${json.value.type}, not an object, in`);
  return json.value;
}

/** Permission bits of the group and of all users. */
const OTHERS = 0o077;
const OTHER_TYPES = { link: 'a link', other: 'a pipe, socket or device' } as const;

function taskPath(store: string, side: StoreSide, id: string): string {
  return `${store}/${side}/${id}.json`;
}

function resultPath(store: string, name: Bytes, idOf: IdOf): string {
  return `${store}/results/${rendered(name, idOf)}`;
}

/** Compares by digest, because the bytes of a large file are not kept. */
function judgeFile(path: string, file: FileSnapshot | undefined, wanted: Uint8Array): Mismatch | undefined {
  const missing = (what: string) =>
    mismatch('result file missing', `the store has ${what} ${printable(path)}`);
  if (file === undefined) return missing('no');
  if (file.type !== 'file') return missing(`${OTHER_TYPES[file.type]} for`);
  if (file.digest === digestOf(wanted)) return undefined;
  const shownBytes = file.bytes === undefined ? '' : `: "${printableBytes(file.bytes, 60)}"`;
  return mismatch(
    'result file content',
    `${printable(path)} has ${counted(file.sizeBytes, 'byte that is', 'bytes that are')} not the ${wanted.length} that were sent${shownBytes}`,
  );
}

/** The value with its slots filled. */
function textOf(value: FieldValue, idOf: IdOf): string | number {
  return typeof value === 'object' ? rendered(value, idOf) : value;
}

/** A number equals only in the plain form of an integer (M9). */
function equals(json: Json | undefined, wanted: string | number): boolean {
  if (typeof wanted === 'string') return json?.type === 'string' && isSameText(json.value, wanted);
  return json?.type === 'number' && /^-?\d+$/.test(json.text) && Number(json.text) === wanted;
}
