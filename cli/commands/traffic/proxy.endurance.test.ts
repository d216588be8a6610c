/**
 * `conform proxy` as a process under 200 connections at a time, and under a fuzz campaign: it stays, passes every byte on, and its
 * memory does not grow. With CONFORM_PROXY_SECONDS, which `npm run proxy:endurance` sets to 60, each part takes that long,
 * the memory is judged as well, and the figures are printed.
 */

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import { observeProcess } from '../../../conformance/observers/process.ts';
import { closedPort, listen } from '../../../conformance/testing/loopback.ts';
import { answer, submit } from '../../../conformance/testing/traffic.ts';
import { formatAddress } from '../../../reference/protocol/address.ts';
import { conformHere, serve, start } from '../../testing/process.ts';

const asked = process.env['CONFORM_PROXY_SECONDS'];
const SECONDS = Number(asked ?? 1);
const CONNECTIONS = 200;
/** How much more a process may hold in the last third of the time than in the one before. */
const MAX_GROWTH_BYTES = 16 * 1024 * 1024;

/** A proxy in a process of its own. `resident` reads its resident memory, in bytes; NaN where the system does not tell. */
async function startProxy(t: Test, target: string) {
  const { port } = await closedPort();
  const child = start('proxy', '--listen', String(port), '--target', target, '--quiet');
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stdout ?? process.stdin, 'data');
  const observer = observeProcess(() => child.pid ?? 0);
  const resident = async (): Promise<number> => (await observer?.usage())?.memoryBytes ?? Number.NaN;
  /** Ends it, and checks that it was there until now and reports. */
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    const { status, out, err } = await child.ended;
    t.equal(status, 0, err);
    t.match(out, /\d+ connections, /);
  };
  return { host: '127.0.0.1', port, resident, end };
}

/** Reads the memory until `done`, and says how much more is held in the last third of the time than in the one before. */
async function growth(resident: () => Promise<number>, done: Promise<unknown>): Promise<number> {
  let isDone = false;
  void done.finally(() => {
    isDone = true;
  });
  const samples: number[] = [];
  while (!isDone) {
    samples.push(await resident());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const third = Math.ceil(samples.length / 3);
  // The least of each third: what stays after a collection.
  const [early, late] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map((part) =>
    Math.min(...part),
  );
  return (late ?? Number.NaN) - (early ?? Number.NaN);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Accepts every SUBMIT, with the digest of its bytes as the message. */
async function digesting(t: Test): Promise<string> {
  const { address, close } = await listen((socket) => {
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length < 8 || bytes.length < 8 + bytes.readUInt32BE(4)) return;
      const { task_id } = JSON.parse(bytes.subarray(8).toString());
      socket.end(answer({ task_id, message: digest(bytes) }));
    });
  });
  t.teardown(close);
  return formatAddress(address);
}

t.test(`${CONNECTIONS} connections at a time`, async (t) => {
  const proxy = await startProxy(t, await digesting(t));
  const until = performance.now() + 1000 * SECONDS;
  let [rounds, wrong] = [0, 0];
  const client = async (): Promise<void> => {
    do {
      const length = 1 + Math.floor(Math.random() * 10_000);
      const frame = submit({ task_description: randomBytes(length).toString('hex').slice(0, length) });
      const socket = net.connect(proxy);
      socket.write(frame);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      rounds += 1;
      if (!Buffer.concat(chunks).equals(answer({ message: digest(frame) }))) wrong += 1;
    } while (performance.now() < until);
  };
  const all = Promise.all(Array.from({ length: CONNECTIONS }, client));
  const grown = await growth(proxy.resident, all);
  await all;
  t.equal(wrong, 0, 'the bytes of both directions are the same on both ends');
  await judge(t, proxy, grown, `${rounds} connections, ${CONNECTIONS} at a time`);
});

/** What passed on a connection. */
interface Passed {
  /** The digests of both directions. */
  readonly sent: string;
  readonly answered: string;
  /** The beginning of what the client sent. */
  readonly begin: Buffer;
  /** Whether each side ended its direction by FIN. */
  readonly isWhole: boolean;
}

const KEPT_BYTES = 64 * 1024;

