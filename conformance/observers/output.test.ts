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
    '\\tpanic: while cleaning: runtime error: invalid memory address or nil pointer dereference',
  ];
  t.strictSame(await shown(go.join('\n').replace('\\t', '\t')), go);
});
