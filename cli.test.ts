import { once } from 'node:events';
import type net from 'node:net';
import t from 'tap';
import { HELP_COLUMNS } from './cli/core/help.ts';
import { conform, conformHere, serve, start } from './cli/testing/process.ts';
import { builtFile } from './conformance/testing/built-file.ts';
import { closedPort, listen } from './conformance/testing/loopback.ts';

t.test('without a target, the embedded reference conforms', async (t) => {
  const { status, out } = await conform();
  t.equal(status, 0);
  t.match(
    out,
    /judging the embedded reference server on 127\.0\.0\.1:\d+(?:, with its store in memory)?\n(\d+) scenarios/,
  );
  t.match(
    out,
    /conforms: \d+ of \d+ scenarios passed, \d+ skipped \(timeouts \d+, permission \d+, process \d+\) \(exit 0\)\n$/,
  );
  t.notMatch(out, /^skipped \d+: .*store/m, 'the store of the embedded server is observed');
});

t.test('--only runs the scenarios that match, and their controls', async (t) => {
  const { status, out } = await conformHere('--only', 'frame/truncated-*');
  t.equal(status, 0);
  const judged = [...out.matchAll(/^pass +\S+ +(\S+)$/gm)].map(([, id]) => id);
  t.ok(judged.length >= 13, `no scenario is lost: ${judged.length}`);
  t.strictSame(
    judged.filter((id) => !id?.startsWith('frame/truncated-')),
    ['submit/answered-once', 'transport/does-not-speak-first', 'frame/legal'],
    'apart from the control and its controls',
  );
});

const { server, address } = await serve(t);

t.test(
  'submit prints the answer of the receiver, and sends no description over its bound (S5)',
  async (t) => {
    t.match(await conformHere('submit', 'a task', '--target', address), {
      status: 0,
      out: /^200 [0-9a-f-]{36} \S.*\n$/,
    });
    t.strictSame(await conformHere('submit', 'x'.repeat(16385), '--target', address), {
      status: 1,
      out: '',
      err: 'conform: the description has 16385 bytes, at most 16384 are allowed\n',
    });
  },
);

