import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { closedPort, listen } from '../testing/loopback.ts';
import type { Address } from '../wire/transport.ts';
import { launch } from './launch.ts';

/** A server that sends its process id to each peer, and ends with status 3 when it receives a byte. */
const SERVER = `node -e '
  process.on("SIGTERM", process.argv[2] === "stubborn" ? () => {} : () => process.exit());
  require("node:net").createServer((socket) => {
    socket.on("error", () => {}).once("data", () => process.exit(3)).write(String(process.pid));
  }).listen(Number(process.argv[1]), "127.0.0.1");
' {port}`;

/** The server's process id, and the connection. */
async function visit(address: Address): Promise<{ pid: number; socket: net.Socket }> {
  const socket = net.connect(address);
  const [bytes] = await once(socket, 'data');
  return { pid: Number(String(bytes)), socket };
}

/** Resolves when the other end has closed; the system closes it when the process ends. */
function closing(socket: net.Socket): Promise<unknown> {
  return once(socket.on('error', () => {}).resume(), 'close');
}

const REFUSED = { code: 'ECONNREFUSED' };

t.test('a command is started, restarted and stopped, and no process or folder remains', async (t) => {
  const launched = await launch(`${SERVER} {dir}`);
  t.teardown(launched.stop);
  const { address, dir = '' } = launched;
  t.strictSame(readdirSync(dir).sort(), ['received', 'results', 'submitted']);
  t.strictSame(readdirSync(dirname(dir)), ['store'], 'in a folder of its own');
  for (const folder of [dirname(dir), join(dir, 'received')]) t.equal(statSync(folder).mode & 0o777, 0o700);
  const first = await visit(address);

  await launched.restart();
  t.equal(launched.address, address);
  t.ok(existsSync(dir), 'the store stays');
  const second = await visit(address);
  t.not(second.pid, first.pid);
  t.equal(launched.exited(), undefined);

  writeFileSync(join(dir, 'received', 'task.json'), '{}');
  writeFileSync(join(dir, 'index'), '');
  await launched.restart();
  t.strictSame(readdirSync(join(dir, 'received')), ['task.json'], 'tasks stay');
  await launched.restart({ emptiesStore: true });
  t.strictSame(readdirSync(dir, { recursive: true }).sort(), ['received', 'results', 'submitted']);
  t.equal(statSync(join(dir, 'received')).mode & 0o777, 0o700);

  await launched.stop();
  await t.rejects(visit(address), REFUSED);
  t.notOk(existsSync(dirname(dir)));
  t.ok(launched.exited());
  await launched.stop();
  await t.rejects(launched.restart(), { name: 'AbortError' }, 'what was stopped is not started again');
  await t.rejects(visit(address), REFUSED);
});

t.test('variables of a restart hold for that start', { skip: process.platform !== 'linux' }, async (t) => {
  const launched = await launch(SERVER, { env: { CONFORM_A: '1', CONFORM_B: '1' } });
  t.teardown(launched.stop);
  const set = (): readonly string[] =>
    readFileSync(`/proc/${launched.pid()}/environ`, 'utf8')
      .split('\0')
      .filter((one) => /^CONFORM_[AB]=/.test(one));
  for (const [env, expected] of [
    [undefined, ['CONFORM_A=1', 'CONFORM_B=1']],
    [{ CONFORM_B: '2' }, ['CONFORM_A=1', 'CONFORM_B=2']],
    [undefined, ['CONFORM_A=1', 'CONFORM_B=1']],
  ] as const) {
    await launched.restart({ env });
    t.strictSame([...set()].sort(), expected);
  }
});

t.test('a process that the shell started ends too, even if it ignores SIGTERM', async (t) => {
  const launched = await launch(`${SERVER} stubborn & ${SERVER.replace('{port}', '0')} stubborn; wait`);
  t.teardown(launched.stop);
  const { pid, socket } = await visit(launched.address);
  t.not(pid, launched.pid(), 'a shell is its parent');
  const closed = closing(socket);
  await launched.stop();
  await closed;
  await t.rejects(visit(launched.address), REFUSED);
});

t.test('the exit of a target is reported, and it can be restarted', async (t) => {
  const launched = await launch(`${SERVER}; exit $?`);
  t.teardown(launched.stop);
  const { socket } = await visit(launched.address);
  socket.write('end');
  await closing(socket);
  await launched.restart();
  socket.destroy();
  const again = await visit(launched.address);
  t.equal(launched.exited(), undefined);
  again.socket.destroy();
});

