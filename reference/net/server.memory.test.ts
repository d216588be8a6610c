/**
 * Memory follows the bytes that arrived, not the declared length (F5). The test starts this file as a second process,
 * which runs the server and reports its peak memory. So the sockets of the test do not count, and the time of the peak
 * does not matter.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Server } from './server.ts';

const SERVER_ROLE = 'server';

if (process.argv[2] === SERVER_ROLE) await serve();
else await test();

/** Sends its port, and then its peak resident set in KiB for each message. */
async function serve(): Promise<void> {
  const server = new Server(() => true);
  const { port } = await server.listenAndServe({ port: 0 });
  process.on('message', () => process.send?.(process.resourceUsage().maxRSS));
  process.on('disconnect', () => server.close({ graceMs: 0 }));
  process.send?.(port);
}

async function test(): Promise<void> {
  const { default: t } = await import('tap');
  const { openSocket } = await import('../testing/loopback.ts');
  const { frameHeader } = await import('../testing/samples.ts');
  const { MAX_PAYLOAD_BYTES } = await import('../protocol/constants.ts');

  t.test('500 connections that declare 16 MiB each need less than 64 KiB each', async (t) => {
    const child = fork(import.meta.filename, [SERVER_ROLE]);
    const exited = once(child, 'exit');
    t.teardown(async () => {
      child.disconnect();
      await exited;
    });
    /** The next number that the child sends. The test runner in it sends messages, too. */
    const nextNumber = async (): Promise<number> => {
      for (;;) {
        const [message] = await once(child, 'message');
        if (typeof message === 'number') return message;
      }
    };
    const port = await nextNumber();

    /** Declares 16 MiB on `count` connections, then ends them. The server has read every header when this resolves. */
    const declare = async (count: number) => {
      const peers = await Promise.all(Array.from({ length: count }, () => openSocket(t, port)));
      await Promise.all(
        peers.map(
          ({ socket }) => new Promise((resolve) => socket.write(frameHeader(1, MAX_PAYLOAD_BYTES), resolve)),
        ),
      );
      for (const { socket } of peers) socket.end();
      for (const { ended } of peers) t.match(await ended, { answers: [] });
    };
    const peakKiB = async (): Promise<number> => {
      child.send('peak');
      return await nextNumber();
    };

    await declare(20);
    const before = await peakKiB();
    await declare(500);
    const grown = (await peakKiB()) - before;
    t.comment(`${grown} KiB, ${Math.round(grown / 500)} KiB for each connection`);
    t.ok(grown < 500 * 64, `grew by ${grown} KiB`);
  });
}
