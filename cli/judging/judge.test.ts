/** A judge that watches: what starts, stops and ends its judgings. Real files; the terminal is a stream. */

import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import type { JudgeOptions } from '../options/judge.ts';
import { judge } from './judge.ts';
import type { Part } from './part.ts';
import { DEFAULTS, IDS, part } from './testing/parts.ts';

const [ONE, TWO] = IDS.server;

interface Watched {
  readonly press: (key: string) => void;
  readonly save: () => void;
  readonly interrupt: () => void;
  /** Resolves when the text has come that follows all that `said` has matched before. */
  readonly said: (text: RegExp) => Promise<string>;
  readonly status: Promise<number>;
}

function watched(
  t: Test,
  parts: readonly Part[],
  options: Partial<JudgeOptions> = {},
  isTTY = true,
): Watched {
  const dir = t.testdir({ 'server.js': '1' });
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => {} });
  const controller = new AbortController();
  const wrote = new EventEmitter();
  let text = '';
  const write = (data: string | Uint8Array): void => {
    text += String(data);
    wrote.emit('text');
  };
  const context = { out: write, err: write, isTerminal: false, interrupted: controller.signal };
  const given = { ...DEFAULTS, watch: [dir], ...options } as JudgeOptions;
  const status = judge(parts, given, context, input);
  t.teardown(() => controller.abort());
  let saves = 0;
  return {
    press: (key) => void input.write(key),
    save: () => {
      saves += 1;
      writeFileSync(join(dir, 'server.js'), 'x'.repeat(saves + 1));
    },
    interrupt: () => controller.abort(),
    said: async (expected) => {
      for (;;) {
        const found = expected.exec(text);
        if (found) {
          text = text.slice(found.index + found[0].length);
          return found[0];
        }
        await Promise.race([once(wrote, 'text'), status]);
      }
    },
    status,
  };
}

t.test('a file that changes and keys judge again; q ends with the status of the last judging', async (t) => {
  const failing: string[] = [ONE];
  const { press, save, said, status } = watched(t, [part('server', failing)]);
  await said(/2 scenarios against[\s\S]*exit 1\)\nconform: watching .*; keys: f .*\n/);
  press('f');
  await said(/--last-failed: 1 scenario failed .*\n1 scenario against[\s\S]*exit 1\)\nconform: watching/);
  failing.push(TWO);
  press('a');
  await said(/2 scenarios against[\s\S]*exit 1\)\nconform: watching/);
  failing.length = 0;
  save();
  await said(/changed: .*server\.js\n2 scenarios against[\s\S]*exit 0\)\nconform: watching/);
  press('q');
  t.equal(await status, 0);
});

t.test('a change judges what failed after f, and all when nothing fails any more', async (t) => {
  const failing: string[] = [ONE];
  const { press, save, said, status } = watched(t, [part('server', failing)], { lastFailed: true });
  await said(/no cache folder.*\n2 scenarios[\s\S]*exit 1\)\nconform: watching/);
  failing.length = 0;
  save();
  await said(/\n1 scenario against[\s\S]*exit 0\)\nconform: --last-failed: 1 selected .*\nconform: watching/);
  press('\r');
  await said(/nothing that is selected failed[\s\S]*2 scenarios against[\s\S]*exit 0\)\nconform: watching/);
  press('q');
  t.equal(await status, 0);
});

t.test('a change during a run stops it and begins again', async (t) => {
  const runs = new EventEmitter();
  let count = 0;
  const untilStopped = async (signal: AbortSignal): Promise<void> => {
    count += 1;
    runs.emit('begun');
    if (count === 1 && !signal.aborted) await once(signal, 'abort');
  };
  const begun = once(runs, 'begun');
  const { press, save, said, status } = watched(t, [part('server', [], [], untilStopped)]);
  await begun;
  save();
  await said(/interrupted after 0 of 2[\s\S]*changed: [\s\S]*exit 0\)\nconform: watching/);
  press('q');
  t.equal(await status, 0);
});

t.test('a signal while it waits ends with the last status, and during a run as everywhere', async (t) => {
  const idle = watched(t, [part('server', [ONE])]);
  await idle.said(/watching/);
  idle.interrupt();
  t.equal(await idle.status, 1);

  const runs = new EventEmitter();
  const begun = once(runs, 'begun');
  const during = async (signal: AbortSignal): Promise<void> => {
    runs.emit('begun');
    await once(signal, 'abort');
  };
  const busy = watched(t, [part('server', [], [], during)]);
  await begun;
  busy.interrupt();
  t.equal(await busy.status, 130);
});

t.test('without a terminal it says that there are no keys', async (t) => {
  const { press, save, said, interrupt, status } = watched(t, [part('server')], {}, false);
  await said(/watching .* for changes; standard input is no terminal, so there are no keys\n/);
  press('q');
  save();
  await said(/changed: [\s\S]*exit 0\)\nconform: watching/);
  interrupt();
  t.equal(await status, 0);
});

t.test('a server that does not start is a line, and judged again after the next change', async (t) => {
  const { ObserverError } = await import('../../conformance/observers/observer-error.ts');
  let starts = 0;
  const good = part('server');
  const broken: Part = {
    ...good,
    open: async (context) => {
      starts += 1;
      if (starts === 1) throw new ObserverError('exited', 'the command ended');
      return good.open(context);
    },
  };
  const { save, said, interrupt, status } = watched(t, [broken]);
  await said(/conform: the command ended\nconform: watching/);
  save();
  await said(/exit 0\)\nconform: watching/);
  interrupt();
  t.equal(await status, 0);
});

t.test('what cannot be watched is refused before anything is judged', async (t) => {
  const remote = { ...part('server'), isStarted: false };
  await t.rejects(watched(t, [remote]).status, /--watch needs --exec/);
  await t.rejects(watched(t, [part('server')], { updateKnownFailures: true }).status, /exclude each other/);
  await t.rejects(watched(t, [part('server')], { since: '-' }).status, /exclude each other/);
  await t.rejects(watched(t, [part('server')], { watch: ['no-such-folder'] }).status, {
    message: '--watch no-such-folder: there is no such file or folder',
  });
  await t.rejects(watched(t, [part('server')], { only: ['nothing/*'] }).status, /matches no scenario/);
});
