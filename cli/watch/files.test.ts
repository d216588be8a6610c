/** Real files, changed in the ways of editors and builds. */

import { EventEmitter, once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isPassing, watchFiles } from './files.ts';

/** Watches a folder. `change` runs an action, and resolves to what has changed when the burst has ended. */
async function watched(t: Test, ignored: readonly string[] = []) {
  const dir = t.testdir({
    src: { 'a.js': '1', deep: { 'b.js': '1' } },
    node_modules: { x: { 'c.js': '1' } },
  });
  const bursts = new EventEmitter();
  let begun = 0;
  const end = await watchFiles([dir], {
    ignored: ignored.map((name) => join(dir, name)),
    onBegin: () => {
      begun += 1;
    },
    onEnd: (changed) => bursts.emit('end', changed),
    onLack: (text) => t.fail(text),
  });
  t.teardown(end);
  const change = async (act: () => void): Promise<string> => {
    const ended = once(bursts, 'end') as Promise<[readonly string[]]>;
    act();
    return (await ended)[0].join(' ');
  };
  return { dir, change, begun: () => begun };
}

t.test(
  'a save by an editor is one change: written in place, or replaced by a rename, again and again',
  async (t) => {
    const { dir, change } = await watched(t);
    const file = join(dir, 'src', 'a.js');
    const replace = (text: string): void => {
      writeFileSync(join(dir, 'src', '.a.js.tmp'), text);
      renameSync(join(dir, 'src', '.a.js.tmp'), file);
    };
    for (const text of ['2', '3', '4']) {
      t.match(await change(() => writeFileSync(file, text)), /src\/a\.js$/);
      t.match(await change(() => replace(`${text}${text}`)), /src\/a\.js$/);
    }
  },
);

t.test('new folders are watched, and folders that come again', async (t) => {
  const { dir, change } = await watched(t);
  const deep = join(dir, 'src', 'new', 'deep');
  t.match(
    await change(() => {
      mkdirSync(deep, { recursive: true });
      writeFileSync(join(deep, 'x.js'), '1');
    }),
    /src\/new/,
  );
  t.match(await change(() => writeFileSync(join(deep, 'x.js'), '22')), /x\.js/);
  await change(() => rmSync(join(dir, 'src'), { recursive: true }));
  t.match(await change(() => mkdirSync(join(dir, 'src'))), /src/);
  t.match(await change(() => writeFileSync(join(dir, 'src', 'y.js'), '1')), /y\.js/);
});

t.test('what tools and the command itself write is no change', async (t) => {
  const { dir, change, begun } = await watched(t, ['report.html']);
  const changed = await change(() => {
    for (const name of [
      'node_modules/x/c.js',
      'report.html',
      '.hidden',
      'server.log',
      'src/.a.js.swp',
      'src/4913',
    ])
      writeFileSync(join(dir, name), 'new');
    mkdirSync(join(dir, 'dist'));
    writeFileSync(join(dir, 'dist', 'out.js'), 'new');
    writeFileSync(join(dir, 'src', 'a.js'), 'new');
  });
  t.match(changed, /src\/a\.js$/);
  t.notMatch(changed, / /, 'one file');
  t.equal(begun(), 1);
});

t.test('what is named is watched whatever its name is, and has to be there', async (t) => {
  t.equal(isPassing('/a/dist', '/a/dist'), false);
  t.equal(isPassing('/a/dist', '/a/dist/x.js'), false);
  t.equal(isPassing('/a/dist', '/a/dist/node_modules/x.js'), true);
  t.equal(isPassing('/a/src', '/a/other'), true);
  t.equal(isPassing('/a', '/a/x/.git/HEAD'), true);
  const options = { ignored: [], onBegin: () => {}, onEnd: () => {}, onLack: () => {} };
  await t.rejects(watchFiles(['no-such-folder'], options), { code: 'invalid-value', option: '--watch' });
});