/** Passes connections on, with nothing but `node:net`, and notes what passed. */
async function noting(
  t: Test,
  target: net.TcpNetConnectOpts,
): Promise<{ address: string; passed: Passed[] }> {
  const passed: Passed[] = [];
  const { address, close } = await listen((near) => {
    const far = net.connect({ ...target, allowHalfOpen: true });
    const begin: Buffer[] = [];
    let kept = 0;
    near.on('data', (chunk: Buffer) => {
      if (kept < KEPT_BYTES) begin.push(chunk);
      kept += chunk.length;
    });
    const [sent, answered] = [
      [near, far],
      [far, near],
    ].map(([from = near, to = far]) => {
      const hash = createHash('sha256');
      let hasEnded = false;
      from
        .on('data', (chunk) => hash.update(chunk))
        .on('end', () => {
          hasEnded = true;
        });
      from.pipe(to);
      from.on('error', () => to.resetAndDestroy());
      return () => ({ digest: hash.digest('hex'), hasEnded });
    });
    far.once('close', () => {
      const [there, back] = [sent?.(), answered?.()];
      passed.push({
        ...{ sent: there?.digest ?? '', answered: back?.digest ?? '' },
        begin: Buffer.concat(begin).subarray(0, KEPT_BYTES),
        isWhole: there?.hasEnded === true && back?.hasEnded === true,
      });
    });
  });
  t.teardown(close);
  return { address: formatAddress(address), passed };
}

/**
 * What was noted before the proxy and not after it. Where the target resets, it may have taken only the beginning of what the client
 * sent, though the client saw its FIN first.
 */
function changed(before: readonly Passed[], after: readonly Passed[]): readonly Passed[] {
  const keyOf = ({ sent, answered }: Passed): string => `${sent} ${answered}`;
  const whole = new Map<string, number>();
  for (const one of after.filter(({ isWhole }) => isWhole))
    whole.set(keyOf(one), (whole.get(keyOf(one)) ?? 0) + 1);
  const cut = new Map<string, Buffer[]>();
  for (const { answered, begin } of after.filter(({ isWhole }) => !isWhole))
    cut.set(answered, [...(cut.get(answered) ?? []), begin]);
  return before
    .filter(({ isWhole }) => isWhole)
    .filter((one) => {
      const left = whole.get(keyOf(one)) ?? 0;
      whole.set(keyOf(one), left - 1);
      if (left > 0) return false;
      const others = cut.get(one.answered) ?? [];
      const at = others.findIndex(
        (begin) => begin.length > 0 && begin.equals(one.begin.subarray(0, begin.length)),
      );
      if (at >= 0) others.splice(at, 1);
      return at < 0;
    });
}

t.test('a fuzz campaign', async (t) => {
  const { address: server } = await serve(t, '--dir', t.testdir());
  const [host = '', port] = server.split(':');
  const after = await noting(t, { host, port: Number(port) });
  const proxy = await startProxy(t, after.address);
  const before = await noting(t, proxy);
  const length = asked === undefined ? ['--runs', '500'] : ['--time', `${SECONDS}s`];
  const campaign = conformHere('fuzz', '--target', before.address, '--seed', '7', ...length);
  const grown = await growth(proxy.resident, campaign);
  const { status, out, err } = await campaign;
  t.equal(status, 0, `${out}${err}`);
  const count = before.passed.filter(({ isWhole }) => isWhole).length;
  t.ok(count > 10, `${count} connections`);
  t.strictSame(
    changed(before.passed, after.passed),
    [],
    'what was noted before the proxy was noted after it',
  );
  await judge(t, proxy, grown, `${count} connections of a campaign that both sides ended`);
});

/** Ends the proxy, and judges its memory if that was asked for. */
async function judge(
  t: Test,
  proxy: Awaited<ReturnType<typeof startProxy>>,
  grownBytes: number,
  what: string,
): Promise<void> {
  const resident = await proxy.resident();
  await proxy.end();
  if (asked === undefined) return;
  t.comment(`${what}; resident ${mebibytes(resident)}, of it ${mebibytes(grownBytes)} in the last third`);
  t.ok(grownBytes < MAX_GROWTH_BYTES, 'the memory does not grow');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
