/** What the readers of crash reports share: a reader takes the lines of an output, and returns the cause that they name. */

import type { Frame } from './frames.ts';

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

/** The cause; undefined if the lines hold no report of its kind. */
export type Reader = (lines: readonly string[]) => CrashCause | undefined;

/** The frames after line `from`: those of the first block of lines that are frames. */
export function framesFrom(
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

/** The message without what belongs to one input or one run: what is quoted, hexadecimal and other numbers. */
export function withoutValues(message: string, keepsNumbers = false): string {
  const plain = message
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replaceAll(/0x[0-9a-f]+/gi, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const text = keepsNumbers ? plain : plain.replaceAll(/-?\d+(?:\.\d+)?/g, 'N').replaceAll(/\[[N:]*\]/g, '');
  return text.trim().replaceAll(/ +/g, ' ').slice(0, 120);
}

export function baseOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/[()]/g, '');
}

/** File and line of a place such as `/src/a.c:12:3`. */
export function lineOf(place: string): string {
  return /^[^:]*:\d+/.exec(baseOf(place))?.[0] ?? baseOf(place);
}

/** The first line after `at` that matches; undefined if none does. */
export function nextOf(lines: readonly string[], at: number, pattern: RegExp): number | undefined {
  const next = lines.findIndex((line, index) => index > at && pattern.test(line));
  return next < 0 ? undefined : next;
}
