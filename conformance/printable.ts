/**
 * What a target sends is data, and may be hostile: before any of it is shown, everything that a terminal or a reader
 * could mistake for something else is escaped.
 */

// Controls, format characters (bidi overrides, zero-width), lone surrogates, unassigned, private use, line separators.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/gu;

/** The text with every unsafe character as `\n`, `\xNN` or `\u{…}`, cut to `limit` characters (default 200). */
export function printable(value: string, limit = 200): string {
  const shown = value.slice(0, limit).replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
  return value.length > limit ? `${shown}…` : shown;
}

/** Bytes as text for a person: valid UTF-8 as it is, the rest as U+FFFD, unsafe characters escaped. */
export function printableBytes(bytes: Uint8Array, limit = 200): string {
  // Four bytes hold any character, so this cut never takes more from the text than `printable` does.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, 4 * limit));
  return printable(text, limit) + (bytes.length > 4 * limit && text.length <= limit ? '…' : '');
}
