import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, statSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { taskId } from '../scenario/bytes.ts';
import { MAX_KEPT_FILE_BYTES } from './observer.ts';
import { observeStore } from './store.ts';

const ID = '0b52cd9e-16ab-4e8a-0c37-b0a5d6a3a3c1';

/** For this clock, every file is old. */
const LATER = (): Date => new Date(Date.now() + 60_000);

/** A store with one task, in a folder with a log of the target. */
async function observed(t: Test, now?: () => Date) {
  const root = t.testdir({
    store: { received: { 'a.json': '{}' }, submitted: {}, results: {} },
    'target.log': 'x',
    'other-store': { received: {} },
  });
  const store = join(root, 'store');
  return { root, store, observer: await observeStore(store, now) };
}

t.test('a snapshot holds every file of the store', async (t) => {
  const { store, observer } = await observed(t);
  await mkdir(join(store, '.locks'));
  await writeFile(join(store, '.locks', 'lock'), '');
  const { store: name, files } = await observer.snapshot();
  t.equal(name, 'store');
  t.equal(observer.store, 'store');
  t.strictSame([...files.keys()].sort(), ['store/.locks/lock', 'store/received/a.json']);
  t.match(files.get('store/received/a.json'), { type: 'file', sizeBytes: 2, bytes: Buffer.from('{}') });
});

t.test('files that appear next to the store show; files that were there before do not', async (t) => {
  const { root, observer } = await observed(t);
  await writeFile(join(root, 'target.log'), 'more');
  await writeFile(join(root, 'other-store', 'received', 'b.json'), '{}');
  await writeFile(join(root, `${ID}.json`), '{}');
  await mkdir(join(root, 'escape', ID), { recursive: true });
  await writeFile(join(root, 'escape', ID, 'x'), '');
  t.strictSame([...(await observer.snapshot()).files.keys()].sort(), [
    `${ID}.json`,
    `escape/${ID}/x`,
    'store/received/a.json',
  ]);
  await rm(join(root, `${ID}.json`));
  t.notOk((await observer.snapshot()).files.has(`${ID}.json`));
});

t.test('what other programs write next to the store does not show', async (t) => {
  const { root, observer } = await observed(t);
  await writeFile(join(root, 'new.log'), `the id ${ID} was refused`);
  await mkdir(join(root, 'sibling', 'received'), { recursive: true });
  await writeFile(join(root, 'sibling', 'received', `${ID}.json`), '{}');
  await mkdir(join(root, 'deep', 'er', 'and', 'deeper'), { recursive: true });
  await writeFile(join(root, 'deep', 'er', 'and', 'deeper', ID), '');
  await mkdir(join(root, 'many'));
  for (let n = 0; n < 3000; n += 1) linkSync(join(root, 'new.log'), join(root, 'many', `${n}`));
  t.strictSame([...(await observer.snapshot()).files.keys()], ['store/received/a.json']);
});

t.test('only marked files outside the store are removed', async (t) => {
  const { root, store, observer } = await observed(t);
  const away = join(root, 'other-store');
  const kept = [join(store, ID), join(away, 'other'), join(root, 'target.log')];
  for (const path of [...kept, join(root, `${ID}.json`), join(away, `${ID}.txt`)]) await writeFile(path, '');
  await mkdir(join(away, `folder-${ID}`));
  await symlink(store, join(away, `link-${ID}`));
  await observer.removeOutside(
    [`${ID}.json`, join(away, 'x'), join(store, 'x'), join(root, 'no', 'x')],
    (name) => name.includes(ID),
  );
  t.strictSame((await readdir(away)).sort(), [`folder-${ID}`, `link-${ID}`, 'other', 'received']);
  t.strictSame((await readdir(root)).sort(), ['other-store', 'store', 'target.log']);
  t.ok((await readdir(store)).includes(ID));
});

