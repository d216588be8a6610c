/** Writes reports: each reporter to its file, and one of them to standard output. */

import { appendFileSync, closeSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  FORMATS,
  type Format,
  NO_COLORS,
  ONE_REPORT,
  type PrettyOptions,
  type Renderer,
  type ReportRecord,
  renderer,
  type Waiting,
} from '../../conformance/index.ts';
import { atExit } from '../../conformance/util/at-exit.ts';
import { makeFolder } from '../../conformance/util/folders.ts';
import { printablePath } from '../../conformance/util/printable.ts';
import { notOneOf } from '../core/check-command-line.ts';
import type { Context } from '../core/context.ts';
import { codeOf, UsageError } from '../core/errors.ts';
import { cannotWrite, why } from '../core/output-files.ts';
import { openToWrite } from '../core/replace-file.ts';
import { colorsFor, replacesLines } from './colors.ts';

/** A format, and its file. Without a file it is written to standard output. */
export interface Reporter {
  readonly format: Format;
  readonly file?: string;
}

interface Output {
  readonly renderer: Renderer;
  readonly write: (text: string) => void;
  readonly close: () => void;
}

/** What names standard output. */
const STANDARD_OUTPUT: readonly string[] = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/** Reads `NAME` and `NAME=FILE`, where the file `-` is standard output. Adds 'pretty' when no reporter writes to standard output. Throws UsageError. */
export function reportersOf(texts: readonly string[], targets: number): readonly Reporter[] {
  const named = texts.map((text): Reporter => {
    const [, name = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const format = FORMATS.find((format) => format === name);
    if (format === undefined) throw wrong(`${notOneOf(JSON.stringify(name), name, FORMATS)}`);
    if (file === '') throw wrong(`${JSON.stringify(text)} names no file, as in ${name}=FILE`);
    if (targets > 1 && ONE_REPORT.includes(format)) {
      throw wrong(`${format} is for one target`);
    }
    return { format, ...(file !== undefined && !STANDARD_OUTPUT.includes(file) && { file }) };
  });
  const onStandardOutput = named.filter(({ file }) => file === undefined);
  if (onStandardOutput.length > 1) {
    const formats = onStandardOutput.map(({ format }) => format).join(' and ');
    throw new UsageError(
      `${formats} cannot both go to standard output; give a file, as in --reporter tap=FILE`,
    );
  }
  const files = named.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const paths = files.map(withoutLinks);
  const again = paths.findIndex((path, index) => paths.indexOf(path) < index);
  if (again >= 0) {
    const [first, other] = [files[paths.indexOf(paths[again] ?? '')], files[again]].map((file = '') =>
      JSON.stringify(printablePath(file)),
    );
    throw new UsageError(`two reporters write ${first}${other === first ? '' : `, which is also ${other}`}`);
  }
  return onStandardOutput.length === 0 ? [{ format: 'pretty' }, ...named] : named;
}

/** The path of the file that is written, whether it exists or not. */
function withoutLinks(file: string): string {
  const path = resolve(file);
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(withoutLinks(folder), basename(path));
  }
}

function wrong(what: string): UsageError {
  return new UsageError(`--reporter ${what}`, 'invalid-value', '--reporter');
}

/** How the text report looks, wherever it is written. */
export type TextStyle = Omit<PrettyOptions, 'colors' | 'live'>;

/**
 * Passes records to all reporters. A file that cannot be written any more is reported once, and the others are complete. If
 * the process ends before `end`, the reports are completed with the records so far, which count as interrupted.
 */
export class Outputs {
  readonly #outputs: Output[];
  readonly #forget: () => void;
  #hasRecords = false;
  #isLost = false;

  /** Creates folders, opens and empties the files. Throws a UsageError for a file that cannot be opened. */
  constructor(reporters: readonly Reporter[], style: TextStyle, context: Context) {
    const onTerminal: PrettyOptions = { ...style, colors: colorsFor(context), live: replacesLines(context) };
    const inFile: PrettyOptions = { ...style, colors: NO_COLORS, live: false };
    const lose = (line: string): void => {
      this.#isLost = true;
      context.err(line);
    };
    this.#outputs = reporters.map(({ format, file }) =>
      file === undefined
        ? { renderer: renderer(format, onTerminal), write: context.out, close: () => {} }
        : toFile(renderer(format, inFile), file, lose),
    );
    // One, however many reporters are for it.
    if (reporters.some(({ format }) => format === 'github')) this.#outputs.push(...jobSummary(inFile, lose));
    this.#forget = atExit(() => {
      // A command that fails before its first record has no report.
      if (this.#hasRecords || context.interrupted.aborted) this.end();
    });
  }

  take(record: ReportRecord): void {
    this.#hasRecords = true;
    for (const { renderer, write } of this.#outputs) put(write, renderer.take(record));
  }

  /** What the run waits for, for the formats that show progress. */
  waiting(event: Waiting): void {
    for (const { renderer, write } of this.#outputs) put(write, renderer.waiting?.(event) ?? '');
  }

  /** Whether a file of a report is incomplete or missing. Call it after `end`. */
  get isLost(): boolean {
    return this.#isLost;
  }

  end(): void {
    this.#forget();
    for (const { renderer, write, close } of this.#outputs) {
      put(write, renderer.end());
      close();
    }
  }
}

function put(write: (text: string) => void, text: string): void {
  if (text !== '') write(text);
}

/** Emptied at the start, so that an old report is not mistaken for a new one. Text is written as it arrives. */
function toFile(renderer: Renderer, file: string, lose: (line: string) => void): Output {
  const descriptor = opened(file);
  let isLost = false;
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      if (!isLost) lose(cannotWrite(file, error));
      isLost = true;
    }
  };
  return {
    renderer,
    write: (text) => attempt(() => void (isLost || writeFileSync(descriptor, text))),
    close: () => attempt(() => closeSync(descriptor)),
  };
}

function opened(file: string): number {
  try {
    makeFolder(dirname(resolve(file)));
    return openToWrite(file);
  } catch (error) {
    throw wrong(`${printablePath(file)} cannot be written (${why(codeOf(error))})`);
  }
}

/** The summary of a GitHub job is a file to which each step appends Markdown. */
function jobSummary(options: PrettyOptions, lose: (line: string) => void): readonly Output[] {
  const file = process.env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return [];
  const write = (text: string): void => {
    try {
      appendFileSync(file, text);
    } catch (error) {
      lose(`conform: cannot write the job summary (${why(codeOf(error))})\n`);
    }
  };
  return [{ renderer: renderer('markdown', options), write, close: () => {} }];
}
