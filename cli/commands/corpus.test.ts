import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { serve } from '../../fuzz/testing/servers.ts';
import { conformHere } from '../testing/process.ts';

/** Two answers to SUBMIT frames, and silence for a frame of another type. */
const INPUTS = { 'a.bin': '[]', 'b.bin': '[1, 2, 3]', 'c.bin': '[1]' };

t.test('a corpus is minimised: counted, copied, or in place', async (t) => {
  const { address, close } = await serve();
  t.teardown(close);
  const dir = t.testdir({ inputs: {} });
  const folder = join(dir, 'inputs');
  for (const [name, payload] of Object.entries(INPUTS)) {
    const head = Buffer.from([0, 0, 0, 4, 0, 0, 0, payload.length]);
    await writeFile(join(folder, name), Buffer.concat([head, Buffer.from(payload)]));
  }
  const target = ['--target', `${address.host}:${address.port}`];
  const minimise = (...args: string[]) => conformHere('corpus', 'minimise', folder, ...target, ...args);
  const counted = await minimise();
  t.match(counted, {
    status: 0,
    out: /minimising 3 inputs on [\s\S]*\n1 of 3 inputs show all 1 signature: 10 of 38 bytes\nnothing was changed/,
  });
  t.equal((await readdir(folder)).length, 3);
  const output = join(dir, 'output');
  t.match(await minimise('--output', output), { status: 0, out: /written into / });
  t.strictSame(await readdir(output), ['a.bin']);
  t.match(await minimise('--output', output), { status: 2, err: /output is not empty\n$/ });
  t.match(await minimise('--in-place'), { status: 0, out: /deleted .*b\.bin\ndeleted .*c\.bin\n$/ });
  t.strictSame(await readdir(folder), ['a.bin']);
});

t.test('what cannot be minimised is one line', async (t) => {
  const dir = t.testdir({ empty: {} });
  const wrong: [string[], number, RegExp][] = [
    [['minimise', join(dir, 'empty')], 2, /empty contains no input\n$/],
    [['minimise', join(dir, 'emtpy')], 2, /emtpy does not exist; did you mean empty\?\n$/],
    [['minimize', dir], 2, /"minimize" is not one of minimise; did you mean minimise\?/],
    [['minimise', dir, '--in-place', '--output', 'x'], 2, /not both/],
  ];
  for (const [args, status, err] of wrong)
    t.match(await conformHere('corpus', ...args), { status, err }, args.join(' '));
});
