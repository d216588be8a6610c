/**
 * Decides which task ids and file names of a peer may become part of the name of a file (R5). One rule serves both:
 * on every system and file system the name is one visible path segment, in its own spelling and in its compatibility
 * form (NFKC). A name is accepted or refused, and never rewritten into a safe form.
 *
 * A safe name stays inside its directory, but `<task_id>_<filename>` (R6) is still ambiguous: task `a` with file
 * `b_c.txt` and task `a_b` with file `c.txt` share one name. So do `A` and `a`, or two spellings of `é`, on a file
 * system that folds them. The store therefore creates a result file and never replaces it, and it compares the task
 * id inside a task file with the requested id.
 */

import { MAX_RESULT_FILENAME_BYTES } from './constants.ts';

/** The most bytes of UTF-8 in a task id, inclusive. A directory entry has 255, and a result needs some of them. */
const MAX_SAFE_ID_BYTES = 64;

/**
 * Separators; `:` of drive letters and streams; characters that names on Windows cannot have; and invisible
 * characters: control and format characters with the bidirectional overrides, lone surrogates, private and unassigned
 * code points, line separators.
 */
const UNSAFE_CHARACTER = /[/\\:*?"<>|\p{C}\p{Zl}\p{Zp}]/u;

/** Characters that look like `/`, `\` or `:` and that NFKC does not replace by these. */
const LOOK_ALIKE = /[\u2044\u2215\u2216\u2236\u2571\u2572\u29f5\u29f8\u29f9\ua789]/;

/** Windows removes dots and spaces at the end. A leading dot hides a file, or makes the name `.` or `..`. */
const UNSAFE_EDGE = /^[\s.]|[\s.]$/;

/** Device names of Windows, with or without an extension. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)\d)\s*(?:\.|$)/i;

/** `~1`: Windows makes such short names for other files. */
const SHORT_ALIAS = /~\d/;

/**
 * Whether `<id>.json`, `<id>_result.txt` and `<id>_<filename>` may be names of files in the store (R5). The id has
 * from 1 to 64 bytes of UTF-8, inclusive.
 */
export function isSafeTaskId(id: string): boolean {
  return isSafeSegment(id, MAX_SAFE_ID_BYTES);
}

/**
 * Whether `<id>_<name>` may be the name of a file in the store (R5). The name has from 1 to MAX_RESULT_FILENAME_BYTES
 * bytes of UTF-8, inclusive; the store shortens a name that the file system cannot hold. Does not check the extension
 * (R4).
 */
export function isSafeFilename(name: string): boolean {
  return isSafeSegment(name, MAX_RESULT_FILENAME_BYTES);
}

function isSafeSegment(name: string, maxBytes: number): boolean {
  // The bound on bytes comes first, so that the checks after it are cheap for any name that a peer sends.
  if (name === '' || Buffer.byteLength(name, 'utf8') > maxBytes) return false;
  const folded = name.normalize('NFKC');
  // A dot that appears only in the folded form was another character (U+2024, U+FF0E) or several dots in one (U+2026).
  if (countDots(folded) !== countDots(name)) return false;
  // Both forms are checked: folding reveals full-width characters, and it hides a `<` that a combining stroke follows.
  return [name, folded].every(
    (form) =>
      ![UNSAFE_CHARACTER, LOOK_ALIKE, UNSAFE_EDGE, RESERVED, SHORT_ALIAS].some((rule) => rule.test(form)),
  );
}

function countDots(text: string): number {
  return text.split('.').length;
}