t.test('what was preloaded is removed, and nothing else', async (t) => {
  const { root, store, observer } = await observed(t);
  const idOf = ({ slot }: { slot: number }): string => `${ID.slice(0, -1)}${slot}`;
  const preload = (slot: number, side: 'received' | 'submitted') =>
    observer.preload({ side, taskId: taskId(slot), status: 'NEW' }, idOf);
  await rm(join(store, 'submitted'), { recursive: true });
  await writeFile(join(store, 'received', 'own.json'), '{}');
  for (const slot of [1, 2, 3]) await preload(slot, 'received');
  await preload(4, 'submitted');
  const [first, second, third, fourth] = [1, 2, 3, 4].map((slot) => `${idOf({ slot })}.json`) as [
    ...[string, string, string, string],
  ];
  // The target writes one again, and puts a folder or nothing in the place of others.
  await writeFile(join(store, 'received', first), '{"status":"ACCEPTED"}');
  await rm(join(store, 'received', second));
  await mkdir(join(store, 'received', second));
  await rm(join(store, 'received', third));
  t.strictSame(await readdir(join(store, 'submitted')), [fourth]);
  t.strictSame(observer.removePreloaded(), []);
  t.strictSame((await readdir(join(store, 'received'))).sort(), ['a.json', second, 'own.json'].sort());
  t.notOk((await readdir(store)).includes('submitted'), 'the folder that the kit created');

  await preload(5, 'submitted');
  await rename(join(store, 'submitted'), join(root, 'moved'));
  await symlink(join(root, 'moved'), join(store, 'submitted'));
  observer.removePreloaded();
  t.equal((await readdir(join(root, 'moved'))).length, 1, 'no link is followed');
});

t.test('every change of a file shows in the next snapshot', async (t) => {
  const { store, observer } = await observed(t);
  const path = join(store, 'received', 'a.json');
  const look = async () => (await observer.snapshot()).files.get('store/received/a.json');
  let seen = await look();
  const steps: readonly (readonly [string, () => Promise<void>])[] = [
    ['written', () => writeFile(path, '[1]')],
    ['written with as many bytes', () => writeFile(path, '[2]')],
    ['replaced', () => writeFile(`${path}.new`, '[3]').then(() => rename(`${path}.new`, path))],
    ['cut', () => truncate(path, 1)],
    ['opened to others', () => chmod(path, 0o666)],
    ['replaced by a link', () => rm(path).then(() => symlink('target', path))],
    ['replaced by what the link says', () => rm(path).then(() => writeFile(path, 'target'))],
    ['removed', () => rm(path)],
  ];
  for (const [what, step] of steps) {
    await step();
    const after = await look();
    t.strictNotSame(after, seen, what);
    seen = after;
  }
});

t.test('an unchanged file is not read again, and a reset modification time hides no change', async (t) => {
  const { store, observer } = await observed(t, LATER);
  const path = join(store, 'received', 'a.json');
  const look = async () => (await observer.snapshot()).files.get('store/received/a.json');
  await utimes(path, 1, 1);
  const before = await look();
  t.equal(await look(), before);
  const { ctimeMs } = statSync(path);
  while (statSync(path).ctimeMs === ctimeMs) {
    await writeFile(path, '[]');
    await utimes(path, 1, 1);
  }
  t.strictSame((await look())?.bytes, Buffer.from('[]'));
});

t.test('`stat` returns only the given files', async (t) => {
  const { store, observer } = await observed(t);
  await writeFile(join(store, 'results', 'r.txt'), 'result');
  const paths = [
    'store/results/r.txt',
    'store/received/missing.json',
    'store/received',
    'store/received/a.json/x',
  ];
  const { store: name, files } = await observer.stat(paths);
  t.equal(name, 'store');
  t.strictSame([...files.keys()], ['store/results/r.txt']);
  await writeFile(join(store, 'results', 'r.txt'), 'RESULT');
  const again = await observer.stat(paths);
  t.strictSame(again.files.get('store/results/r.txt')?.bytes, Buffer.from('RESULT'));
});

t.test('concurrent calls share one snapshot', async (t) => {
  const { observer } = await observed(t);
  const [first, second] = await Promise.all([observer.snapshot(), observer.snapshot()]);
  t.equal(first, second);
  t.not(await observer.snapshot(), first);
});

t.test('links are not followed, pipes and sockets not opened', async (t) => {
  const { root, store, observer } = await observed(t);
  await symlink(join(root, 'nowhere'), join(store, 'dangling'));
  await symlink('.', join(store, 'circle'));
  await symlink(root, join(root, `escape-${ID}`));
  execFileSync('mkfifo', [join(store, 'received', 'pipe.json')]);
  const { files } = await observer.snapshot();
  t.match(files.get('store/dangling'), { type: 'link', bytes: Buffer.from(join(root, 'nowhere')) });
  t.match(files.get('store/circle'), { type: 'link', bytes: Buffer.from('.') });
  t.match(files.get(`escape-${ID}`), { type: 'link' });
  t.match(files.get('store/received/pipe.json'), { type: 'other', sizeBytes: 0 });
  t.equal(files.size, 5);
});

