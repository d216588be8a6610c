import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import { formatAddress } from '../../reference/protocol/address.ts';
import { startNode } from '../../reference/testing/node.ts';
import { closedPort, listen } from '../testing/loopback.ts';
import { answer, submit } from '../testing/traffic.ts';
import type { Finding, TrafficEvent } from '../traffic/conversation.ts';
import { ConversationJudge } from '../traffic/judge.ts';
import type { Address } from '../wire/connection.ts';
import { startProxy } from './proxy.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };

/** A proxy to the target, and what it saw. */
async function proxyTo(t: Test, target: Address) {
  const events: TrafficEvent[] = [];
  const findings: Finding[] = [];
  const failures: string[] = [];
  let closed = 0;
  const waiting = new Set<() => void>();
  const proxy = await startProxy({
    listen: LOCAL,
    target,
    opened: () => {
      const judge = new ConversationJudge();
      return {
        event: (event) => {
          events.push(event);
          for (const noted of judge.push(event)) if (noted.kind === 'finding') findings.push(noted.finding);
        },
        failed: (code) => void failures.push(code),
        closed: () => {
          closed += 1;
          for (const wake of waiting) wake();
        },
      };
    },
  });
  t.teardown(() => proxy.stop());
  /** Resolves when this number of connections is closed on both sides. */
  const ended = async (count: number): Promise<void> => {
    while (closed < count) await new Promise<void>((resolve) => waiting.add(resolve));
  };
  return { ...proxy, events, findings, failures, ended };
}

