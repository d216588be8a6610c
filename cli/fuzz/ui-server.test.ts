import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { hostsOf, serveUi, type UiServer } from './ui-server.ts';

const TOKEN = 'abcdefghijklmnopqrstuv';

interface Served {
  readonly server: UiServer;
  readonly port: number;
  /** How often a body was rendered. */
  readonly rendered: () => number;
}

async function serve(t: Test, body = '<main>now</main>\n', page = () => '<!doctype html>'): Promise<Served> {
  let rendered = 0;
  const server = await serveUi(0, TOKEN, {
    policy: "default-src 'none'",
    page,
    body: () => {
      rendered += 1;
      return body;
    },
  });
  t.teardown(() => server.close(''));
  return { server, port: Number(new URL(server.url).port), rendered: () => rendered };
}

/** The status and the headers of an answer, and its text unless it is a stream of events. */
async function ask(
  port: number,
  path: string,
  { method = 'GET', host = `127.0.0.1:${port}` } = {},
): Promise<readonly [number | undefined, string, IncomingMessage['headers']]> {
  const sent = request({ port, host: '127.0.0.1', path, method, headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode, await text(response), response.headers];
}

t.test('serves the page to a browser that has the address', async (t) => {
  const { server, port } = await serve(t);
  t.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/);
  const [status, page, headers] = await ask(port, `/${TOKEN}/`);
  t.strictSame([status, page], [200, '<!doctype html>']);
  t.match(headers, {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  t.equal((await ask(port, `/${TOKEN}/`, { host: `localhost:${port}` }))[0], 200);
});

t.test('refuses everything else, with an empty answer', async (t) => {
  const { port, server } = await serve(t);
  for (const [path, options, status] of [
    ['/', {}, 404],
    ['/wrong/', {}, 404],
    [`/${TOKEN.replace('a', 'b')}/`, {}, 404],
    [`/${TOKEN}`, {}, 404],
    [`/${TOKEN}/other`, {}, 404],
    [`/${TOKEN}/?stop`, {}, 404],
    [`/${TOKEN}/`, { method: 'POST' }, 405],
    [`/${TOKEN}/events`, { method: 'DELETE' }, 405],
    [`/${TOKEN}/`, { host: `evil.example:${port}` }, 421],
    [`/${TOKEN}/`, { host: '127.0.0.1' }, 421],
    [`/${TOKEN}/events`, { host: 'evil.example' }, 421],
  ] as const) {
    const [got, body] = await ask(port, path, options);
    t.strictSame([got, body], [status, ''], `${JSON.stringify(options)} ${path}`);
  }
  t.equal(server.viewers, 0);
});

t.test('sends each state as an event in one line, and the last one before it ends', async (t) => {
  const { server, port } = await serve(t);
  const sent = get({ port, path: `/${TOKEN}/events`, headers: { host: `127.0.0.1:${port}` } });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  t.equal(response.headers['content-type'], 'text/event-stream');
  t.equal(server.viewers, 1);
  server.publish();
  const all = text(response);
  await server.close('the end');
  t.equal(
    await all,
    `${'event: body\ndata: "<main>now</main>\\n"\n\n'.repeat(2)}event: end\ndata: "the end"\n\n`,
  );
  const refused = connect(port, '127.0.0.1');
  await t.rejects(once(refused, 'connect'), { code: 'ECONNREFUSED' });
});

t.test('a viewer that does not read costs one state, and is dropped; the others get theirs', async (t) => {
  const { server, port, rendered } = await serve(t, 'x'.repeat(8 * 1024 * 1024));
  const dead = connect(port, '127.0.0.1').on('error', () => {});
  t.teardown(() => dead.destroy());
  await once(dead, 'connect');
  dead.pause();
  dead.write(`GET /${TOKEN}/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  while (server.viewers === 0) await setImmediate();
  for (let count = 0; server.viewers > 0; count += 1) {
    if (count > 100) throw new Error('it is not dropped');
    server.publish();
    await setImmediate();
  }
  // The first state is more than the sockets hold.
  t.equal(rendered(), 1);
});

t.test('serves a bounded number of viewers', async (t) => {
  const { server, port } = await serve(t);
  const open = async () => {
    const sent = get({
      port,
      agent: false,
      path: `/${TOKEN}/events`,
      headers: { host: `127.0.0.1:${port}` },
    });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => {}).resume();
    return { response, sent };
  };
  const first = await Promise.all(Array.from({ length: 8 }, open));
  t.equal((await open()).response.statusCode, 503);
  first[0]?.sent.destroy();
  while (server.viewers === 8) await setImmediate();
  t.equal((await open()).response.statusCode, 200);
});

t.test('pages that are not read are bounded, also where requests are sent at once', async (t) => {
  let rendered = 0;
  const { port } = await serve(t, '', () => {
    rendered += 1;
    return 'x'.repeat(16 * 1024 * 1024);
  });
  const asked = `GET /${TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
  const sockets = [];
  while (sockets.length < 8) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    socket.pause();
    socket.write(asked.repeat(20));
    while (rendered < sockets.length) await setImmediate();
  }
  t.equal((await ask(port, `/${TOKEN}/`))[0], 503);
  t.equal(rendered, 8, 'one page for each connection');
});

t.test('a browser leaves out the port 80', async (t) => {
  t.strictSame(hostsOf(80), ['127.0.0.1:80', 'localhost:80', '127.0.0.1', 'localhost']);
  t.strictSame(hostsOf(8080), ['127.0.0.1:8080', 'localhost:8080']);
});
