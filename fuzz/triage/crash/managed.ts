/** Reports of programs in a virtual machine or an interpreter: Python, Node.js and the JVM. */

import { type Frame, isOwn, namesOf, recursionOf } from './frames.ts';
import { baseOf, framesFrom, lineOf, nextOf, type Reader, withoutValues } from './reader.ts';

// Python: the innermost frame is the last. Of a chain of exceptions, the first is the cause.
export const python: Reader = (lines) => {
  const fatal = lines.findIndex((line) => line.startsWith('Fatal Python error: '));
  if (fatal >= 0)
    return {
      kind: `Python fatal error: ${withoutValues((lines[fatal] ?? '').slice(20))}`,
      frames: namesOf(framesFrom(lines, fatal + 1, pythonFrame)),
    };
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
  const [, path = '', at, name = ''] = /^\s+File "(.*)", line (\d+),? in (.*)$/.exec(line) ?? [];
  if (at === undefined) return undefined;
  const module = baseOf(path).replace(/\.py$/, '');
  const place = `${baseOf(path)}:${at}`;
  if (name === '<module>') return { name: module, place, path };
  return { name: name.startsWith('<') ? '' : `${module}.${name}`, place, path };
}

// Node.js: a type, a message, frames, and at the end the version.
export const node: Reader = (lines) => {
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

/** `# C  [libparse.so+0x1125]  field+0xc`; in Java code `# j  Server.handle(I)V+4` or `# J 45 c1 Server.handle(I)V (27 bytes)`. */
const JVM_FRAME = /^# [A-Za-z] {1,2}(?:\[(\S+)\])? *(?:\d+%? \w+ )?(\S*)/;

// A crash of the JVM itself.
export const jvm: Reader = (lines) => {
  const outOfMemory = lines.some((line) =>
    /^(?:Terminating|Aborting) due to java\.lang\.OutOfMemory/.test(line),
  );
  const at = lines.findIndex((line) => line.startsWith('# A fatal error has been detected by the Java'));
  if (at < 0) return outOfMemory ? { kind: 'Java OutOfMemoryError', frames: [] } : undefined;
  const after = lines.slice(at + 1, at + 16);
  const signal = after.map((line) => /^#\s+(SIG[A-Z]+) \(/.exec(line)?.[1]).find(Boolean);
  const error = after[after.findIndex((line) => /^#\s+Internal Error /.test(line)) + 1]?.replace(/^#\s+/, '');
  const frame = after[after.indexOf('# Problematic frame:') + 1] ?? '';
  const [, module, name = ''] = JVM_FRAME.exec(frame) ?? [];
  const where = name.replace(/\(.*$|\+0x[0-9a-f]+$/, '') || module;
  return { kind: `JVM ${signal ?? withoutValues(error ?? 'crash')}`, frames: where ? [where] : [] };
};

// The JVM: `\tat J$Parser.run(J.java:5)`. The last 'Caused by' is the cause.
export const java: Reader = (lines) => {
  const thrown = /^(?:Exception in thread "[^"]*" |Caused by: )([\w.$]+)/;
  const at = lines.findLastIndex((line) => thrown.test(line));
  const type = thrown.exec(lines[at] ?? '')?.[1]?.replace(/^.*\./, '');
  if (type === undefined) return undefined;
  const frames = framesFrom(lines, at + 1, (line) => {
    const [, name, path = ''] = /^\s+at ([\w.$/<>@-]+)\((.*)\)$/.exec(line) ?? [];
    // The name of a class that the JVM made for a lambda holds an address.
    if (name === undefined || name.includes('$$Lambda')) return undefined;
    return { name: name.replace(/^.*\//, ''), place: path, path: name };
  });
  return {
    kind: `Java ${type}`,
    frames: type === 'StackOverflowError' ? recursionOf(frames) : namesOf(frames),
  };
};