t.test('list shows the catalogue', async (t) => {
  const { status, out } = await conformHere('list', '--json', '--only', 'submit/*');
  t.equal(status, 0);
  const rows = JSON.parse(out) as { id: string; clause: string; level: string; requirement: string }[];
  t.ok(rows.length >= 66, `no scenario is lost: ${rows.length}`);
  for (const row of rows)
    t.match(row, { id: /^submit\//, clause: /^[A-Z]\d+$/, level: /^(?:MUST|SHOULD|MAY)$/ });
});

t.test('scenarios for libraries are listed and explained', async (t) => {
  const { out } = await conformHere('list', '--library', '--only', 'library-extensions/*');
  const [first = ''] = out.split(' ');
  t.match(first, /^library-extensions\//);
  t.match((await conformHere('explain', first)).out, /\nrequest: +\{"id":1,"op":"extension"/);
  t.match((await conformHere('explain', 'R4')).out, /for libraries: \d+, which conform list --library/);
  t.equal((await conformHere('list', '--library', '--client')).status, 2);
});

t.test('a wrong command line is one line and exit 2', async (t) => {
  const cases: [string[], RegExp][] = [
    [['--targt', 'x'], /unknown option --targt; did you mean --target\?/],
    [['submit'], /the argument <text> is missing/],
    [['fuzz', '--only-mutations', 'nix', '--only-mutations', 'nox'], /nix/],
    [['--target', 'nonsense'], /"nonsense" has no port: it must be host:port/],
    [['--retries', '-1'], /--retries -1 must be a whole number from 0 to 100/],
    [['--jobs', '0'], /--jobs 0 must be a whole number from 1 to 1024/],
    [['--only', 'nix/*'], /"nix\/\*" matches no scenario/],
    [['--exec', 'true'], /\{port\}/],
    [
      ['--target', '127.0.0.1:1', '--tasks-dir', 'no/such/folder'],
      /no\/such\/folder does not exist \(ENOENT\)/,
    ],
    [['explain', 'frame/legl'], /did you mean frame\/legal\?/],
    [['explain', 'm66'], /no clause M66; did you mean M6\?/],
    [['serve', '--port', '70000'], /--port 70000 is out of range/],
  ];
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { status, out, err } = await conformHere(...args);
      t.equal(status, 2, args.join(' '));
      t.equal(out, '');
      t.match(err, message);
      t.match(err, /^conform: .+\n$/);
    }),
  );
});

t.test('a target on which nothing listens is exit status 3', async (t) => {
  const { host, port } = await closedPort();
  t.match(await conformHere('--target', `${host}:${port}`, '--start-timeout', '1ms'), {
    status: 3,
    out: /^no verdict: .*ECONNREFUSED.*\n$/,
  });
  t.match(await conformHere('submit', 'x', '--target', `${host}:${port}`), {
    status: 3,
    err: /^conform: .*ECONNREFUSED.*\n$/,
  });
});

t.test('a port in use is one line', async (t) => {
  const { status, err } = await conformHere('serve', '--port', address.split(':')[1] ?? '');
  t.equal(status, 2);
  t.match(err, /^conform: cannot listen on .*EADDRINUSE.*\n$/);
});

t.test('serve, judged from another process, then stopped by Ctrl-C', async (t) => {
  t.equal((await conformHere('--target', address, '--section', 'frame')).status, 0);
  server.kill('SIGINT');
  t.match(await server.ended, { status: 0, out: /closing\n$/, err: '' });
});

t.test('broken targets end in bounded time, with a report', async (t) => {
  const behaviours: Record<string, { behave: (socket: net.Socket) => void; status?: number }> = {
    'closes at once': { behave: (socket) => socket.destroy(), status: 4 },
    'answers garbage': {
      behave: (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    },
    'sends forever': {
      behave: (socket) => {
        const more = (): void =>
          void (socket.writable && socket.write(Buffer.alloc(65536), () => setImmediate(more)));
        socket.once('data', more);
      },
    },
    'never answers': { behave: (socket) => void socket.resume(), status: 4 },
  };
  for (const [name, { behave, status: expected = 1 }] of Object.entries(behaviours)) {
    const target = await listen(behave);
    t.teardown(target.close);
    const { port } = target.address;
    const { status, out } = await conformHere(
      '--target',
      `127.0.0.1:${port}`,
      '--only',
      'frame/legal',
      '--only',
      'frame/type-five-*',
      '--start-timeout',
      '1ms',
    );
    t.equal(status, expected, name);
    t.match(
      out,
      /FAIL frame\/legal \(MUST, clause F1\)[\s\S]*expected: [\s\S]*observed: [\s\S]*type {4}1 SUBMIT/,
    );
    const verdict = expected === 1 ? 'does not conform' : 'no verdict';
    t.match(out, new RegExp(`${verdict}: .* \\(exit ${expected}\\)\n$`));
  }
});

t.test('a hostile answer reaches the terminal escaped', async (t) => {
  // The JSON is legal, so that the decoded text gets into the report.
  const payload = Buffer.from(
    '{"task_id":"\\u001b[31m\\n::error::x","status":200,"message":"\\u202e\\u0007"}',
  );
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, payload.length]);
  const target = await listen((socket) =>
    socket.once('data', () => socket.end(Buffer.concat([header, payload]))),
  );
  t.teardown(target.close);
  const { out } = await conformHere(
    '--target',
    `127.0.0.1:${target.address.port}`,
    '--only',
    'submit/task-id-echoed',
  );
  t.match(out, /FAIL submit\/task-id-echoed.*31m/s);
  t.notMatch(out, /[^\n\P{C}]|^::/mu, 'no control or format character but the newline');
});

t.test('an interrupted run prints what it has and exits 130', async (t) => {
  const target = await listen((socket) => void socket.resume());
  t.teardown(target.close);
  const child = start('--target', `127.0.0.1:${target.address.port}`, '--start-timeout', '1ms');
  // The first line is written after the preflight. Each scenario after it waits for a close that never happens.
  await once(child.stdout ?? process.stdin, 'data');
  child.kill('SIGINT');
  t.match(await child.ended, {
    status: 130,
    out: /no verdict: interrupted after \d+ of \d+ scenarios \(exit 130\)\n$/,
  });
});

