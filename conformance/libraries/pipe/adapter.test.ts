import { readFile } from 'node:fs/promises';
import t from 'tap';
import { startAdapter } from './adapter.ts';
import { AdapterError, AdapterLostError, NotAskedError } from './adapter-error.ts';

const OPTIONS = { startMs: 30_000, answerMs: 30_000 };

/** An adapter in a line of JavaScript: `answer(id, value)` answers, and `on(request)` gets each request but hello. */
function line(on: string, after = ''): string {
  const program = `
    const answer = (id, value) => console.log(JSON.stringify({ id, ok: true, value }));
    const on = async ({ id, op, args }) => { ${on} };
    const lines = require("node:readline").createInterface({ input: process.stdin });
    lines.on("line", (text) => {
      const request = JSON.parse(text);
      if (request.op !== "hello") return on(request);
      answer(request.id, { name: "x", version: "1", language: "js", ops: ["polo", "new"] });
    });
    ${after}`;
  return `exec '${process.execPath}' -e '${program.replaceAll("'", "'\\''")}'`;
}

const codeOf = (error: unknown): string =>
  error instanceof AdapterError || error instanceof AdapterLostError ? error.code : String(error);

t.test('answers come in any order, and operations that the kit does not know are left out', async (t) => {
  const { adapter, hello } = await startAdapter(
    line('if (args.n === 1) setTimeout(answer, 50, id, 1); else answer(id, args.n);'),
    OPTIONS,
  );
  t.strictSame(hello.ops, ['polo']);
  t.equal(hello.hasClock, false);
  const answers = await Promise.all([1, 2, 3].map((n) => adapter.ask('polo', { n })));
  t.strictSame(
    answers,
    [1, 2, 3].map((value) => ({ kind: 'value', value })),
  );
  t.strictSame(await adapter.finish(), []);
});

t.test('a request holds no character at which a reader could end the line', async (t) => {
  const { adapter } = await startAdapter(
    line(
      'answer(id, [args.text, globalThis.seen.trim()]);',
      'process.stdin.prependListener("data", (data) => { globalThis.seen = String(data); });',
    ),
    OPTIONS,
  );
  const text = 'a\u0085b\u2028c\u2029d\v\f';
  const answer = await adapter.ask('polo', { text });
  t.match(answer, {
    value: [text, String.raw`{"id":2,"op":"polo","args":{"text":"a\u0085b\u2028c\u2029d\u000b\f"}}`],
  });
  await adapter.stop();
});

t.test('an answer is not larger than its request explains', async (t) => {
  const asked = async (on: string, args: Record<string, unknown>) => {
    const { adapter } = await startAdapter(line(on), OPTIONS);
    const result = await adapter.ask('polo', args).then(
      ({ kind }) => kind,
      (error: unknown) => String(error),
    );
    await adapter.stop();
    return result;
  };
  const answers = (length: string) => `answer(id, 'x'.repeat(${length}));`;
  t.match(
    await asked(answers('2 ** 20'), {}),
    /wrote a line of 10486\d\d characters, .* has at most 65\d{3}: /,
  );
  t.match(await asked("console.log('['.repeat(2 ** 20));", {}), /wrote a line of 1048576 characters/);
  t.equal(await asked(answers('64 * 2 ** 10'), { text: 'x' }), 'value');
  t.equal(await asked(answers('2 ** 20'), { text: 'x'.repeat(2 ** 17) }), 'value');
  t.equal(await asked(answers('2 ** 20'), { value: [{ repeat: 'ab', times: 2 ** 16 }] }), 'value');
  t.equal(await asked(answers('2 ** 20'), { value: { hex: '00ff', times: 2 ** 16 } }), 'value');
  t.equal(await asked(answers('2 ** 20'), { repeat: { field: 'a', text: 'ab', count: 2 ** 16 } }), 'value');
  t.equal(await asked(answers('2 ** 20'), { count: 2 ** 15 }), 'value');
});

