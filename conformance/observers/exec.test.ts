import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import t from 'tap';
import type { Address } from '../transport.ts';
import { launch } from './exec.ts';
import { observeProcess } from './process.ts';

/** A server that says its process id to whoever connects, and dies of whatever it hears. */
const SERVER = `node -e '
  const [port, dir] = process.argv.slice(1);
  if (dir) require("node:fs").mkdirSync(dir, { recursive: true });
  require("node:net").createServer((socket) => {
    socket.on("error", () => {}).once("data", () => process.exit(3)).write(String(process.pid));
  }).listen(Number(port), "127.0.0.1");
'`;

async function pidOf(address: Address): Promise<number> {
  const socket = net.connect(address);
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return Number(String(bytes));
}

t.test('a command is started, started again, and leaves nothing behind', async (t) => {
  const launched = await launch(`${SERVER} {port} {dir}`);
  t.teardown(launched.stop);
  const first = await pidOf(launched.address);
  t.ok(launched.dir !== undefined && existsSync(launched.dir), 'the directory is for the command to make');

  await launched.restart();
  t.not(await pidOf(launched.address), first);

  await launched.stop();
  await t.rejects(pidOf(launched.address), { code: 'ECONNREFUSED' }, 'also when a shell stands between');
  t.notOk(existsSync(launched.dir ?? ''));
});

t.test('memory, descriptors and threads are seen, those of descendants too', async (t) => {
  const launched = await launch(`${SERVER} {port}`);
  t.teardown(launched.stop);
  const usage = await observeProcess(launched.pid).usage();
  t.ok((usage?.memoryBytes ?? 0) > 10 * 1024 * 1024, 'more than the shell alone');
  t.ok((usage?.descriptors ?? 0) > 3 && (usage?.threads ?? 0) > 1);
  await launched.stop();
  t.equal(await observeProcess(launched.pid).usage(), undefined);
});

t.test('a command that ends instead of listening is told with its last words', async (t) => {
  const command = 'echo "no such \u001b[31mconfiguration" >&2; exit 7; # {port}';
  await t.rejects(launch(command), {
    name: 'ObserverError',
    message: /ended with 7; .*no such \\x1b\[31mconfiguration/,
  });
});

t.test('a command that never listens is ended', async (t) => {
  await t.rejects(launch('sleep 1000; # {port}', { startMs: 1 }), { name: 'ObserverError' });
});

t.test('a command without {port} is refused', async (t) => {
  await t.rejects(launch('true'), { name: 'ObserverError' });
});
