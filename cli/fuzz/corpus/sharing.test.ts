import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serve } from '../../../fuzz/testing/servers.ts';
import { start } from '../../testing/process.ts';

/** Shorter payloads are in the cases of any campaign. */
const OWN_BYTES = 24;

t.test('a process sends what another process adds to the folder that they share', async (t) => {
  const corpus = t.testdir({});
  await writeFile(join(corpus, 'update.bin'), Buffer.from('0000000300000000', 'hex'));
  const sentByOther = new Set<string>();
  let adopted = (_text: string): void => {};
  const isAdopted = new Promise<string>((resolve) => {
    adopted = resolve;
  });
  const [mine, theirs] = await Promise.all([
    serve(({ text }) => {
      if (text.length >= OWN_BYTES && sentByOther.has(text)) adopted(text);
      return undefined;
    }),
    serve(({ text }) => {
      sentByOther.add(text);
      return undefined;
    }),
  ]);
  t.teardown(() => Promise.all([mine.close(), theirs.close()]));
  const fuzz = (port: number, ...more: string[]) =>
    start('fuzz', '--target', `127.0.0.1:${port}`, '--corpus', corpus, '--feedback', '0', ...more);
  // Alone it ends connections by FIN, and does nothing else that is special.
  const few = ['--only-mutations', 'end/fin', '--time', '30m', '--seed', '1'];
  const one = fuzz(mine.address.port, ...few);
  const other = fuzz(theirs.address.port, '--runs', '400', '--seed', '2');
  t.teardown(() => Promise.all([one.kill('SIGKILL'), other.kill('SIGKILL')]));
  const seen = await Promise.race([
    isAdopted.then(() => 'adopted'),
    one.ended.then(({ out, err }) => `it ended: ${out}${err}`),
  ]);
  t.equal(seen, 'adopted');
  t.match(await other.ended, { status: 0 });
  one.kill('SIGINT');
  t.match(await one.ended, { status: 130 });
  const names = await readdir(corpus);
  const signatures = names.map((name) => /^([0-9a-f]{12})-[0-9a-f]{12}\.json$/.exec(name)?.[1] ?? name);
  t.ok(names.length > 5);
  t.strictSame(
    names.filter((name) => name.endsWith('.tmp')),
    [],
    'every file is complete',
  );
  // Both may add the same signature within a second.
  t.ok(new Set(signatures).size > names.length / 2);
});
