/** `conform serve --behaviour` and `--list`: the servers that clients are judged by, for tests by hand. */

import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { behaviours } from '../../../conformance/index.ts';
import { dial } from '../../../reference/index.ts';
import { conformHere } from '../../testing/process.ts';
import { serveCommand } from './serve.ts';

const REQUEST = {
  ...{ taskId: 'an-id', taskDescription: 'x', fromAddr: '0:0000.0000.0001', toAddr: '0:0000.0000.0002' },
};

interface Played {
  readonly port: number;
  /** What is printed, until it holds the text. */
  readonly printed: (text: string) => Promise<string>;
  /** Resolves to the exit status. */
  readonly stop: () => Promise<number>;
}

async function play(behaviour: string): Promise<Played> {
  const controller = new AbortController();
  let out = '';
  let wake = (): void => {};
  const context = {
    out: (data: string | Uint8Array) => {
      out += String(data);
      wake();
    },
    err: () => {},
    isTerminal: false,
    interrupted: controller.signal,
  };
  const printed = async (text: string): Promise<string> => {
    while (!out.includes(text))
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return out;
  };
  const options = { behaviour, list: false, host: '127.0.0.1', port: 0 };
  const ended = serveCommand.run(options, context);
  const [, port] = /:(\d+);/.exec(await printed('Ctrl-C stops')) ?? [];
  return {
    port: Number(port),
    printed,
    stop: () => {
      controller.abort();
      return ended;
    },
  };
}

t.test('a behaviour is played for one client after another, and what each sent is printed', async (t) => {
  const { port, printed, stop } = await play('rejects');
  for (const taskId of ['first', 'second']) {
    const client = await dial({ host: '127.0.0.1', port });
    t.match(await client.submitTask({ ...REQUEST, taskId }), { taskId, status: 400 });
  }
  const out = await printed('second');
  t.match(out, /The server answers 400\./);
  t.match(out, /first/);
  t.equal(await stop(), 0);
  t.match(await printed('closing'), /closing\n$/);
});

t.test(
  'what a client sent is printed when it has half-closed, while the server holds the connection',
  async (t) => {
    const { port, printed, stop } = await play('silent');
    const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    const isEnded = once(client.resume(), 'end');
    client.end('hello');
    t.match(await printed('5 bytes'), /FIN.*68 65 6c 6c 6f/s);
    t.notOk(client.readableEnded);
    t.equal(await stop(), 0);
    await isEnded;
    client.destroy();
  },
);

t.test('a signal ends connections that are open', async (t) => {
  const { port, stop } = await play('silent');
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  t.equal(await stop(), 0);
  await closed;
});

t.test('--list shows every behaviour, and a name that is none is refused with a similar one', async (t) => {
  const { status, out } = await conformHere('serve', '--list');
  t.equal(status, 0);
  for (const { name, describe } of behaviours)
    t.match(out, new RegExp(`^${name} +${literal(describe)}$`, 'm'));
  t.match(await conformHere('serve', '--behaviour', 'rejcts'), { status: 2, err: /did you mean rejects\?/ });
  t.match(await conformHere('serve', '--behaviour', 'absent'), { status: 2, err: /no server listens/ });
  t.match(await conformHere('serve', '--behaviour', 'drips', '--dir', 'x'), { status: 2, err: /exclude/ });
});

t.test('--max-buffered is a number of MiB that holds at least one frame', async (t) => {
  for (const size of ['16', '17.5', '2048'])
    t.match(await conformHere('serve', '--max-buffered', size), { status: 2, err: /17 to 2047/ }, size);
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
