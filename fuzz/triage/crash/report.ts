/**
 * The reports that runtimes write when a program fails: sanitizers, Go, Rust, Python, Node.js, the JVM, C++ and libc. Each
 * reader takes the lines of the output and returns the cause, or undefined if the lines hold no report of its kind.
 */

import { type Frame, isOwn, namesOf, recursionOf } from './frames.ts';

/** The cause of a death. Its parts are part of ids: permanent. */
export interface CrashCause {
  /** Such as 'AddressSanitizer heap-buffer-overflow WRITE', 'Python KeyError' or 'signal SIGSEGV'. */
  readonly kind: string;
  /**
   * The function of the target's own code that failed, and its caller; of a recursion, its functions. Of a frame without a
   * function, the place: module and offset, or file and line. Empty if the report names neither.
   */
  readonly frames: readonly string[];
}

type Reader = (lines: readonly string[]) => CrashCause | undefined;

/** The cause that the report in the lines names; undefined if there is no report. */
export function readReport(lines: readonly string[]): CrashCause | undefined {
  for (const read of READERS) {
    const cause = read(lines);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** The frames after line `from`: those of the first block of lines that are frames. */
function framesFrom(
  lines: readonly string[],
  from: number,
  read: (line: string, next: string | undefined) => Frame | undefined,
): Frame[] {
  const frames: Frame[] = [];
  let missed = 0;
  for (let at = from; at < lines.length && frames.length < 80; at += 1) {
    const frame = read(lines[at] ?? '', lines[at + 1]);
    if (frame !== undefined) frames.push(frame);
    // The line of a frame's source, or a blank one, is between two frames.
    missed = frame === undefined ? missed + 1 : 0;
    if (frames.length > 0 && missed > 2) break;
  }
  return frames;
}

// Sanitizers: `#0 0x55d0 in parse /src/a.c:12:3`, or `#0 0x55d0  (/bin/server+0x1234)`, and in TSan `#0 th /src/a.c:26 (a+0x1)`.
const SANITIZER = /(?:ERROR|WARNING): (\w+Sanitizer): (?:attempting |detected )?(.*)/;
const SANITIZER_FRAME = /^\s*#\d+ (?:0x[0-9a-f]+ +)?(?:in )?(.*)$/;
/** What ends the stack of the failure: the stacks after it say who allocated and freed. */
const SANITIZER_STACK_ENDS = /^(?:$|\S|\s+(?:Previous|Location|Thread|This frame))/;

function sanitizerFrame(line: string): Frame | undefined {
  const text = SANITIZER_FRAME.exec(line)?.[1]?.trim();
  if (text === undefined) return undefined;
  const isNamed = !text.startsWith('(');
  // A C++ name has spaces in its parameters: the name ends before the last word that is a place.
  const [, name = '', place = ''] = isNamed
    ? (/^(.*?)(?: +(\(?[/<.\w-]\S*\)?.*))?$/.exec(text) ?? [])
    : ['', '', text];
  const module = /\(?([^\s()]+)\+0x([0-9a-f]+)\)?/.exec(place || text);
  const where = module ? `${baseOf(module[1] ?? '')}+0x${module[2]}` : baseOf(place);
  return { name: isNamed ? name.replace(/\(.*$/, '') : '', place: where, path: place };
}

const sanitizer: Reader = (lines) => {
  const at = lines.findLastIndex((line) => SANITIZER.test(line));
  const [, tool = '', what = ''] = SANITIZER.exec(lines[at] ?? '') ?? [];
  if (at < 0) return undefined;
  const first = lines.findIndex((line, index) => index > at && SANITIZER_FRAME.test(line));
  const isEnd = (line: string, index: number): boolean => index > first && SANITIZER_STACK_ENDS.test(line);
  const end = lines.findIndex(isEnd);
  const stack = first < 0 ? [] : lines.slice(first, end < 0 ? undefined : end);
  const frames = stack.map(sanitizerFrame).filter((frame) => frame !== undefined);
  const summary = /SUMMARY: \w+Sanitizer: ([a-z][a-z-]+)(?: |$)/.exec(lines.slice(at).join('\n'))?.[1];
  // The words before the first value: 'heap-buffer-overflow on address 0x…', 'requested allocation size 0x…'.
  const words = /^(?:memory leaks|[A-Za-z][\w-]*(?: [a-z-]+(?= \(pid))?)/.exec(what)?.[0] ?? '';
  const kind = what.startsWith('requested allocation') || words === '' ? (summary ?? 'error') : words;
  const access = /\b(READ|WRITE)\b/.exec(lines.slice(at, at + 3).join(' '))?.[1];
  if (kind === 'stack-overflow') return { kind: `${tool} ${kind}`, frames: recursionOf(frames) };
  return { kind: [tool, kind, access].filter(Boolean).join(' '), frames: namesOf(frames) };
};

const UNDEFINED = /^(\S+:\d+:\d+): runtime error: (.*)/;

const undefinedBehaviour: Reader = (lines) => {
  const at = lines.findLastIndex((line) => UNDEFINED.test(line));
  const [, place = '', what = ''] = UNDEFINED.exec(lines[at] ?? '') ?? [];
  if (place === '') return undefined;
  const kind = `UndefinedBehaviorSanitizer ${withoutValues(what).replace(/^(.*? overflow|.*? pointer|index).*/, '$1')}`;
  const frames = framesFrom(lines, at + 1, sanitizerFrame);
  return { kind, frames: frames.length > 0 ? namesOf(frames) : [lineOf(place)] };
};

// Go: `main.parse({0xc000, 0x5})`, and the place in the next line.
const go: Reader = (lines) => {
  const at = lines.findLastIndex((line) => /^(?:panic|fatal error): /.test(line));
  if (at < 0) return undefined;
  const running = lines.findIndex((line, index) => index > at && /^goroutine \d+/.test(line));
  // Also Go's race detector and others write 'panic: '. Only with goroutines it is a report of Go.
  if (running < 0 && !/^(?:panic: runtime error|fatal error): /.test(lines[at] ?? '')) return undefined;
  const message = (lines[at] ?? '').replace(/^(?:panic|fatal error): /, '');
  const frames = running < 0 ? [] : framesFrom(lines, running + 1, goFrame);
  const kind = withoutValues(message)
    .replace(/ with (?:length|capacity).*/, '')
    .replace(/(interface conversion).*/, '$1')
    .replace(/ \[recovered.*/, '');
  if (/stack overflow|stack exceeds/.test(message))
    return { kind: 'Go stack overflow', frames: recursionOf(frames) };
  return { kind: `Go ${kind}`, frames: namesOf(frames) };
};

function goFrame(line: string, next: string | undefined): Frame | undefined {
  const [, name] = /^(?!created by |goroutine )(\S.*)\((?:[^()]*|\.\.\.)\)$/.exec(line) ?? [];
  const place = /^\s+(\S+\.(?:go|s):\d+)/.exec(next ?? '')?.[1];
  return name === undefined || place === undefined ? undefined : { name, place: lineOf(place), path: place };
}

// Rust: the message is in the line after the place; the frames are there only with RUST_BACKTRACE.
const rust: Reader = (lines) => {
  const overflow = lines.some((line) => /^thread '.*' .*has overflowed its stack/.test(line));
  if (overflow) return { kind: 'Rust stack overflow', frames: [] };
  const at = lines.findLastIndex(
    (line) =>
      /^thread '.*' (?:\(\d+\) )?panicked at /.test(line) && !line.includes('library/core/src/panicking'),
  );
  if (at < 0) return undefined;
  const [, old, place = ''] = /panicked at (?:'(.*)', )?(\S+?:\d+)(?::\d+)?:?$/.exec(lines[at] ?? '') ?? [];
  const message = withoutValues(old ?? lines[at + 1] ?? '').replace(/: .*/, '');
  const frames = framesFrom(lines.slice(0, nextOf(lines, at, /^thread '/)), at + 2, rustFrame);
  const names = namesOf(frames);
  return { kind: `Rust panic: ${message}`, frames: names.length > 0 ? names : place ? [lineOf(place)] : [] };
};

function nextOf(lines: readonly string[], at: number, pattern: RegExp): number | undefined {
  const next = lines.findIndex((line, index) => index > at && pattern.test(line));
  return next < 0 ? undefined : next;
}

function rustFrame(line: string, next: string | undefined): Frame | undefined {
  const name = /^\s+\d+: (?:0x[0-9a-f]+ - )?(.+)$/.exec(line)?.[1];
  const path = /^\s+at (\S+)/.exec(next ?? '')?.[1] ?? '';
  return name === undefined
    ? undefined
    : { name: name.replace(/::h[0-9a-f]{16}$/, ''), place: lineOf(path), path };
}

// Python: the innermost frame is the last. Of a chain of exceptions, the first is the cause.
const python: Reader = (lines) => {
  const at = lines.findIndex((line) => line.startsWith('Traceback (most recent call last)'));
  if (at < 0) return undefined;
  const end = nextOf(lines, at, /^[A-Za-z_]/);
  const frames = lines
    .slice(at, end)
    .map(pythonFrame)
    .filter((frame) => frame !== undefined)
    .reverse();
  const type = /^[\w.]+/.exec(end === undefined ? '' : (lines[end] ?? ''))?.[0] ?? 'exception';
  const name = type.replace(/^.*\./, '');
  return {
    kind: `Python ${name}`,
    frames: name === 'RecursionError' ? recursionOf(frames) : namesOf(frames),
  };
};

function pythonFrame(line: string): Frame | undefined {
  const [, path = '', at, name = ''] = /^\s+File "(.*)", line (\d+), in (.*)$/.exec(line) ?? [];
  if (at === undefined) return undefined;
  const module = baseOf(path).replace(/\.py$/, '');
  const place = `${baseOf(path)}:${at}`;
  if (name === '<module>') return { name: module, place, path };
  return { name: name.startsWith('<') ? '' : `${module}.${name}`, place, path };
}

// Node.js: a type, a message, frames, and at the end the version.
const node: Reader = (lines) => {
  const fatal = lines.find((line) => line.startsWith('FATAL ERROR: '));
  if (fatal !== undefined) return { kind: `Node.js ${withoutValues(fatal.slice(13))}`, frames: [] };
  const abort = lines.indexOf('----- JavaScript stack trace -----');
  if (abort >= 0)
    return { kind: 'Node.js abort', frames: namesOf(framesFrom(lines, abort + 1, nodeAbortFrame)) };
  if (!lines.some((line) => /^Node\.js v\d+/.test(line))) return undefined;
  const first = nextOf(lines, -1, /^\s+at /);
  const before = lines.slice(0, first);
  const thrown = NODE_THROWN.exec(before.findLast((line) => NODE_THROWN.test(line)) ?? '');
  const [, type = 'exception', code, message = ''] = thrown ?? [];
  const frames = first === undefined ? [] : framesFrom(lines, first, nodeFrame);
  if (message.startsWith('Maximum call stack size'))
    return { kind: 'Node.js stack overflow', frames: recursionOf(frames) };
  // An error that no code of the target handled has no frame of it.
  const what = message === '' || frames.some(isOwn) ? '' : `: ${withoutValues(message)}`;
  const place = before.findLast((line) => /\.\w+:\d+$/.test(line));
  return {
    kind: ['Node.js', type, code].filter(Boolean).join(' ') + what,
    frames: frames.length === 0 && place ? [lineOf(place)] : namesOf(frames),
  };
};

const NODE_THROWN = /^(?:Uncaught )?(\w*(?:Error|Exception))\b(?: \[(\w+)\])?(?:: (.*))?/;

function nodeAbortFrame(line: string): Frame | undefined {
  return /^\d+: /.test(line) ? nodeFrame(line.replace(/^\d+:/, '    at')) : undefined;
}

function nodeFrame(line: string): Frame | undefined {
  const [, named, path = ''] = /^\s+at (?:(.+?) \()?([^()]+?)\)?$/.exec(line) ?? [];
  if (path === '') return undefined;
  const name = (named ?? '').replace(/^async |^new | \[as .*\]$/g, '').replace(/^(?:.*\.)?<anonymous>$/, '');
  return { name, place: lineOf(path), path };
}

// The JVM: `\tat J$Parser.run(J.java:5)`. The last 'Caused by' is the cause.
const java: Reader = (lines) => {
  const thrown = /^(?:Exception in thread "[^"]*" |Caused by: )([\w.$]+)/;
  const at = lines.findLastIndex((line) => thrown.test(line));
  const type = thrown.exec(lines[at] ?? '')?.[1]?.replace(/^.*\./, '');
  if (type === undefined) return undefined;
  const frames = framesFrom(lines, at + 1, (line) => {
    const [, name, path = ''] = /^\s+at ([\w.$/<>@-]+)\((.*)\)$/.exec(line) ?? [];
    return name === undefined ? undefined : { name: name.replace(/^.*\//, ''), place: path, path: name };
  });
  return {
    kind: `Java ${type}`,
    frames: type === 'StackOverflowError' ? recursionOf(frames) : namesOf(frames),
  };
};

/** Messages of C and C++ in one line. */
const LIBC = [
  /^(?:.*: )?\S+:\d+: (?<frame>.*?): Assertion [`'](?<kind>.*)' failed/,
  /^\*\*\* (?<kind>.*?) \*\*\*/,
  /^terminate called after throwing an instance of '(?<kind>.*)'/,
  /^(?<kind>terminate called .*)/,
  /^(?<kind>(?:double )?(?:free|malloc|realloc|munmap_chunk|corrupted|malloc_consolidate)\b.*(?:corrupt|invalid|double free|mismatching|not |next size|unaligned).*)/,
];

const libc: Reader = (lines) => {
  for (const line of lines.toReversed())
    for (const pattern of LIBC) {
      const { kind, frame } = pattern.exec(line)?.groups ?? {};
      if (kind === undefined) continue;
      const name = frame?.replace(/\(.*$/, '').replace(/^.* /, '');
      return {
        kind: `${frame === undefined ? '' : 'assertion '}${withoutValues(kind, frame !== undefined)}`,
        frames: name ? [name] : [],
      };
    }
  return undefined;
};

const READERS: readonly Reader[] = [sanitizer, undefinedBehaviour, java, rust, python, go, node, libc];

/** The message without what belongs to one input or one run: what is quoted, hexadecimal and other numbers. */
function withoutValues(message: string, keepsNumbers = false): string {
  const plain = message
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replaceAll(/0x[0-9a-f]+/gi, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const text = keepsNumbers ? plain : plain.replaceAll(/-?\d+(?:\.\d+)?/g, 'N').replaceAll(/\[[N:]*\]/g, '');
  return text.trim().replaceAll(/ +/g, ' ').slice(0, 120);
}

function baseOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/[()]/g, '');
}

/** File and line of a place such as `/src/a.c:12:3`. */
function lineOf(place: string): string {
  return /^[^:]*:\d+/.exec(baseOf(place))?.[0] ?? baseOf(place);
}
