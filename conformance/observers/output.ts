/**
 * The output of a process: stream → lines → those that say why it ended. These are the report on a crash (a panic, a
 * traceback, a sanitizer's report) from its first line on, or else the last lines. A stack trace of an error that the program
 * handled is kept too, but does not say why a process ended. The output can have any size, so only a bounded part is kept.
 */

import type { Readable } from 'node:stream';
import { printable } from '../util/printable.ts';

/** UTF-16 units of one line. */
const LINE_CHARACTERS = 1000;
const INDENT = '    ';
/** From the first line of a report on. */
const HEAD: Bound = { lines: 80, characters: 12 * 1024 };
/** At the end of the output. */
const TAIL: Bound = { lines: 20, characters: 4 * 1024 };

/** How many reports on crashes are kept, and how many stack traces: a process may write one more as the connection ends. */
const KEPT_REPORTS = 4;

/** UTF-16 units are counted before unsafe characters are escaped. */
interface Bound {
  readonly lines: number;
  readonly characters: number;
}

/** The first line of a report on undefined behaviour. A server in Go may log `GET /: runtime error: …` and go on. */
const UNDEFINED_BEHAVIOUR = '^(?:\\S+:\\d+:\\d+|<unknown>): runtime error: ';
/** First lines of reports: sanitizers, Go, Rust, Python, the JVM, Node.js, C++ and libc. */
const REPORT_BEGINS = new RegExp(
  [
    '^\\w+Sanitizer:DEADLYSIGNAL',
    '(?:ERROR|WARNING): \\w+Sanitizer',
    UNDEFINED_BEHAVIOUR,
    '^panic: ',
    '^fatal error: ',
    '^runtime: goroutine stack exceeds ',
    '^SIG(?:ABRT|BUS|FPE|ILL|SEGV|TRAP): ',
    "^thread '.*' (?:\\(\\d+\\) )?(?:panicked at |has overflowed its stack)",
    '^memory allocation of \\d+ bytes failed',
    '^Traceback \\(most recent call last\\)',
    '^Fatal Python error: ',
    '^Exception in thread ',
    '^Exception: \\S+ thrown from the UncaughtExceptionHandler',
    '^# A fatal error has been detected by the Java Runtime Environment',
    '^(?:Terminating|Aborting) due to java\\.lang\\.',
    '^FATAL ERROR: ',
    '^Unhandled exception',
    '^terminate called ',
    ': Assertion .* failed',
    '^\\*\\*\\* .* \\*\\*\\*: terminated',
  ].join('|'),
);
/** Mostly ends the process. */
const IS_ERROR = /^\w+Sanitizer:DEADLYSIGNAL|ERROR: \w+Sanitizer/;
/** Undefined behaviour, after which the process goes on unless an option makes it halt. */
const IS_WARNING = new RegExp(`WARNING: \\w+Sanitizer|${UNDEFINED_BEHAVIOUR}`);
/** The last line of a sanitizer's report but for a dump of its own memory. */
const REPORT_ENDS = /^SUMMARY: \w+Sanitizer: /;
/** A line that looks like the first of a report, but continues one: a second failure while the first is handled. */
const SECOND_PANIC = /panicked at \S*library\/core\/src\/panicking/;
/** The line of Python before the traceback of a second failure. */
const BEFORE_SECOND_TRACEBACK = /another exception occurred:$|direct cause of the following exception:$/;

