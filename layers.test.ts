/** The rooms of `cli/build/rooms.ts` against the files: who imports whom, no circles, no crowded folders. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import t from 'tap';
import { layoutTable, ROOMS, roomOf } from './cli/build/rooms.ts';

/** Most source files that a folder may hold, tests left out. */
const FOLDER_CAP = 16;
const SOURCE = /^(reference|conformance|fuzz|bench|cli)\/.*(?<!\.(?:test|browser))\.ts$/;

/** What a source file imports: `files` of this repository by their paths, and packages by their names. */
interface Imports {
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

// Only these folders: other tests write and remove files next to them meanwhile.
const all = ['reference', 'conformance', 'fuzz', 'bench', 'cli'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`),
);
const sources = new Map(
  all
    .filter((file) => SOURCE.test(file) && !file.includes('/testing/'))
    .map((file) => [file, importsOf(file)]),
);

t.test('each room imports the rooms and packages of its entry, and no others', async (t) => {
  for (const room of ROOMS) {
    const mine = [...sources].filter(([file]) => roomOf(file) === room).map(([, imports]) => imports);
    t.ok(mine.length > 0, `${room.path} holds files`);
    const rooms = mine.flatMap(({ files }) => files.map((file) => roomOf(file)?.path ?? file));
    const others = [...new Set(rooms)].filter((path) => path !== room.path);
    t.strictSame(others.sort(), [...room.imports].sort(), `rooms that ${room.path} imports`);
    const packages = [...new Set(mine.flatMap((imports) => imports.packages))];
    t.strictSame(packages.sort(), [...room.packages].sort(), `packages that ${room.path} imports`);
  }
});

t.test('a room imports only rooms above it in the list', async (t) => {
  const places = new Map(ROOMS.map(({ path }, place) => [path, place]));
  for (const [place, { path, imports }] of ROOMS.entries())
    t.strictSame(
      imports.filter((other) => (places.get(other) ?? ROOMS.length) > place),
      [],
      path,
    );
});

t.test('the kit shares nothing with the reference, and nothing imports the mutants', async (t) => {
  const isMutants = (path: string): boolean => path.startsWith('conformance/mutants');
  for (const { path, imports, packages } of ROOMS) {
    if (isMutants(path)) continue;
    t.notOk(imports.some(isMutants), `${path} works without the mutants`);
    if (path.startsWith('reference')) t.strictSame(packages, [], `${path} needs Node.js only`);
    if (/^(reference|conformance)/.test(path)) {
      const own = new RegExp(`^${path.split('/')[0]}(/|$)`);
      t.ok(
        imports.every((other) => own.test(other)),
        `${path} stays in its folder`,
      );
    }
    if (/^conformance/.test(path) && !/^conformance\/(reporters|observers|schema)/.test(path))
      t.strictSame(packages, [], `${path} needs Node.js only`);
  }
});

t.test('tests of the reference import neither the fuzzer nor the command line', async (t) => {
  for (const file of all.filter((file) => file.startsWith('reference/')))
    t.strictSame(
      importsOf(file).files.filter((path) => /^(fuzz|cli)\//.test(path)),
      [],
      file,
    );
});

t.test('no circle of files, type imports included', async (t) => {
  t.strictSame(circleOf(new Map([...sources].map(([file, { files }]) => [file, files]))), []);
  t.strictSame(
    circleOf(
      new Map([
        ['a', ['b']],
        ['b', ['c', 'd']],
        ['c', ['b']],
        ['d', []],
      ]),
    ),
    ['b', 'c', 'b'],
  );
});

t.test('what judges, fuzzes and serves is loaded only by the command that does', async (t) => {
  const loaded = new Set(['cli/main.ts']);
  for (const file of loaded) for (const next of loadedWith(file)) loaded.add(next);
  t.ok(loaded.has('cli/commands/run.ts'), 'the options of every command are loaded');
  const WORK =
    /^(?:(?:bench|fuzz|reference\/(?:net|roles|store)|conformance\/(?:catalogue|clients|judge|libraries|run))\/|conformance\/reporters\/(?!format\.ts))/;
  t.strictSame(
    [...loaded].filter((file) => WORK.test(file)),
    [],
  );
});

t.test('folders are made by `makeFolder`: the recursive `mkdir` of Node.js may never end', async (t) => {
  for (const file of sources.keys())
    t.notMatch(readFileSync(file, 'utf8'), /\bmkdir(?:Sync)?\([^;]*\brecursive: true/, file);
});

t.test(`no folder holds more than ${FOLDER_CAP} source files`, async (t) => {
  const folders = new Map<string, number>();
  for (const file of sources.keys()) folders.set(dirname(file), (folders.get(dirname(file)) ?? 0) + 1);
  for (const [folder, count] of folders) t.ok(count <= FOLDER_CAP, `${folder}: ${count}`);
});

t.test('CONTRIBUTING.md shows the rooms as they are', async (t) => {
  const page = readFileSync('CONTRIBUTING.md', 'utf8');
  t.ok(page.includes(layoutTable()), 'run `npm run layout` after a change of cli/build/rooms.ts');
});

/** The files that Node.js loads before this one: no imports of types, and none that the code asks for later. */
function loadedWith(file: string): readonly string[] {
  const statements = readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?:([^;']*?)from )?'(\.[^']+)';/gm,
  );
  return [...statements]
    .filter(([, names = '']) => !/^type |^\{(?:\s*type [^,}]+,?)+\s*\} $/.test(names))
    .map(([, , specifier]) => normalize(`${dirname(file)}/${specifier}`));
}

function importsOf(file: string): Imports {
  const lines = readFileSync(file, 'utf8').matchAll(/(?:^import |\bfrom |\bimport\(\s*)'([^'\s]+)'/gm);
  const specifiers = [...lines]
    .map(([, specifier = '']) => specifier)
    .filter((one) => !one.startsWith('node:'));
  const isFile = (specifier: string): boolean => specifier.startsWith('.');
  return {
    files: specifiers.filter(isFile).map((specifier) => normalize(`${dirname(file)}/${specifier}`)),
    packages: specifiers
      .filter((one) => !isFile(one))
      .map((one) => /^(?:@[^/]+\/)?[^/]+/.exec(one)?.[0] ?? one),
  };
}

/** The files of one circle, the first of them again at the end; empty if there is none. */
function circleOf(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): readonly string[] => {
    const place = path.indexOf(file);
    if (place !== -1) return [...path.slice(place), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next);
      if (circle.length > 0) return circle;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle.length > 0) return circle;
  }
  return [];
}
