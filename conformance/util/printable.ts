/**
 * Escapes text before it is shown. A target can be hostile, so characters that a terminal, a CI system or a reader could
 * misinterpret are escaped.
 */

/** Controls, format characters (bidi overrides, zero-width), lone surrogates, unassigned, private use, line separators. */
export const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Commands of CI systems in a log: `::error::` at the start of a line, `##[error]` and `##vso[…]` anywhere in it. */
const COMMAND = /(?<=^\s*):(?=:)|#(?=#\w*\[)/g;

/**
 * The text with every unsafe character as `\n`, `\r`, `\t`, `\xNN` or `\u{…}`, cut to `limit` UTF-16 units (default 200)
 * before escaping. The first character of a CI command becomes `\xNN` too.
 */
export function printable(value: string, limit = 200): string {
  // A character of two units is not cut in half, because the half would show as a character that was never sent.
  const end = (value.codePointAt(limit - 1) ?? 0) > 0xffff ? limit - 1 : limit;
  const shown = value.slice(0, end).replace(UNSAFE, escaped).replace(COMMAND, escaped);
  return value.length > limit ? `${shown}…` : shown;
}

/** As `printable`, for a path, which is useless without its end. Cut to 4096 UTF-16 units, which no file of Linux has more of. */
export function printablePath(path: string): string {
  return printable(path, 4096);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** The character as `\uNNNN`, one for each UTF-16 unit, as JSON permits it in a string. */
export function jsonEscape(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** As `printable`, for bytes: invalid UTF-8 becomes U+FFFD. */
export function printableBytes(bytes: Uint8Array, limit = 200): string {
  // A UTF-16 unit takes at most three bytes, so this is more than is shown, or all bytes.
  const enough = bytes.subarray(0, 4 * limit + 1);
  return printable(new TextDecoder('utf-8', { ignoreBOM: true }).decode(enough), limit);
}