t.test('a target that is killed gets no signal before, and is started again', async (t) => {
  const note = join(t.testdir(), 'terminated');
  const trap = `process.on("SIGTERM", () => require("node:fs").writeFileSync(process.argv[3], ""));`;
  const launched = await launch(`${SERVER.replace("node -e '", `node -e '${trap}`)} quick ${note}`);
  t.teardown(launched.stop);
  const first = await visit(launched.address);
  const closed = closing(first.socket);
  await launched.kill();
  await closed;
  t.not((await visit(launched.address)).pid, first.pid);
  t.notOk(existsSync(note), 'no SIGTERM came');
  await launched.restart();
  t.ok(existsSync(note), 'a restart sends one');
});

t.test('a target with a fixed port is found there', async (t) => {
  const { port } = await closedPort();
  const launched = await launch(SERVER.replace('{port}', String(port)), { port });
  t.teardown(launched.stop);
  t.equal(launched.address.port, port);
  t.equal(launched.dir, undefined);
});

t.test('another program on the port is not mistaken for the target', async (t) => {
  const other = await listen((socket) => socket.destroy());
  t.teardown(other.close);
  await t.rejects(launch(SERVER, { port: other.address.port }), { code: 'port-taken' });
});

t.test('another port is chosen if a program listens there before the target does', async (t) => {
  const asked: number[] = [];
  const other = net.createServer();
  const referee = await listen((socket) =>
    socket.once('data', async (data) => {
      const port = Number(String(data));
      if (asked.length === 0) await once(other.listen(port, '127.0.0.1'), 'listening');
      asked.push(port);
      socket.end('go');
    }),
  );
  t.teardown(() => other.close());
  t.teardown(referee.close);
  const target = `node -e '
    const [port, referee] = process.argv.slice(1).map(Number);
    const server = require("node:net").createServer((socket) => socket.destroy());
    const go = require("node:net").connect(referee, "127.0.0.1");
    go.once("data", () => server.listen(port, "127.0.0.1")).write(String(port));
  ' {port} ${referee.address.port}`;
  const launched = await launch(target);
  // The end of the first start has not ended the program that listens there, which is this process.
  t.teardown(launched.stop);
  t.equal(asked.length, 2);
  t.equal(launched.address.port, asked[1]);
  t.not(asked[1], asked[0]);
});

t.test('a command that ends before it listens is reported with its output, escaped', async (t) => {
  const lines = 'echo early; echo "no such \u001b[31mconfiguration" >&2; echo; printf unfinished >&2';
  await t.rejects(launch(`${lines}; exit 7; # {port}`), {
    name: 'ObserverError',
    code: 'exited',
    message: /no such \\x1b\[31mconfiguration \/ unfinished/,
  });
  await t.rejects(launch('kill -9 $$; # {port}'), { code: 'exited' });
  await t.rejects(launch('/no/such/program {port}'), { code: 'exited' });
});

t.test('a command that never listens is refused', async (t) => {
  await t.rejects(launch('sleep 1000; # {port}', { startMs: 1 }), { code: 'not-listening' });
});

t.test('a command without a port is refused', async (t) => {
  await t.rejects(launch('true'), { code: 'no-port' });
});

t.test('an interruption ends a start and a restart, and not a target that listens', async (t) => {
  const interruption = new AbortController();
  const launched = await launch(SERVER, { signal: interruption.signal });
  t.teardown(launched.stop);
  interruption.abort(new Error('interrupted'));
  (await visit(launched.address)).socket.destroy();
  await t.rejects(launched.restart(), { message: 'interrupted' });

  const callers = new EventEmitter();
  const { address, close } = await listen((caller) => {
    // This end closes exactly when the process has ended.
    callers.emit('call', closing(caller.on('end', () => caller.end())));
  });
  t.teardown(close);
  const call = once(callers, 'call');
  const early = new AbortController();
  const command = `node -e 'require("node:net").connect(${address.port}, "127.0.0.1")'; # {port}`;
  const launching = launch(command, { signal: early.signal, startMs: 600_000 });
  const [ended] = await call;
  early.abort();
  await t.rejects(launching, { name: 'AbortError' });
  await ended;
});

t.test('the end of a target is described with what it said since its last start', async (t) => {
  const crash = `process.stderr.write("Traceback (most recent call last):\\n  lost \\u001b[2J\\n"), process.exit(bytes[0])`;
  const server = `exec node -e '
    console.error("started", process.argv[2]);
    require("node:net").createServer((socket) => {
      socket.on("error", () => {}).once("data", (bytes) => bytes[0] === 0 ? process.kill(process.pid, "SIGSEGV") : (${crash}));
    }).listen(Number(process.argv[1]), "127.0.0.1");
  ' {port}`;
  const launched = await launch(server);
  t.teardown(launched.stop);
  const send = async (byte: number) => {
    const socket = net.connect(launched.address);
    socket.write(Buffer.of(byte));
    await closing(socket);
    return launched.describeEnd();
  };
  const report = ['Traceback (most recent call last):', '  lost \\x1b[2J'];
  t.strictSame(await send(3), { ended: 'exit status 3', lines: report });
  await launched.restart();
  t.strictSame(await send(0), { ended: 'signal SIGSEGV', lines: ['started undefined'] });
  await launched.restart();
  t.match(await launched.describeEnd(), { ended: 'still running' });
  t.strictSame(await send(128 + 6), { ended: 'exit status 134 (128 + SIGABRT)', lines: report });
});

t.test('a target without errors is described by its standard output', async (t) => {
  const launched = await launch(`echo ready; ${SERVER}`);
  t.teardown(launched.stop);
  const { socket } = await visit(launched.address);
  socket.write('end');
  await closing(socket);
  t.strictSame(await launched.describeEnd(), { ended: 'exit status 3', lines: ['ready'] });
});

for (const fate of ['lives', 'has nothing left to do']) {
  t.test(`no target outlives a kit that ${fate === 'lives' ? 'is killed' : fate}`, async (t) => {
    const fixture = fileURLToPath(new URL('../testing/orphan-program.ts', import.meta.url));
    const kit = spawn(process.execPath, [...process.execArgv, fixture, `${SERVER} stubborn; wait`, fate], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.teardown(() => kit.kill('SIGKILL'));
    const [line] = await once(createInterface(kit.stdout), 'line');
    const address = { host: '127.0.0.1', port: Number(line) };
    if (fate === 'lives') kit.kill('SIGKILL');
    else t.strictSame(await once(kit, 'exit'), [0, null]);
    await gone(address);
  });
}

/** Resolves when no program listens any more. */
async function gone(address: Address): Promise<void> {
  for (;;) {
    const visited = await visit(address).catch(() => undefined);
    if (visited === undefined) return;
    await closing(visited.socket);
  }
}
