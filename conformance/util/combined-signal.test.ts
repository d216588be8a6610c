import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { combinedSignal, unlessAborted } from './combined-signal.ts';

t.test('no source combines signals in the way that Node.js 20 may collect', async (t) => {
  const sources = ['reference', 'conformance', 'fuzz', 'bench', 'cli'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`),
  );
  t.ok(sources.length > 300);
  const combining = sources.filter((file) =>
    /AbortSignal\.(?:any|timeout)\s*\(/.test(readFileSync(file, 'utf8')),
  );
  t.strictSame(combining, []);
});

t.test('the first signal fires it, with its reason', async (t) => {
  const [one, other] = [new AbortController(), new AbortController()];
  const { signal } = combinedSignal([one.signal, undefined, other.signal]);
  t.notOk(signal.aborted);
  other.abort('other');
  one.abort('one');
  t.equal(signal.reason, 'other');
  t.equal(combinedSignal([one.signal]).signal.reason, 'one', 'also one that fired before');
});

t.test('the time fires it, unless it is released', async (t) => {
  const { signal } = combinedSignal([], 1);
  const released = combinedSignal([], 1);
  released.release();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  t.notOk(released.signal.aborted);
});

t.test('a value that comes after the signal is not awaited', async (t) => {
  const controller = new AbortController();
  t.equal(await unlessAborted(Promise.resolve(1), controller.signal), 1);
  const never = unlessAborted(new Promise(() => {}), controller.signal);
  controller.abort(new Error('interrupted'));
  await t.rejects(never, { message: 'interrupted' });
  await t.rejects(unlessAborted(new Promise(() => {}), controller.signal), { message: 'interrupted' });
});
