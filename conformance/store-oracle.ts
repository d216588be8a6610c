/** What a store has to show, held against what it shows: two snapshots in, a mismatch in words out. Pure. */

import { type Bytes, render } from './bytes.ts';
import { type Json, readJson } from './json.ts';
import type { SeenFile, StoreSnapshot } from './observers/observer.ts';
import { printable } from './printable.ts';
import type { StoreCondition, StoreSide } from './scenario.ts';

type IdOf = (slot: number) => string;
type TaskCondition = Extract<StoreCondition, { kind: 'task' }>;

/** A condition as the end of a sentence "expected: …". */
export function describeCondition(condition: StoreCondition): string {
  switch (condition.kind) {
    case 'unchanged':
      return 'in the store, no file written, changed or removed';
    case 'task': {
      const fields = Object.entries(condition.fields).map(([name, value]) => `${name} ${shown(value)}`);
      const present = (condition.present ?? []).map((name) => `a ${name}`);
      return `in the store, ${condition.side}/<task_id>.json with ${[...fields, ...present].join(', ')}`;
    }
    case 'result-file':
      return `in the store, a result file with the bytes that were sent`;
    case 'only-task':
      return `in the store, no other file touched than ${condition.side}/<task_id>.json${condition.results ? ' and those of results/' : ''}`;
  }
}

/** Undefined if the condition holds; otherwise one line that says how it does not, for a report. */
export function judgeStore(
  condition: StoreCondition,
  before: StoreSnapshot,
  after: StoreSnapshot,
  idOf: IdOf,
): string | undefined {
  switch (condition.kind) {
    case 'unchanged':
      return touched(before, after, () => false);
    case 'only-task': {
      const own = taskPath(after.store, condition.side, idOf(condition.taskId.slot));
      const results = `${after.store}/results/`;
      return touched(
        before,
        after,
        (path) => path === own || (condition.results && path.startsWith(results)),
      );
    }
    case 'task':
      return judgeTask(condition, after, idOf);
    case 'result-file': {
      const path = resultPath(after.store, condition.name, idOf);
      const file = after.files.get(path);
      if (file === undefined) return `the store has no ${printable(path)}`;
      return holds(file, condition.bytes, idOf) ? undefined : `${printable(path)} has other bytes`;
    }
  }
}

/** The files that a condition is about, if it is about certain ones. */
export function pathsOf(condition: StoreCondition, store: string, idOf: IdOf): string[] {
  switch (condition.kind) {
    case 'task':
      return [taskPath(store, condition.side, idOf(condition.taskId.slot))];
    case 'result-file':
      return [resultPath(store, condition.name, idOf)];
    case 'unchanged':
    case 'only-task':
      return [];
  }
}

/**
 * The first file that differs between the snapshots, unless it may. Dot-folders of the store are its own affair, and so
 * are dot-files that are gone: a temporary file was being written when the first snapshot was taken.
 */
function touched(
  before: StoreSnapshot,
  after: StoreSnapshot,
  mayBe: (path: string) => boolean,
): string | undefined {
  const isOwn = (path: string): boolean => path.startsWith(`${after.store}/.`) || mayBe(path);
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    const [was, is] = [before.files.get(path), after.files.get(path)];
    if (was?.digest === is?.digest || isOwn(path)) continue;
    if (is === undefined && path.includes('/.')) continue;
    const what = was === undefined ? 'written' : is === undefined ? 'removed' : 'changed';
    return `the file ${printable(path)} was ${what}`;
  }
  return undefined;
}

function judgeTask(
  condition: TaskCondition,
  { store, files }: StoreSnapshot,
  idOf: IdOf,
): string | undefined {
  const path = taskPath(store, condition.side, idOf(condition.taskId.slot));
  const bytes = files.get(path)?.bytes;
  if (bytes === undefined) return `the store has no ${printable(path)}`;
  const reading = readJson(Buffer.from(bytes).toString());
  if ('problem' in reading || reading.value.type !== 'object') return `${printable(path)} is no JSON object`;
  const { members } = reading.value;
  for (const [name, wanted] of Object.entries(condition.fields)) {
    const is = plain(members.get(name));
    if (is !== wanted) return `the stored task's ${name} is ${shown(is)}`;
  }
  const missing = condition.present?.find((name) => (plain(members.get(name)) ?? '') === '');
  return missing === undefined ? undefined : `the stored task has no ${missing}`;
}

function taskPath(store: string, side: StoreSide, id: string): string {
  return `${store}/${side}/${id}.json`;
}

function resultPath(store: string, name: Bytes, idOf: IdOf): string {
  return `${store}/results/${Buffer.from(render(name, idOf)).toString()}`;
}

function holds(file: SeenFile, bytes: Bytes, idOf: IdOf): boolean {
  const wanted = render(bytes, idOf);
  return file.bytes === undefined
    ? file.sizeBytes === wanted.length
    : Buffer.compare(file.bytes, wanted) === 0;
}

/** A string or a number as itself, anything else as undefined. */
function plain(json: Json | undefined): string | number | undefined {
  if (json?.type === 'string') return json.value;
  return json?.type === 'number' ? Number(json.text) : undefined;
}

function shown(value: string | number | undefined): string {
  return value === undefined ? 'missing' : printable(JSON.stringify(value), 80);
}