t.test('the help that the build keeps is the help of the command, and fits a screen', async (t) => {
  const built = await conform('--help');
  t.equal(built.status, 0);
  t.match(
    built.out,
    /^conform \[--target HOST:PORT \| --exec COMMAND\] \[options\]\n[\s\S]*\n {2}Judge +run /,
  );
  const lines = built.out.split('\n');
  t.ok(lines.length <= 50);
  t.strictSame(
    lines.filter(({ length }) => length > HELP_COLUMNS),
    [],
  );
  t.equal((await conform('-h')).out, built.out);
  const laidOut = await conform('--help', '--no-color');
  t.equal(laidOut.out, built.out);
});

t.test('a reader of the output that ends first causes no error', async (t) => {
  for (const args of [['--help'], ['list']]) {
    const child = start(...args);
    child.stdout?.destroy();
    t.match(await child.ended, { status: 0, err: '' }, args.join());
  }
});

t.test('--version', async (t) => {
  t.match(await conform('--version'), { status: 0, out: /^\d+\.\d+\.\d+\n$/ });
});

t.test('--dry-run and explain run no scenario', async (t) => {
  const plan = await conformHere('--dry-run', '--section', 'frame', '--level', 'SHOULD');
  t.match(plan, { status: 0, out: /^(frame\/\S+\n)+$/ });
  const { status, out } = await conformHere('explain', 'frame/length-over-cap');
  t.equal(status, 0);
  t.match(
    out,
    /frame\/length-over-cap \(MUST, clause F2\)[\s\S]*length {2}⟦16777217[\s\S]*accepts: [\s\S]*control: /,
  );
});

t.test('a clause is explained with its scenarios', async (t) => {
  const { status, out } = await conformHere('explain', 'm6');
  t.equal(status, 0);
  t.match(out, /^clause M6: An object at the top\nThe top-level value MUST be an object;[\s\S]*\nscenarios /);
  const ids = [...out.matchAll(/^ {2}(\S+\/\S+) +(?:MUST|SHOULD|MAY) +\S/gm)].map(([, id]) => id);
  const planned = await conformHere('--dry-run', '--clause', 'M6');
  const ofClients = await conformHere('client', '--dry-run', '--clause', 'M6');
  t.strictSame(ids, `${planned.out}${ofClients.out}`.trimEnd().split('\n'));
});

t.test('--trace shows the bytes on the wire of a scenario that passed', async (t) => {
  const { out } = await conformHere('--only', 'frame/legal', '--trace');
  t.match(out, /pass +MUST +frame\/legal\n[\s\S]*→ sent[\s\S]*← received[\s\S]*type {4}1 SUBMIT/);
});

t.test('--exec starts the target, observes its memory and its store, and ends it', async (t) => {
  const serve = `${process.execPath} ${builtFile('cli.js')} serve --port {port} --dir {dir} --log-level silent`;
  const ids = ['transport/memory-of-idle-peers', 'store/submitted-*', 'frame/legal'];
  const only = ids.flatMap((id) => ['--only', id]);
  const { status, out } = await conformHere('--exec', serve, '--all', ...only);
  t.equal(status, 0, out);
  t.match(out, /pass +SHOULD +transport\/memory-of-idle-peers/);
  t.notMatch(out, /^skipped/m);
});

t.test('--exec says how a target ended that cannot be reached, with what it wrote', async (t) => {
  const server = `require('node:net').createServer((socket) => {
    socket.on('error', () => {}).once('data', () => { throw new Error('at the first byte'); });
  }).listen(Number(process.argv[1]), '127.0.0.1')`;
  const crash = `${process.execPath} -e "${server}" {port}`;
  const { status, out } = await conformHere(
    '--exec',
    crash,
    '--only',
    'frame/legal',
    '--start-timeout',
    '3s',
  );
  t.equal(status, 3);
  t.match(
    out,
    /^ended: {4}exit status 1\nsaid: {5}[\s\S]*^ {10}Error: at the first byte$[\s\S]*^no verdict: /m,
  );
});
