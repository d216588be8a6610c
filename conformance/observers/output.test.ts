import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { Output } from './output.ts';

/** The lines that an output of this text shows. */
async function shown(...pieces: readonly string[]): Promise<readonly string[]> {
  const stream = new PassThrough();
  const output = new Output(stream);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await once(stream, 'close');
  return output.lines;
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

t.test('the last lines are kept, without empty ones, whatever the pieces are', async (t) => {
  t.strictSame(await shown(), []);
  t.strictSame(await shown('on', 'e\n\r\n  \ntwo\nthr', 'ee'), ['one', 'two', 'three']);
  t.strictSame(await shown(numbered(1, 500).join('\n')), numbered(481, 500));
});

t.test('lines are bounded and escaped', async (t) => {
  t.strictSame(await shown('\u001b[31mred\n::error::no\n'), ['\\x1b[31mred', '\\x3a:error::no']);
  const [line = ''] = await shown('x'.repeat(5000), 'y'.repeat(100_000));
  t.equal(line, `${'x'.repeat(1000)}…`);
  const long = await shown(`${'x'.repeat(900)}\n`.repeat(100));
  t.equal(long.length, 4, 'as many long lines as fit');
});

for (const first of [
  'panic: runtime error: index out of range [5] with length 3',
  'fatal error: concurrent map writes',
  'SIGABRT: abort',
  'runtime: goroutine stack exceeds 1000000000-byte limit',
  "thread 'main' panicked at src/main.rs:3:5:",
  "thread '<unknown>' (1814) has overflowed its stack",
  'memory allocation of 4611686018427387903 bytes failed',
  "thread '<unnamed>' (4711) panicked at src/main.rs:3:5:",
  'Traceback (most recent call last):',
  'Fatal Python error: Segmentation fault',
  '==4711==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000015',
  '==4711==WARNING: MemorySanitizer: use-of-uninitialized-value',
  'frame.c:12:9: runtime error: shift exponent 32 is too large',
  'Exception in thread "main" java.lang.OutOfMemoryError',
  '# A fatal error has been detected by the Java Runtime Environment:',
  'Terminating due to java.lang.OutOfMemoryError: Java heap space',
  'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  "terminate called after throwing an instance of 'std::bad_alloc'",
  "server: frame.c:12: main: Assertion `length > 0' failed.",
  '*** stack smashing detected ***: terminated',
]) {
  t.test(`a report begins with: ${first}`, async (t) => {
    t.strictSame(await shown(['access log', first, 'next', ''].join('\n')), [first, 'next']);
  });
}

for (const line of [
  'http: panic serving 127.0.0.1:4711: runtime error: index out of range [5] with length 3',
  'recovered: runtime error: invalid memory address or nil pointer dereference',
  '#  fatal error: OutOfMemory encountered: Java heap space',
]) {
  t.test(`no report begins with: ${line}`, async (t) => {
    t.strictSame(await shown(['access log', line, ''].join('\n')), ['access log', line]);
  });
}

t.test('a long report is cut in its middle', async (t) => {
  const report = ['panic: boom', ...numbered(2, 500)];
  t.strictSame(await shown(['before', ...report].join('\n')), [
    ...report.slice(0, 80),
    '… 400 more lines …',
    ...numbered(481, 500),
  ]);
  t.strictSame(
    await shown(report.slice(0, 100).join('\n')),
    report.slice(0, 100),
    'a hundred lines are whole',
  );
});

t.test("a sanitizer's report is shown without the dump of its memory", async (t) => {
  const report = [
    '==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000015',
    '    #0 0x55 in main frame.c:12',
    'SUMMARY: AddressSanitizer: heap-buffer-overflow frame.c:12 in main',
  ];
  t.strictSame(await shown([...report, 'Shadow bytes around the buggy address:', ''].join('\n')), report);
});

t.test('the last of several reports is shown', async (t) => {
  const handled = ['Traceback (most recent call last):', 'ValueError: handled', 'access log'];
  const fatal = ['Traceback (most recent call last):', 'MemoryError'];
  t.strictSame(await shown([...handled, ...fatal].join('\n')), fatal);
});

t.test('a second failure while the first is handled belongs to the same report', async (t) => {
  const python = [
    'Traceback (most recent call last):',
    'KeyError: 1',
    'During handling of the above exception, another exception occurred:',
    'Traceback (most recent call last):',
    'ValueError: 2',
  ];
  t.strictSame(await shown(python.join('\n\n')), python);
  const rust = [
    "thread 'main' panicked at src/main.rs:3:5:",
    'the cause',
    "thread 'main' panicked at library/core/src/panicking.rs:230:5:",
    'panic in a function that cannot unwind',
  ];
  t.strictSame(await shown(rust.join('\n')), rust);
  const go = [
    'panic: runtime error: index out of range [5] with length 3',
    '    panic: while cleaning: runtime error: invalid memory address or nil pointer dereference',
  ];
  t.strictSame(await shown(go.join('\n').replace('    ', '\t')), go, 'with its indentation');
});

/** What an output of these lines keeps. */
async function traces(...lines: readonly string[]) {
  const stream = new PassThrough();
  const kinds: string[] = [];
  const output = new Output(stream, (kind) => kinds.push(kind));
  stream.end(lines.join('\n'));
  await once(stream, 'close');
  return { traces: output.reportsAfter(0), kinds, hasReport: output.hasReport };
}

const STACK_TRACES: Readonly<Record<string, readonly string[]>> = {
  'Node.js': [
    "TypeError: Cannot read properties of undefined (reading 'length')",
    '    at Socket.answer (file:///srv/server.mjs:12:9)',
    '    at async file:///srv/server.mjs:40:3 {',
    '  code: 4,',
    '  [cause]: Error: no task',
    '      at take (file:///srv/tasks.mjs:3:9)',
    '}',
  ],
  Java: [
    'java.lang.IllegalStateException: no task',
    '    at net.example.Tasks.take(Tasks.java:31)',
    '    ... 5 more',
    'Caused by: java.io.FileNotFoundException: 4.json',
    '    at java.base/java.io.FileInputStream.open0(Native Method)',
  ],
  '.NET': ['System.FormatException: no task', '   at Server.Tasks.Take(String id) in /srv/Tasks.cs:line 31'],
  Ruby: [
    "server.rb:3:in 'Integer#/': divided by 0 (ZeroDivisionError)",
    "    from server.rb:3:in 'Object#take'",
  ],
  Go: [
    'http: panic serving 127.0.0.1:4711: runtime error: index out of range [5] with length 3',
    'goroutine 19 [running]:',
    'net/http.(*conn).serve.func1()',
    '    /usr/lib/go/src/net/http/server.go:1854 +0xbf',
    'created by net/http.(*Server).Serve',
    '    /usr/lib/go/src/net/http/server.go:3102 +0x4db',
  ],
};

const INDENT_WITH_TABS: readonly string[] = ['Java', 'Ruby', 'Go'];

for (const [language, trace] of Object.entries(STACK_TRACES)) {
  const indent = INDENT_WITH_TABS.includes(language) ? '\t' : '    ';
  t.test(`a stack trace of ${language} is kept, and does not say why a process ended`, async (t) => {
    const lines = trace.map((line) => line.replace(/^ {4}/, indent));
    t.strictSame(await traces('access log', ...lines, 'access log', '  an indented line'), {
      traces: [trace],
      kinds: [],
      hasReport: false,
    });
  });
}

t.test(
  'stack traces and reports are kept in the order in which they begin, the last four of each',
  async (t) => {
    const trace = (number: number): string[] => [`Error: ${number}`, `    at take (server.js:${number}:1)`];
    const { traces: kept, kinds } = await traces(
      ...[1, 2, 3, 4].flatMap(trace),
      ...['panic: boom', '[signal SIGSEGV: segmentation violation]', 'goroutine 1 [running]:', 'main.main()'],
      ...trace(5),
    );
    t.strictSame(
      kept.map(([first]) => first),
      ['Error: 2', 'Error: 3', 'Error: 4', 'panic: boom', 'Error: 5'],
    );
    t.strictSame(kinds, ['runtime']);
  },
);

t.test('a stack without an error is no stack trace, and a report on a crash is not one more', async (t) => {
  t.strictSame((await traces('Trace: here', '    at take (server.js:1:1)')).traces, []);
  const crash = [
    'Exception in thread "main" java.lang.OutOfMemoryError',
    '    at net.example.Main.main(Main.java:3)',
  ];
  t.strictSame((await traces(...crash)).traces, [crash]);
});