t.test('only the digest of a long file is kept', async (t) => {
  const { store, observer } = await observed(t);
  await writeFile(join(store, 'results', 'at'), Buffer.alloc(MAX_KEPT_FILE_BYTES));
  await writeFile(join(store, 'results', 'over'), Buffer.alloc(MAX_KEPT_FILE_BYTES + 1));
  const { files } = await observer.snapshot();
  t.equal(files.get('store/results/at')?.bytes?.length, MAX_KEPT_FILE_BYTES);
  t.equal(files.get('store/results/over')?.bytes, undefined);
  t.equal(files.get('store/results/over')?.sizeBytes, MAX_KEPT_FILE_BYTES + 1);
  t.match(files.get('store/results/over')?.digest, /^[0-9a-f]{64}$/);
});

/** What a target can do in its store so that it cannot be watched, and the error of a snapshot then. */
const FAULTS: readonly (readonly [what: string, code: string, act: (store: string) => Promise<void>])[] = [
  ['a large file', 'store-too-large', (store) => sparse(join(store, 'results', 'a'), 300)],
  [
    'files that are large together',
    'store-too-large',
    async (store) => {
      for (const name of ['a', 'b', 'c']) await sparse(join(store, 'results', name), 90);
    },
  ],
  [
    'files that are kept and large together',
    'store-too-large',
    async (store) => {
      for (let n = 0; n < 7; n += 1) await sparse(join(store, 'results', `${n}`), 8);
    },
  ],
  [
    'many files',
    'store-too-large',
    async (store) => {
      for (let n = 0; n < 20_000; n += 1)
        linkSync(join(store, 'received', 'a.json'), join(store, 'results', `${n}`));
    },
  ],
  [
    'a path that is too long for the system',
    'store-unreadable',
    async (store) => {
      const dig =
        'for (let n = 0; n < 20; n += 1) { fs.mkdirSync("x".repeat(250)); process.chdir("x".repeat(250)); }';
      execFileSync(process.execPath, ['-e', dig], { cwd: join(store, 'results') });
    },
  ],
];

async function sparse(path: string, mebibytes: number): Promise<void> {
  await writeFile(path, '');
  await truncate(path, mebibytes * 1024 * 1024);
}

for (const [what, code, act] of FAULTS)
  t.test(`a store that cannot be watched: ${what}`, async (t) => {
    const { store, observer } = await observed(t, LATER);
    await act(store);
    await t.rejects(observer.snapshot(), { name: 'ObserverError', code });
    const { files } = await observer.stat(['store/received/a.json']);
    t.equal(files.size, 1, 'single files can be read');
    // The path may be too long for the test runner.
    execFileSync('rm', ['-rf', join(store, 'results')]);
    await t.resolves(observer.snapshot());
  });

t.test('files that appear and vanish meanwhile cause no error', async (t) => {
  const { store, observer } = await observed(t);
  const churn = `
    const fs = require("node:fs");
    process.stdout.write("go");
    const timer = setInterval(() => {
      for (let n = 0; n < 20; n += 1) {
        fs.writeFileSync("x.tmp", "{}");
        fs.renameSync("x.tmp", "x.json");
        fs.mkdirSync("d");
        fs.symlinkSync("nowhere", "d/l");
        fs.rmSync("d", { recursive: true });
        fs.rmSync("x.json");
      }
    }, 0);
    process.stdin.on("end", () => clearInterval(timer)).resume();`;
  const child = spawn(process.execPath, ['-e', churn], { cwd: join(store, 'received') });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  let missed = 0;
  for (let look = 0; look < 50; look += 1) {
    const { files } = await observer.snapshot();
    if (!files.has('store/received/a.json')) missed += 1;
  }
  // It has to end before the folder is removed.
  child.stdin.end();
  t.strictSame(await ended, [0, null]);
  t.equal(missed, 0, 'a file that stays is always seen');
});

t.test(
  'an unreadable file is an error',
  { skip: process.getuid?.() === 0 && 'root reads all' },
  async (t) => {
    const { store, observer } = await observed(t);
    await chmod(join(store, 'received'), 0);
    t.teardown(() => chmod(join(store, 'received'), 0o700));
    await t.rejects(observer.snapshot(), { code: 'store-unreadable' });
  },
);

t.test('a directory that is not a store is refused', async (t) => {
  const { root, store } = await observed(t);
  for (const path of ['missing', 'target.log', 'store/received', 'store/received/a.json'])
    await t.rejects(observeStore(join(root, path)), { name: 'ObserverError', code: 'no-store' });
  for (const path of [undefined, 5, Buffer.from(root)])
    await t.rejects(observeStore(path as unknown as string), {
      code: 'no-store',
      message: /is a string, not/,
    });
  await symlink(store, join(root, 'by-link'));
  t.equal((await observeStore(join(root, 'by-link'))).store, 'store', 'but a link to one is as good');
});
