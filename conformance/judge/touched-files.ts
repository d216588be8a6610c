/**
 * The files of the store that differ between two snapshots: which of them an attempt can have touched, and which of these it
 * may not have. Pure.
 */

import { createHash } from 'node:crypto';
import type { FileSnapshot, StoreSnapshot } from '../observers/observer.ts';
import { readJson } from '../payload/json.ts';
import { render } from '../scenario/bytes.ts';
import type { Scenario, StoreCondition } from '../scenario/scenario.ts';
import { printable } from '../util/printable.ts';
import { TASK_ID } from '../util/task-id.ts';
import { decodeUtf8, isSameText } from '../util/utf8.ts';
import { type Mismatch, mismatch } from './mismatch.ts';

export type IdOf = (slot: number) => string;

/** The task ids of one attempt: by slot, and all that were used so far. */
export interface Ids {
  readonly of: IdOf;
  readonly own: ReadonlySet<string>;
}

/** A task id anywhere in a path. */
const HAS_TASK_ID = new RegExp(TASK_ID);
/** A path in a folder of a store, after the name of the store. */
const IN_FOLDER = /^\/(?:received|submitted|results)\//;

/**
 * Those of the paths that this attempt can have touched. All others belong to concurrent attempts, to earlier runs whose tasks
 * time out, to the target itself, or to another program.
 */
export function relevantPaths(
  paths: Iterable<string>,
  before: StoreSnapshot,
  after: StoreSnapshot,
  { store: conditions = [], alone = false }: Pick<Scenario, 'store' | 'alone'>,
  ids: Ids,
): ReadonlySet<string> {
  const data = payloadOf(conditions, ids.of).map(digestOf);
  const own = [...ids.own];
  const isRelevant = (path: string): boolean => {
    if (own.some((id) => path.includes(id))) return true;
    if (data.length === 0 && !alone) return false;
    const is = after.files.get(path);
    if (is === undefined) return false;
    if (data.includes(is.digest)) return true;
    const isInFolder = path.startsWith(after.store) && IN_FOLDER.test(path.slice(after.store.length));
    return alone && !before.files.has(path) && isInFolder && !HAS_TASK_ID.test(path);
  };
  const relevant = new Set<string>();
  for (const path of paths) if (isRelevant(path)) relevant.add(path);
  return relevant;
}

/** The paths of files that are not the same in both snapshots. Most files are: a snapshot keeps what it knows of them. */
export function changedPaths(before: StoreSnapshot, after: StoreSnapshot): string[] {
  const changed: string[] = [];
  for (const [path, file] of after.files) if (before.files.get(path) !== file) changed.push(path);
  for (const path of before.files.keys()) if (!after.files.has(path)) changed.push(path);
  return changed;
}

/** The data of the conditions: what the message carried, which no other file of the store may be. */
export function payloadOf(conditions: readonly StoreCondition[], idOf: IdOf): readonly Uint8Array[] {
  return conditions.flatMap((condition) =>
    'data' in condition && condition.data ? [render(condition.data, idOf)] : [],
  );
}

/**
 * Whether a file is one of the other files that a store may have, such as indexes, logs and locks (section 7): it is outside the
 * folders of tasks and results, or a dot-file or a lock in one of them, and is no copy of the payload.
 */
export function isOtherFile(
  path: string,
  file: FileSnapshot | undefined,
  store: string,
  payload: readonly Uint8Array[],
): boolean {
  if (!path.startsWith(`${store}/`)) return false;
  const within = path.slice(store.length);
  // A server may prepare any file in a hidden folder.
  if (within.startsWith('/.')) return true;
  // The task file of an id that begins with a dot is no dot-file.
  const isHidden = within.includes('/.') && !within.endsWith('.json');
  const isOther = !IN_FOLDER.test(within) || isHidden || within.endsWith('.lock');
  return isOther && !(file !== undefined && payload.some((bytes) => isCopy(file, bytes)));
}

/** Whether the file is the payload, or a JSON object with the payload as the text of a member, as a task file is. */
export function isCopy({ digest, bytes }: FileSnapshot, payload: Uint8Array): boolean {
  if (digest === digestOf(payload)) return true;
  const [text, wanted] = [bytes && decodeUtf8(bytes), decodeUtf8(payload)];
  const json = text === undefined ? undefined : readJson(text);
  if (wanted === undefined || json === undefined || 'problem' in json || json.value.type !== 'object')
    return false;
  return [...json.value.members.values()].some(
    (member) => member.type === 'string' && isSameText(member.value, wanted),
  );
}

/** The first file that differs between the snapshots, is none of the other files of a store, and is not permitted to. */
export function touched(
  before: StoreSnapshot,
  after: StoreSnapshot,
  payload: readonly Uint8Array[],
  isPermitted: (path: string, file: FileSnapshot | undefined) => boolean,
): Mismatch | undefined {
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    const [was, is] = [before.files.get(path), after.files.get(path)];
    if ((was?.digest === is?.digest && was?.type === is?.type) || isPermitted(path, is)) continue;
    if (isOtherFile(path, is, after.store, payload)) continue;
    // A temporary file can exist in the first snapshot.
    if (is === undefined && path.includes('/.')) continue;
    const what = was === undefined ? 'written' : is === undefined ? 'removed' : 'changed';
    const isOutside = !path.startsWith(`${after.store}/`);
    return mismatch(isOutside ? 'file escaped' : 'file touched', `the file ${printable(path)} was ${what}`);
  }
  return undefined;
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