t.test('at most 64 requests and 32 MiB are open', async (t) => {
  const { adapter } = await startAdapter(
    line(`
      // Answers when no further request comes.
      globalThis.open ??= [];
      open.push({ id, bytes: args.text.length });
      clearTimeout(globalThis.timer);
      globalThis.timer = setTimeout(() => {
        const bytes = open.reduce((sum, { bytes }) => sum + bytes, 0);
        for (const { id } of open) answer(id, { count: open.length, bytes });
        open.length = 0;
      }, 300);`),
    OPTIONS,
  );
  const most = async (count: number, text: string, key: 'count' | 'bytes') => {
    const answers = await Promise.all(Array.from({ length: count }, () => adapter.ask('polo', { text })));
    return Math.max(...answers.map((answer) => (answer as { value: { [key]: number } }).value[key] ?? 0));
  };
  t.equal(await most(100, 'x', 'count'), 64);
  t.ok((await most(6, 'x'.repeat(10 * 2 ** 20), 'bytes')) <= 32 * 2 ** 20);
  await adapter.finish();
});

t.test('what is no answer names the request', async (t) => {
  for (const [on, code] of [
    ['console.log("debug: here I am");', 'no-answer'],
    ['answer(id, 1); answer(id, 1);', 'unasked'],
    ['answer(id + 1, 1);', 'unasked'],
    ['console.log(JSON.stringify({ id }));', 'no-answer'],
    ['console.log("[1]");', 'no-answer'],
  ] as const) {
    const { adapter } = await startAdapter(line(on), OPTIONS);
    const error = await adapter
      .ask('polo', {})
      .then(() => adapter.finish())
      .catch((reason: unknown) => reason);
    t.equal(codeOf(error), code, on);
    t.ok(error instanceof Error && error.message.length < 400);
    await adapter.stop();
  }
});

t.test('a line without end is cut off in bounded memory', async (t) => {
  const { adapter } = await startAdapter(
    line(
      'const part = "x".repeat(2 ** 20); for (;;) if (!process.stdout.write(part)) await new Promise((go) => process.stdout.once("drain", go));',
    ),
    OPTIONS,
  );
  const before = process.memoryUsage().rss;
  const error = await adapter.ask('polo', {}).catch((reason: unknown) => reason);
  t.equal(codeOf(error), 'no-answer');
  t.ok(process.memoryUsage().rss - before < 400 * 2 ** 20);
  await adapter.stop();
});

t.test('an adapter that ends, or is silent, loses the requests that are open', async (t) => {
  const ending = await startAdapter(line('process.exit(7);'), OPTIONS);
  const replies = await Promise.allSettled(Array.from({ length: 70 }, () => ending.adapter.ask('polo', {})));
  const reasons = replies.map((reply) => (reply.status === 'rejected' ? reply.reason : undefined));
  t.equal(codeOf(reasons[0]), 'ended');
  t.match(reasons[0], { message: /exit status 7/ });
  t.ok(reasons[69] instanceof NotAskedError);
  await ending.adapter.stop();

  const silent = await startAdapter(line(''), { ...OPTIONS, answerMs: 100 });
  t.equal(codeOf(await silent.adapter.ask('polo', {}).catch((reason: unknown) => reason)), 'silent');
  await silent.adapter.stop();
});

t.test('a command that does not begin as an adapter', async (t) => {
  const failure = async (command: string, startMs = 30_000) =>
    codeOf(await startAdapter(command, { ...OPTIONS, startMs }).catch((reason: unknown) => reason));
  t.equal(await failure('exit 3'), 'not-started');
  t.equal(await failure('exec sleep 60', 300), 'not-started');
  t.equal(await failure('echo hello; exec sleep 60'), 'no-answer');
  t.equal(await failure(`echo '{"id":1,"ok":true,"value":{"name":"x"}}'; exec sleep 60`), 'hello');
});

t.test('the end of the input', { skip: process.platform !== 'linux' }, async (t) => {
  const children = await startAdapter(`sleep 1234 & ${line('')}`, OPTIONS);
  const left = await children.adapter.finish();
  t.match(left, [{ command: /sleep 1234/ }]);
  // Empty also for a process that has ended and whose parent has not looked.
  t.equal(await readFile(`/proc/${left[0]?.pid}/cmdline`, 'utf8').catch(() => ''), '', 'it was ended');

  const deaf = await startAdapter(line('', 'setInterval(() => {}, 1000);'), OPTIONS);
  t.equal(codeOf(await deaf.adapter.finish().catch((reason: unknown) => reason)), 'did-not-end');
});

t.test('a signal ends the wait', async (t) => {
  const controller = new AbortController();
  const { adapter } = await startAdapter(line(''), { ...OPTIONS, signal: controller.signal });
  const asked = adapter.ask('polo', {});
  controller.abort(new Error('stopped'));
  await t.rejects(asked, { message: 'stopped' });
  await adapter.stop();
});
