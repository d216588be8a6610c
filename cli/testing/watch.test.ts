/** The command on a terminal: keys, the screen, and Ctrl-C, which a terminal that passes each key on makes no signal of. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { builtFile } from '../../conformance/testing/built-file.ts';
import { quoted } from '../../conformance/util/quoted.ts';
import { CLEAR_SCREEN } from '../../conformance/util/terminal.ts';
import { ENV } from './process.ts';

/** `script` of util-linux gives a command a terminal. */
const isPossible = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

t.test(
  'keys judge again, and Ctrl-C ends with the last status',
  { skip: !isPossible && 'no script(1)' },
  async (t) => {
    const program = `${quoted(process.execPath)} ${quoted(builtFile('cli.js'))}`;
    const server = `${program} serve --port {port} --log-level silent`;
    const watched = t.testdir({ src: {} });
    const line = `exec ${program} --exec ${quoted(server)} --only submit/answered-once --watch ${quoted(watched)}`;
    const child = spawn('script', ['-qfec', line, '/dev/null'], { env: { ...ENV, TERM: 'xterm', CI: '' } });
    t.teardown(() => child.kill('SIGKILL'));
    const ended = once(child, 'close');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (data) => {
      text += data;
    });
    const said = async (expected: string): Promise<void> => {
      while (!text.includes(expected)) {
        const [code] = await Promise.race([once(child.stdout, 'data'), ended]);
        if (typeof code === 'number') throw new Error(`ended with ${code}: ${text}`);
      }
      text = text.slice(text.indexOf(expected) + expected.length);
    };
    await said('keys: f what failed');
    child.stdin.write('a');
    await said(CLEAR_SCREEN);
    await said('keys: f what failed');
    child.stdin.write('\u0003');
    const [status] = await ended;
    t.equal(status, 0, text);
  },
);