/** A line of a stack: of Node.js, the JVM and .NET, of Ruby, and of a stack that a program in Go wrote. */
const STACK_BEGINS = /^\s+at \S|^\s+from \S+:\d+:in |^goroutine \d+ \[/;
/** The line before a stack, in the case of an error. */
const NAMES_ERROR = /(?:Error|Exception|Throwable)\b|\bpanic\b/;
/** A stack, the stack of a cause, or the properties of an error. The names of functions of Go are not indented. */
const STACK_GOES_ON = /^\s|^\}|^(?:Caused by|Suppressed): |^goroutine \d+ \[|^created by |^[^\s(]+\(.*\)$/;

/**
 * Who writes a report, and of what: a sanitizer of an error or of undefined behaviour, or the runtime or a library of the
 * program, which may be intended.
 */
export type ReportKind = 'error' | 'warning' | 'runtime';

function kindOf(text: string): ReportKind {
  if (IS_ERROR.test(text)) return 'error';
  return IS_WARNING.test(text) ? 'warning' : 'runtime';
}

/** The first lines of a report on a crash, or of a stack trace. */
interface Head {
  /** Counts both, in the order in which they begin. */
  readonly number: number;
  readonly lines: string[];
}

/** One stream. The last report says why the process ended, because it can survive the failure of a thread. */
export class Output {
  /** Of the last reports on a crash, oldest first. */
  readonly #crashes: Head[] = [];
  /** Lines after those of the last of `#crashes`. */
  #afterHead = 0;
  /** Of the last stack traces, oldest first. */
  readonly #traces: Head[] = [];
  /** The last of `#traces`, while it goes on. */
  #openTrace: Head | undefined;
  #reportCount = 0;
  readonly #tail: string[] = [];
  readonly #onReport: (kind: ReportKind) => void;

  /** `onReport` is called when the first line of a report on a crash has arrived. */
  constructor(stream: Readable, onReport: (kind: ReportKind) => void = () => {}) {
    this.#onReport = onReport;
    let begun = '';
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => {
        const lines = (begun + text).split('\n');
        // One character more than the limit, so that a cut line is marked as cut.
        begun = (lines.pop() ?? '').slice(0, LINE_CHARACTERS + 1);
        for (const line of lines) this.#add(line);
      })
      .on('close', () => this.#add(begun));
  }

  /** Whether there is a report on a crash. */
  get hasReport(): boolean {
    return this.#crashes.length > 0;
  }

  /** How many reports and stack traces have begun. */
  get reportCount(): number {
    return this.#reportCount;
  }

  /**
   * The reports and stack traces that began when there were this many, at most the last four of each: their first lines,
   * escaped; oldest first.
   */
  reportsAfter(count: number): readonly (readonly string[])[] {
    return [...this.#crashes, ...this.#traces]
      .filter(({ number }) => number >= count)
      .sort((one, other) => one.number - other.number)
      .map(({ lines }) => lines.map(escaped));
  }

  /** Escaped; oldest first. */
  get lines(): readonly string[] {
    if (!this.hasReport) return this.#tail.map(escaped);
    const last = this.#afterHead === 0 ? [] : this.#tail.slice(-this.#afterHead);
    const left = this.#afterHead - last.length;
    return [
      ...this.#head.map(escaped),
      ...(left > 0 ? [`… ${left} more lines …`] : []),
      ...last.map(escaped),
    ];
  }

  get #head(): string[] {
    return this.#crashes.at(-1)?.lines ?? [];
  }

  #add(line: string): void {
    const text = line.trimEnd().slice(0, LINE_CHARACTERS + 1);
    if (text === '') return;
    this.#addToTrace(text);
    if (this.#beginsReport(text)) {
      this.#begin(this.#crashes, [text]);
      this.#afterHead = 0;
      this.#onReport(kindOf(text));
    } else if (this.hasReport && !REPORT_ENDS.test(this.#head.at(-1) ?? '')) {
      const head = [...this.#head, text];
      if (this.#afterHead === 0 && fits(head, HEAD)) this.#head.push(text);
      else this.#afterHead += 1;
    }
    this.#tail.push(text);
    while (!fits(this.#tail, TAIL)) this.#tail.shift();
  }

  /** A trace is one from its second line on, the first line of the stack. */
  #addToTrace(text: string): void {
    const open = this.#openTrace;
    if (open !== undefined && STACK_GOES_ON.test(text)) {
      if (fits([...open.lines, text], HEAD)) open.lines.push(text);
      return;
    }
    const before = this.#tail.at(-1) ?? '';
    const isTrace = STACK_BEGINS.test(text) && NAMES_ERROR.test(before) && !REPORT_BEGINS.test(before);
    this.#openTrace = isTrace ? this.#begin(this.#traces, [before, text]) : undefined;
  }

  #begin(heads: Head[], lines: string[]): Head {
    const head = { number: this.#reportCount, lines };
    this.#reportCount += 1;
    heads.push(head);
    if (heads.length > KEPT_REPORTS) heads.shift();
    return head;
  }

  #beginsReport(text: string): boolean {
    if (!REPORT_BEGINS.test(text)) return false;
    const isSecond = SECOND_PANIC.test(text) || BEFORE_SECOND_TRACEBACK.test(this.#tail.at(-1) ?? '');
    return !(this.hasReport && isSecond);
  }
}

function fits(lines: readonly string[], bound: Bound): boolean {
  const characters = lines.reduce((sum, line) => sum + line.length, 0);
  return lines.length <= bound.lines && characters <= bound.characters;
}

/** Go and the JVM indent the lines of a stack with a tab, which would be shown as `\t`. */
function escaped(line: string): string {
  return printable(
    line.replace(/^\t+/, (tabs) => INDENT.repeat(tabs.length)),
    LINE_CHARACTERS,
  );
}
