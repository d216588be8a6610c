/** Reports of programs that are compiled to machine code: sanitizers, Go, Rust, C++ and libc. */

import { type Frame, namesOf, recursionOf } from './frames.ts';
import { baseOf, framesFrom, lineOf, nextOf, type Reader, withoutValues } from './reader.ts';

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

export const sanitizer: Reader = (lines) => {
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

export const undefinedBehaviour: Reader = (lines) => {
  const at = lines.findLastIndex((line) => UNDEFINED.test(line));
  const [, place = '', what = ''] = UNDEFINED.exec(lines[at] ?? '') ?? [];
  if (place === '') return undefined;
  const kind = `UndefinedBehaviorSanitizer ${withoutValues(what).replace(/^(.*? overflow|.*? pointer|index).*/, '$1')}`;
  const frames = framesFrom(lines, at + 1, sanitizerFrame);
  return { kind, frames: frames.length > 0 ? namesOf(frames) : [lineOf(place)] };
};

/** What Go itself says, apart from its errors of the runtime. All other words are those of the target, and can hold its input. */
const GO_WORDS =
  /^(?:runtime error: |interface conversion: |close of |send on closed |assignment to entry in nil map|all goroutines )/;

// Go: `main.parse({0xc000, 0x5})`, and the place in the next line. A second panic, while the first is handled, is indented.
export const go: Reader = (lines) => {
  const at = lines.findLastIndex((line) => /^(?:panic|fatal error|SIG[A-Z]+): /.test(line));
  if (at < 0) return undefined;
  const running = lines.findIndex((line, index) => index > at && /^goroutine \d+/.test(line));
  // Also Go's race detector and others write 'panic: '. Only with goroutines it is a report of Go.
  if (running < 0 && !/^(?:panic: runtime error|fatal error): /.test(lines[at] ?? '')) return undefined;
  const message = (lines[at] ?? '').replace(/^(?:panic|fatal error): /, '');
  const frames = running < 0 ? [] : framesFrom(lines, running + 1, goFrame);
  const isOfTarget = lines[at]?.startsWith('panic: ') && !GO_WORDS.test(message);
  if (isOfTarget && frames.length > 0) return { kind: 'Go panic', frames: namesOf(frames) };
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

/** What Rust and its library say. All other words are those of the target, and can hold its input. */
const RUST_WORDS = new RegExp(
  [
    '^(?:index out of bounds|attempt to |called `|range (?:start|end) index|slice index|byte index|capacity overflow',
    'assertion |explicit panic|not (?:yet )?implemented|internal error: entered unreachable code',
    'already (?:mutably )?borrowed|RefCell already)',
  ].join('|'),
);

// Rust: the message is in the line after the place; the frames are there only with RUST_BACKTRACE.
export const rust: Reader = (lines) => {
  const overflow = lines.some((line) => /^thread '.*' .*has overflowed its stack/.test(line));
  if (overflow) return { kind: 'Rust stack overflow', frames: [] };
  const allocation = lines.findIndex((line) => /^memory allocation of \d+ bytes failed/.test(line));
  if (allocation >= 0)
    return {
      kind: 'Rust allocation failure',
      frames: namesOf(framesFrom(lines, allocation + 1, rustFrame)),
    };
  const at = lines.findLastIndex(
    (line) =>
      /^thread '.*' (?:\(\d+\) )?panicked at /.test(line) && !line.includes('library/core/src/panicking'),
  );
  if (at < 0) return undefined;
  const [, old, place = ''] = /panicked at (?:'(.*)', )?(\S+?:\d+)(?::\d+)?:?$/.exec(lines[at] ?? '') ?? [];
  const words = old ?? lines[at + 1] ?? '';
  const message = RUST_WORDS.test(words) ? `: ${withoutValues(words).replace(/[:;] .*/, '')}` : '';
  const frames = framesFrom(lines.slice(0, nextOf(lines, at, /^thread '/)), at + 2, rustFrame);
  const names = namesOf(frames);
  return { kind: `Rust panic${message}`, frames: names.length > 0 ? names : place ? [lineOf(place)] : [] };
};

function rustFrame(line: string, next: string | undefined): Frame | undefined {
  const name = /^\s+\d+: (?:0x[0-9a-f]+ - )?(.+)$/.exec(line)?.[1];
  const path = /^\s+at (\S+)/.exec(next ?? '')?.[1] ?? '';
  return name === undefined
    ? undefined
    : { name: name.replace(/::h[0-9a-f]{16}$/, ''), place: lineOf(path), path };
}

/** Messages of C and C++ in one line. */
const LIBC = [
  /^(?:.*: )?\S+:\d+: (?<frame>.*?): Assertion [`'](?<kind>.*)' failed/,
  /^\*\*\* (?<kind>.*?) \*\*\*/,
  /^terminate called after throwing an instance of '(?<kind>.*)'/,
  /^(?<kind>terminate called .*)/,
  /^(?<kind>(?:double )?(?:free|malloc|realloc|munmap_chunk|corrupted|malloc_consolidate)\b.*(?:corrupt|invalid|double free|mismatching|not |next size|unaligned).*)/,
];

export const libc: Reader = (lines) => {
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
