/** Snapshots of stores that were never read, for tests of what is judged in them. */

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { FileSnapshot, StoreSnapshot } from '../observers/observer.ts';

/** A plain file, with some properties replaced. */
export function file(content: string | Uint8Array, type: FileSnapshot['type'] = 'file'): FileSnapshot {
  const bytes = Buffer.from(content);
  const digest = createHash('sha256').update(bytes).digest('hex');
  return { type, sizeBytes: bytes.length, digest, bytes, mode: 0o600 };
}

export type Tree = Readonly<Record<string, string | FileSnapshot>>;

export function snapshot(tree: Tree): StoreSnapshot {
  const seen = Object.entries(tree).map(([path, content]): [string, FileSnapshot] => [
    path,
    typeof content === 'string' ? file(content) : content,
  ]);
  return { store: 'store', files: new Map(seen) };
}

/** Some files in and next to a store. */
export const trees = fc.dictionary(
  fc.constantFrom(
    'store/received/a.json',
    'store/submitted/id-1.json',
    'store/results/id-1_x.txt',
    'outside.txt',
  ),
  fc.oneof(fc.constantFrom('', 'a', 'b'), fc.constant(file('a', 'link'))),
);

export function differ(before: Tree, after: Tree, path: string): boolean {
  return JSON.stringify(before[path]) !== JSON.stringify(after[path]);
}
