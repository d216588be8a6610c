/**
 * What a target sends is data, and may be hostile: before any of it is shown, everything that a terminal or a reader
 * could mistake for something else is escaped.
 */

/** Controls, format characters (bidi overrides, zero-width), lone surrogates, unassigned, private use, line separators. */
export const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;

/**
 * What a CI reads as a command of the program whose log it keeps: `::error::` at the beginning of a line, `##[error]`
 * and `##vso[…]` anywhere in it.
 */
const COMMAND = /(?<=^\s*):(?=:)|#(?=#\w*\[)/g;

/**
 * The text with every unsafe character as `\n`, `\xNN` or `\u{…}`, cut to `limit` UTF-16 units (default 200). The first
 * character of what could be a CI's command becomes `\xNN` too.
 */
export function printable(value: string, limit = 200): string {
  // A character of two units is not cut in half: the half would be shown as something that was never sent.
  const end = (value.codePointAt(limit - 1) ?? 0) > 0xffff ? limit - 1 : limit;
  const shown = value.slice(0, end).replace(UNSAFE, escaped).replace(COMMAND, escaped);
  return value.length > limit ? `${shown}…` : shown;
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

/** Bytes as text for a person: valid UTF-8 as it is, the rest as U+FFFD, unsafe characters escaped. */
export function printableBytes(bytes: Uint8Array, limit = 200): string {
  // A unit takes three bytes at most: what is left here is always more than is shown, unless it is all there is.
  const enough = bytes.subarray(0, 4 * limit + 1);
  return printable(new TextDecoder('utf-8', { ignoreBOM: true }).decode(enough), limit);
}
