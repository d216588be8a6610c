/** Starts the built command, as users install it, in processes. */

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { builtFile } from '../../conformance/testing/built-file.ts';
import type { Context } from '../core/context.ts';

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * The options of the test runner would make every process compile TypeScript. The locale must not change the language, npx, which
 * may have started the tests, not the commands to repeat, and the state of runs is not that of the person who runs the tests.
 */
const { NODE_OPTIONS: _, npm_lifecycle_event: __, ...OURS } = process.env;
export const ENV = { ...OURS, LC_ALL: 'de_DE.UTF-8', XDG_CACHE_HOME: resolve('.tap/cache-home') };

/** Starts the command with nothing on its standard input. */
export function start(...args: string[]): ChildProcess & { ended: Promise<Ended> } {
  return startWith({}, args);
}

interface Start {
  /** For standard input. Default: nothing. */
  readonly input?: Uint8Array;
  /** The working directory. Default: that of the test. */
  readonly cwd?: string;
}

function startWith(
  { input = new Uint8Array(), cwd }: Start,
  args: readonly string[],
): ChildProcess & { ended: Promise<Ended> } {
  const child = spawn(process.execPath, [builtFile('cli.js'), ...args], { env: ENV, cwd });
  // A command that does not read its input may end before the input is written.
  child.stdin.on('error', () => {}).end(input);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = once(child, 'close').then(([status]) => ({ status, out, err }));
  return Object.assign(child, { ended });
}

export function conform(...args: string[]): Promise<Ended> {
  return start(...args).ended;
}

/**
 * Runs the command in this process, from the sources. It takes a tenth of the time, and is the same but for what a process
 * has: standard input, the working directory, signals, and the output of yargs.
 */
export async function conformHere(...args: string[]): Promise<Ended> {
  let out = '';
  let err = '';
  const interrupted = new AbortController().signal;
  // As that of a process.
  setMaxListeners(0, interrupted);
  const context: Context = {
    out: (data) => {
      out += typeof data === 'string' ? data : Buffer.from(data).toString();
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    interrupted,
  };
  const { main } = await import('../main.ts');
  const status = await main(args, context);
  return { status, out, err };
}

/** As `conformHere`, in another working directory. One at a time, since the process has only one. */
export async function conformHereIn(cwd: string, ...args: string[]): Promise<Ended> {
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return await conformHere(...args);
  } finally {
    process.chdir(before);
  }
}

export interface CommandRunner {
  /** Runs a command line in a working directory. One at a time. */
  readonly run: (cwd: string, ...args: string[]) => Promise<Ended>;
  /** Resolves with the exit status of the process, which ends when no command has left anything open. */
  readonly end: () => Promise<number | null>;
}

/**
 * Starts a process that runs command lines with what is built. Each takes a tenth of the time of a process of its own, and is
 * the same but for standard input, signals, and the output of yargs.
 */
export function commandRunner(t: Test, env: NodeJS.ProcessEnv): CommandRunner {
  const program = fileURLToPath(new URL('commands.mjs', import.meta.url));
  const child = fork(program, [builtFile('cli/main.js')], { env, execArgv: [] });
  const exited = once(child, 'exit').then(([status]) => status as number | null);
  t.teardown(() => void child.kill('SIGKILL'));
  return {
    run: async (cwd, ...args) => {
      const listening = new AbortController();
      const answered = once(child, 'message', { signal: listening.signal });
      child.send({ cwd, args });
      const ended = await Promise.race([
        answered.then(([message]) => message as Ended),
        exited.then((status) => ({ status, out: '', err: 'the process ended' })),
      ]);
      answered.catch(() => {});
      listening.abort();
      return ended;
    },
    end: () => {
      child.disconnect();
      return exited;
    },
  };
}

/**
 * The text of a script for bash that is `conform` in all but the process: it sends its words to this process, which runs them in
 * the directory of the script with its `variables`, prints both streams as one, and ends with the status. For what a shell does
 * around a command. Scripts that run side by side take turns.
 */
export async function conformScript(t: Test, variables: readonly string[] = []): Promise<string> {
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    let asked = '';
    socket.setEncoding('utf8').on('error', () => {});
    socket.on('data', (text) => {
      asked += text;
      const [count = '', cwd = '', ...rest] = asked.split('\0');
      // Each word ends in a NUL, so that an empty one follows the last.
      if (rest.length <= variables.length + Number(count)) return;
      const values = rest.slice(0, variables.length);
      const words = rest.slice(variables.length, -1);
      last = last.then(async () => {
        const restore = setVariables(variables, values);
        const { status, out, err } = await conformHereIn(cwd, ...words).finally(restore);
        socket.end(`${status}\n${out}${err}`);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return `exec 3<>/dev/tcp/127.0.0.1/${port}
printf '%s\\0' $# "$PWD" ${variables.map((name) => `"\${${name}-}"`).join(' ')} "$@" >&3
read -r status <&3
cat <&3
exit "$status"`;
}

/** Sets variables of this process; an empty value is none. Returns what undoes it. */
function setVariables(names: readonly string[], values: readonly string[]): () => void {
  const before = names.map((name) => process.env[name] ?? '');
  for (const [at, name] of names.entries())
    if (values[at]) process.env[name] = values[at];
    else delete process.env[name];
  return () => void setVariables(names, before);
}

/** Runs the command with `input` on its standard input. */
export function conformWith(input: Uint8Array, ...args: string[]): Promise<Ended> {
  return startWith({ input }, args).ended;
}

/** Runs the command in another working directory. */
export function conformIn(cwd: string, ...args: string[]): Promise<Ended> {
  return startWith({ cwd }, args).ended;
}

/** Starts the reference server. Resolves with its address as soon as it listens. */
export async function serve(
  t: Test,
  ...args: string[]
): Promise<{ server: ReturnType<typeof start>; address: string }> {
  const server = start('serve', '--port', '0', '--log-level', 'silent', ...args);
  t.teardown(() => {
    server.kill('SIGKILL');
    return server.ended;
  });
  const [line] = await once(server.stdout ?? process.stdin, 'data');
  return { server, address: /listening on (\S+);/.exec(String(line))?.[1] ?? '' };
}