/** A server that does nothing by itself, and gives its connections one by one. */
async function accepting(t: Test) {
  const accepted: net.Socket[] = [];
  const emitter = new EventEmitter();
  const server = await listen((socket) => {
    accepted.push(socket);
    emitter.emit('accepted');
  });
  t.teardown(server.close);
  const next = async (): Promise<net.Socket> => {
    for (;;) {
      const socket = accepted.shift();
      if (socket !== undefined) return socket;
      await once(emitter, 'accepted');
    }
  };
  return { address: server.address, next };
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Collects what a socket receives until its end. */
async function receivedBy(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

t.test('a whole life cycle of a task between two nodes: nothing is found', async (t) => {
  t.testdir();
  const submitter = await startNode(t, 'submitter');
  const receiver = await startNode(t, 'receiver');
  const there = await proxyTo(t, receiver.address);
  const back = await proxyTo(t, submitter.address);
  const { task } = await submitter.submitter.submit({
    ...{ taskDescription: 'count to ten', to: there.address, fromAddr: formatAddress(back.address) },
  });
  const { taskId } = task;
  await receiver.receiver.accept(taskId);
  await receiver.receiver.execute(taskId);
  await receiver.receiver.complete(taskId, { kind: 'text', text: 'ten' });
  t.match(await submitter.store.submitted.read(taskId), { status: 'SUCCEEDED' });
  await there.ended(1);
  t.strictSame([...there.findings, ...back.findings], []);
  t.ok(
    back.events.some(({ kind }) => kind === 'bytes'),
    'updates and results passed',
  );
});

t.test('the bytes of both directions are the same on both ends', async (t) => {
  const [question, reply] = [randomBytes(3_000_000), randomBytes(5_000_000)];
  const server = await listen(async (socket) => {
    socket.write(reply.subarray(0, 1_000_000));
    const bytes = await receivedBy(socket);
    t.equal(digest(bytes), digest(question), 'the question');
    socket.end(reply.subarray(1_000_000));
  });
  t.teardown(server.close);
  const proxy = await proxyTo(t, server.address);
  const socket = net.connect({ ...proxy.address, allowHalfOpen: true });
  // FIN right after the bytes: the answer arrives all the same.
  socket.end(question);
  t.equal(digest(await receivedBy(socket)), digest(reply), 'the reply');
  await proxy.ended(1);
  const ends = proxy.events.filter(({ kind }) => kind !== 'bytes').map(({ kind, from }) => `${from} ${kind}`);
  t.strictSame(ends, ['sender fin', 'receiver fin']);
});

t.test('a reset is passed on, in both directions', async (t) => {
  const { address, next } = await accepting(t);
  const proxy = await proxyTo(t, address);
  const first = net.connect(proxy.address);
  const reset = once(first, 'error');
  (await next()).resetAndDestroy();
  t.equal((await reset)[0].code, 'ECONNRESET', 'of the receiver');
  const second = net.connect(proxy.address);
  const receiver = await next();
  second.resetAndDestroy();
  t.equal((await once(receiver, 'error'))[0].code, 'ECONNRESET', 'of the sender');
  await proxy.ended(2);
  t.strictSame(
    proxy.events.map(({ kind, from }) => `${from} ${kind}`),
    ['receiver reset', 'sender reset'],
  );
});

t.test('an answer right before a reset arrives', async (t) => {
  const server = await listen((socket) => {
    socket.once('data', () => {
      socket.write(answer());
      setImmediate(() => socket.resetAndDestroy());
    });
  });
  t.teardown(server.close);
  const proxy = await proxyTo(t, server.address);
  const socket = net.connect(proxy.address);
  socket.write(submit());
  const chunks: Buffer[] = [];
  // Whether the system then reports an end or a reset is its own choice.
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  await once(socket, 'close');
  t.strictSame(Buffer.concat(chunks), answer());
  await proxy.ended(1);
  t.strictSame(proxy.findings, []);
});

t.test('a sender waits for a receiver that does not read', async (t) => {
  const total = 48 * 1024 * 1024;
  const { address, next } = await accepting(t);
  const proxy = await proxyTo(t, address);
  const sender = net.connect(proxy.address);
  const receiver = await next();
  const block = Buffer.alloc(1024 * 1024, 'a');
  let sent = 0;
  while (sent < total) {
    sent += block.length;
    if (!sender.write(block) && !(await wasTaken(sender))) break;
  }
  const passed = proxy.events.reduce((sum, one) => sum + (one.kind === 'bytes' ? one.bytes.length : 0), 0);
  t.ok(sent < total && passed < 32 * 1024 * 1024, `${passed} of ${sent} bytes passed`);
  const received = receivedBy(receiver);
  sender.end();
  t.equal((await received).length, sent);
});

t.test('a reset of a sender that waits is passed on to a receiver that does not read', async (t) => {
  const { address, next } = await accepting(t);
  const proxy = await proxyTo(t, address);
  const sender = net.connect(proxy.address);
  const receiver = await next();
  const block = Buffer.alloc(1024 * 1024, 'a');
  while (sender.write(block) || (await wasTaken(sender)));
  // With unread bytes, Node may report the reset as an end.
  const over = new Promise((resolve) => receiver.on('error', resolve).on('end', resolve));
  sender.resetAndDestroy();
  // The proxy closes both sides, though nothing is read.
  await proxy.ended(1);
  t.match(proxy.events.at(-1), { kind: 'reset', from: 'sender' });
  receiver.resume();
  await over;
});

/** Whether the bytes that wait are taken, before the whole path has stood still for a while. */
async function wasTaken(socket: net.Socket): Promise<boolean> {
  let left = socket.writableLength + 1;
  while (socket.writableLength > 0 && socket.writableLength < left) {
    left = socket.writableLength;
    await Promise.race([once(socket, 'drain'), new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  return socket.writableLength === 0;
}

t.test('a target that cannot be reached', async (t) => {
  const proxy = await proxyTo(t, await closedPort());
  const socket = net.connect(proxy.address);
  socket.write(submit());
  const [error] = await once(socket, 'error');
  t.equal(error.code, 'ECONNRESET');
  await proxy.ended(1);
  t.strictSame(proxy.failures, ['ECONNREFUSED']);
  t.strictSame(proxy.findings, []);
});

t.test('200 connections at a time', async (t) => {
  const server = await listen((socket) => {
    socket.once('data', () => socket.end(answer()));
  });
  t.teardown(server.close);
  const proxy = await proxyTo(t, server.address);
  const sockets = Array.from({ length: 200 }, () => net.connect({ ...proxy.address, allowHalfOpen: true }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const answers = await Promise.all(
    sockets.map(async (socket) => {
      socket.write(submit());
      const bytes = await receivedBy(socket);
      socket.end();
      return bytes;
    }),
  );
  t.ok(answers.every((bytes) => bytes.equals(answer())));
  await proxy.ended(200);
  t.strictSame(proxy.findings, []);
});

t.test('stopping resets what is open', async (t) => {
  const server = await listen(() => {});
  t.teardown(server.close);
  const proxy = await proxyTo(t, server.address);
  const socket = net.connect(proxy.address);
  socket.write(submit());
  const closed = once(socket, 'error');
  while (proxy.events.length === 0) await new Promise(setImmediate);
  await proxy.stop();
  t.equal((await closed)[0].code, 'ECONNRESET');
  await proxy.ended(1);
});
