/**
 * Reads bytes from hex text: bare digits, also separated by spaces, line breaks, colons, commas, 0x or \x, and the dumps of
 * xxd and hexdump -C; packets.ts reads those of tcpdump. A number at the start of a line is an offset only if it counts the bytes.
 */

import { printable } from '../../conformance/util/printable.ts';
import { UsageError } from '../core/errors.ts';

/** An offset, followed by a colon or two spaces. */
const OFFSET = /^\s*(?:0x)?([0-9a-f]{4,8})(?::(?=\s|$)|(?= {2})|$)\s*(.*)$/i;
/** Pairs, alone or joined, up to the text column; hexdump has two spaces after the eighth byte. */
const COLUMNS =
  /^((?:[0-9a-f]{2} ){8} ?(?=[0-9a-f]{2}(?: |$))|)((?:[0-9a-f]{2})+(?: (?:[0-9a-f]{2})+)*)(?: {2}.*| *\|.*| *)$/i;
const SEPARATORS = /[\s:,]+/;
const PREFIX = /^(?:0x|\\x)/i;

/** Throws UsageError that names the first line which is not hex. */
export function parseHex(text: string): Buffer {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const dump = lines.map((line) => OFFSET.exec(line));
  // The last line of hexdump -C is only an offset. A first line of that form is digits.
  const isDump =
    dump.length > 0 && dump.every((match, index) => match !== null && (index > 0 || match[2] !== ''));
  if (!isDump) return parseBare(text);
  const bytes = parseDump(dump.map((match) => ({ offset: match?.[1] ?? '', columns: match?.[2] ?? '' })));
  // A single line that starts with four to eight digits may also be digits only.
  if (lines.length === 1 && isBare(text)) {
    throw new UsageError(
      'the first number of the line may be an offset or data; give the digits without it, or the whole dump',
    );
  }
  return bytes;
}

function parseDump(lines: readonly { readonly offset: string; readonly columns: string }[]): Buffer {
  const parts: Buffer[] = [];
  const first = Number.parseInt(lines[0]?.offset ?? '0', 16);
  let length = 0;
  for (const [index, { offset, columns }] of lines.entries()) {
    if (Number.parseInt(offset, 16) !== first + length) {
      throw new UsageError(
        `line ${index + 1}: offset ${offset} does not count the bytes above it; give the digits without offsets`,
      );
    }
    if (columns === '' && index === lines.length - 1) break;
    const part = hexColumns(columns);
    if (part.length === 0)
      throw new UsageError(`line ${index + 1}: no hex digits after the offset: ${printable(columns, 40)}`);
    parts.push(part);
    length += part.length;
  }
  return Buffer.concat(parts);
}

/** The bytes of one line of a dump, without its offset; none if the line does not begin with hex digits. */
export function hexColumns(columns: string): Buffer {
  const [, left = '', right = ''] = COLUMNS.exec(columns) ?? [];
  return Buffer.from((left + right).replaceAll(' ', ''), 'hex');
}

function isBare(text: string): boolean {
  return text.split(SEPARATORS).every((word) => /^(?:[0-9a-f]{2})*$/i.test(word.replace(PREFIX, '')));
}

function parseBare(text: string): Buffer {
  for (const [index, line] of text.split('\n').entries()) {
    for (const word of line.replaceAll('\\x', ' ').split(SEPARATORS)) {
      const digits = word.replace(PREFIX, '');
      const stray = /[^0-9a-f]/i.exec(digits)?.[0];
      if (stray !== undefined)
        throw new UsageError(`line ${index + 1}: ${printable(stray)} is not a hex digit`);
      if (digits.length % 2 === 1) {
        throw new UsageError(`line ${index + 1}: an odd number of hex digits: ${printable(digits, 40)}`);
      }
    }
  }
  return Buffer.from(text.replaceAll(/0x|\\x|[\s:,]/gi, ''), 'hex');
}
