import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { type LaunchOptions, launch } from './launch.ts';

// Most of the time, a test waits for processes.
t.jobs = 4;

/** A server in the shell's words; `more` runs first, `host` is where it listens, `token` recognises the process. */
function server(token: string, more = '', host = '127.0.0.1'): string {
  return `node -e '${more}; require("node:net").createServer((s) => s.on("error", () => {}).end()).listen(Number(process.argv[1]), "${host}")' {port} ${token}`;
}

const IGNORES = 'process.on("SIGTERM", () => {})';

interface Program {
  readonly command: (token: string) => string;
  readonly options?: LaunchOptions;
  /** The code of the error, or undefined for a program that is started. */
  readonly code?: string;
  readonly message?: RegExp;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  'exits at once': {
    command: (token) => `exit 3; # {port} ${token}`,
    code: 'exited',
    message: /exit status 3/,
  },
  'is no program': { command: (token) => `/no/such {port} ${token}`, code: 'exited', message: /no\/such/ },
  'daemonises, and is lost': {
    command: (token) => `setsid ${server(token, 'process.argv[1] = 0')} & exit 0`,
    code: 'exited',
    message: /exit status 0\) before it listened on 127\.0\.0\.1:\d+ or \[::1\]:\d+/,
  },
  'daemonises and ignores SIGTERM': {
    command: (token) =>
      `setsid ${server(token, `${IGNORES}; process.argv[1] = 0`)} >/dev/null 2>&1 & sleep 0.3; exit 0`,
    code: 'exited',
  },
  forks: { command: (token) => `${server(token)} & wait` },
  'forks, and the first process ends later': { command: (token) => `${server(token)} & sleep 5` },
  'calls setsid': { command: (token) => `setsid -w ${server(token)}` },
  'ignores SIGTERM': { command: (token) => `exec ${server(token, IGNORES)}` },
  'ignores SIGTERM in another session': { command: (token) => `setsid -w ${server(token, IGNORES)}` },
  'clears its environment in another session': {
    command: (token) =>
      `env -i "$(command -v setsid)" -w "$(command -v node)" ${server(token).slice('node '.length)}`,
  },
  'floods its standard error': { command: (token) => `yes ${token} >&2 & exec ${server(token)}` },
  'floods without newlines': { command: (token) => `cat /dev/zero >&2 & exec ${server(token)}` },
  'closes its output': { command: (token) => `exec ${server(token)} >&- 2>&-` },
  'binds late': { command: (token) => `sleep 0.4; exec ${server(token)}` },
  'binds on IPv6 only': { command: (token) => `exec ${server(token, '', '::1')}` },
  'never listens': {
    command: (token) => `echo still starting; sleep 1000; # {port} ${token}`,
    options: { startMs: 300 },
    code: 'not-listening',
    message: /did not listen on 127\.0\.0\.1:\d+ or \[::1\]:\d+ within 300 ms; its output: still starting/,
  },
  'has an unknown placeholder': { command: () => './server {prot}', code: 'unknown-placeholder' },
};

/** The processes with the token in their command line. */
function running(token: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(token);
      } catch {
        return false;
      }
    });
}

for (const [name, { command, options, code, message = /./ }] of Object.entries(PROGRAMS))
  t.test(`a program that ${name}`, { skip: process.platform !== 'linux' && 'reads /proc' }, async (t) => {
    const token = `token-${process.pid}-${name.replaceAll(/\W/g, '')}-end`;
    const launching = launch(command(token), options);
    if (code !== undefined) await t.rejects(launching, { name: 'ObserverError', code, message });
    else {
      const { address, restart, stop } = await launching;
      t.equal(address.host, name.includes('IPv6') ? '::1' : '127.0.0.1');
      await restart();
      const socket = net.connect(address);
      await new Promise((resolve, reject) => socket.on('connect', resolve).on('error', reject));
      socket.destroy();
      // The output of a flood must not take the time of the kit.
      const before = process.cpuUsage();
      await setTimeout(10);
      t.ok(process.cpuUsage(before).user < 1_000_000);
      t.strictSame(await stop(), []);
    }
    t.strictSame(running(token), [], 'nothing is left');
  });

t.test('a deadline holds although memory is collected meanwhile', async (t) => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Each takes long in a process with much memory.
  const timers = [50, 150, 250].map((afterMs) => globalThis.setTimeout(collect, afterMs));
  t.teardown(() => timers.map(clearTimeout));
  await Promise.all(
    Array.from({ length: 4 }, () =>
      t.rejects(launch('sleep 1000; # {port}', { startMs: 400 }), { code: 'not-listening' }),
    ),
  );
});

/** Runs next to no other test: the environment is one for all. */
const ALONE = { buffered: false };

for (const name of ['a b', '$(touch owned)', "it's"])
  t.test(`a folder for temporary files that is named ${name}`, ALONE, async (t) => {
    const folder = join(t.testdir(), name);
    await mkdir(folder);
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = folder;
    t.teardown(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    });
    const command = `${server('quoted', 'require("node:fs").writeFileSync(process.argv[3] + "/seen", "")')} {dir}`;
    const { dir = '', stop } = await launch(command);
    t.teardown(stop);
    t.ok(existsSync(join(dir, 'seen')));
    await stop();
    t.notOk(existsSync(dirname(dir)));
    t.notOk(existsSync('owned'));
  });
