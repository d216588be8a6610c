/**
 * Which task ids and file names of a peer may become part of a file's name (R5). One rule for both, meant to hold on any
 * system and any file system: the name is one visible path segment, on every one of them, under its own spelling and
 * under its compatibility form (NFKC). What is refused is refused; nothing is ever rewritten into a safe form.
 *
 * For the store: a safe name stays inside its directory, but `<task_id>_<filename>` (R6) is still ambiguous. Task `a`
 * with file `b_c.txt` and task `a_b` with file `c.txt` share one name, and so do `A` and `a`, or two spellings of `é`,
 * where a file system folds them. The rule that needs neither parsing nor a table: a file in `results/` is only ever
 * created, never replaced (write a temporary file, then link it to the name, which fails when the name is taken). When it
 * is taken, the delivery is refused unless the bytes are the same, as they are when a delivery is repeated. Task files
 * likewise: create exclusively, and when reading one compare the id inside with the id asked for.
 */

/** Most bytes of UTF-8 in a task id, inclusive: with `_` and a file name it fits the 255 bytes of a directory entry. */
const MAX_SAFE_ID_BYTES = 64;
/** Most bytes of UTF-8 in a result's file name, inclusive. Names up to R2's 256 are legal, but cannot be stored. */
const MAX_SAFE_FILENAME_BYTES = 255 - MAX_SAFE_ID_BYTES - '_'.length;

/**
 * Separators, drive letters and streams (`:`), what Windows has no names with, and whatever cannot be seen: control and
 * format characters (bidirectional overrides among them), lone surrogates, private and unassigned code points, line ends.
 */
const UNSAFE_CHARACTER = /[/\\:*?"<>|\p{C}\p{Zl}\p{Zp}]/u;

/** Look-alikes of `/`, `\` and `:` that even NFKC tells apart from them. */
const LOOK_ALIKE = /[\u2044\u2215\u2216\u2236\u2571\u2572\u29f5\u29f8\u29f9\ua789]/;

/** Windows drops dots and spaces at the end, and a leading dot hides a file or makes it `.` or `..`. */
const UNSAFE_EDGE = /^[\s.]|[\s.]$/;

/** Device names of Windows, with any extension or none. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)\d)\s*(?:\.|$)/i;

/** `~1`: the short alias that Windows gives another file. */
const SHORT_ALIAS = /~\d/;

/** Whether `<id>.json`, `<id>_result.txt` and `<id>_<filename>` may be files of the store (R5); at most 64 bytes of UTF-8. */
export function isSafeTaskId(id: string): boolean {
  return isSafeSegment(id, MAX_SAFE_ID_BYTES);
}

/** Whether `<id>_<name>` may be a file of the store (R5); at most 190 bytes of UTF-8. The extension is not judged (R4). */
export function isSafeFilename(name: string): boolean {
  return isSafeSegment(name, MAX_SAFE_FILENAME_BYTES);
}

function isSafeSegment(name: string, maxBytes: number): boolean {
  // The bound on bytes comes first: it keeps everything behind it cheap, whatever a peer sent.
  if (name === '' || Buffer.byteLength(name, 'utf8') > maxBytes) return false;
  const folded = name.normalize('NFKC');
  // A dot that appears only in the folded form is a look-alike (U+2024, U+FF0E) or a row of them (U+2026).
  if (countDots(folded) !== countDots(name)) return false;
  // Both forms: folding reveals what is written full-width, and hides a `<` whose combining stroke makes it one letter.
  return [name, folded].every(
    (form) =>
      ![UNSAFE_CHARACTER, LOOK_ALIKE, UNSAFE_EDGE, RESERVED, SHORT_ALIAS].some((rule) => rule.test(form)),
  );
}

function countDots(text: string): number {
  return text.split('.').length;
}
