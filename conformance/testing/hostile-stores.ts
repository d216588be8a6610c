/** What hostile servers do to their own store, to exhaust who reads it. The store has a folder `received` before. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where tasks of others are kept. */
function received(store: string): string {
  return join(store, 'received');
}

export function fillWithFiles(store: string, count: number): void {
  const folder = received(store);
  for (let nth = 0; nth < count; nth += 1) writeFileSync(join(folder, `${nth}.json`), '{}');
}

/** A file without content that takes no room on the disk. */
export function fillWithSpace(store: string, mebibytes: number): void {
  sparse(join(received(store), 'large.json'), mebibytes);
}

function sparse(file: string, mebibytes: number): void {
  writeFileSync(file, '');
  truncateSync(file, mebibytes * 1024 * 1024);
}

/** May be deeper than a path can name. */
export function fillDeeply(store: string, folders: number): void {
  const script = `for (let n = 0; n < ${folders}; n += 1) { fs.mkdirSync('deep'); process.chdir('deep'); }`;
  execFileSync(process.execPath, ['-e', script], { cwd: received(store) });
}

export function fillWithOddFiles(store: string): void {
  const folder = received(store);
  execFileSync('mkfifo', [join(folder, 'fifo.json')]);
  symlinkSync('nothing', join(folder, 'dangling.json'));
  symlinkSync('circle.json', join(folder, 'circle.json'));
  symlinkSync('/', join(folder, 'root'));
  symlinkSync('/dev/zero', join(folder, 'zero.json'));
  mkdirSync(join(folder, 'folder.json'));
  for (const name of ['\u001b[2J.json', 'a\nb.json', 'x'.repeat(255), '\u202e.json'])
    writeFileSync(join(folder, name), '\u001b[2J');
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe)]), '{}');
  writeFileSync(join(folder, 'unreadable.json'), '{}', { mode: 0 });
}

/** Adds a file of this size, without content, each time. */
export function growing(mebibytes: number): (store: string) => void {
  let count = 0;
  return (store) => {
    count += 1;
    sparse(join(received(store), `${count}.json`), mebibytes);
  };
}

export function replacing(store: string): void {
  rmSync(store, { recursive: true, force: true });
  mkdirSync(received(store), { recursive: true });
}
