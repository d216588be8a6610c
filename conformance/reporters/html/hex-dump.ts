/** Bytes as hex and as text, in rows of 16, with the part that matters marked. The result is markup. */

import type { Span } from '../../evidence/span.ts';
import { counted } from '../../util/counted.ts';
import { escapeMarkup } from '../common/escape.ts';

const ROW = 16;
/** Rows that are shown from the beginning. */
const SHOWN_ROWS = 16;
/** Rows around a mark that lies after those: before it, and from it on. */
const AROUND = { before: 1, from: 4 };

/** Consecutive bytes of a stream. */
export interface Bytes {
  /** Of the first byte in the stream. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The rows as lines of markup: the first 16, and after them those around `mark`, whose bytes are in `mark` elements. `kept` are
 * the known parts of a stream of `total` bytes, the first one from its beginning. A mark without bytes is the place where
 * something is missing: the byte that follows it is marked as a gap.
 */
export function hexDump(kept: readonly Bytes[], total: number, mark: Span | undefined): readonly string[] {
  const [head] = kept;
  if (head === undefined) return [];
  const shown = head.bytes.subarray(0, ROW * SHOWN_ROWS);
  const lines = rowsOf({ offset: 0, bytes: shown }, mark);
  const later = mark !== undefined && mark.offset >= shown.length ? partAround(kept, mark) : undefined;
  if (later === undefined) return withRest(lines, total - shown.length);
  const skipped = later.offset - shown.length;
  const rest = total - later.offset - later.bytes.length;
  return withRest([...withRest(lines, skipped), ...rowsOf(later, mark)], rest);
}

function withRest(lines: readonly string[], count: number): readonly string[] {
  return count > 0 ? [...lines, counted(count, 'more byte')] : lines;
}

/** The rows around the mark that follow those at the beginning; undefined if no part holds them. */
function partAround(kept: readonly Bytes[], mark: Span): Bytes | undefined {
  const part = kept.find(({ offset, bytes }) => mark.offset >= offset && mark.offset < offset + bytes.length);
  if (part === undefined) return undefined;
  const row = Math.floor(mark.offset / ROW);
  const from = Math.max(part.offset, ROW * Math.max(SHOWN_ROWS, row - AROUND.before));
  const to = ROW * (row + AROUND.from);
  return { offset: from, bytes: part.bytes.subarray(from - part.offset, to - part.offset) };
}

function rowsOf({ offset, bytes }: Bytes, mark: Span | undefined): readonly string[] {
  const first = Math.floor(offset / ROW);
  const last = Math.ceil((offset + bytes.length) / ROW);
  return Array.from({ length: last - first }, (_, index) => {
    const begin = ROW * (first + index);
    const columns = Array.from({ length: ROW }, (_, column) => {
      const at = begin + column;
      const byte = bytes[at - offset];
      return { byte: at < offset ? undefined : byte, kind: kindOf(at, mark) };
    });
    const hex = marked(columns, ' ', (byte) => byte.toString(16).padStart(2, '0'), '  ');
    const text = marked(
      columns,
      '',
      (byte) => (byte >= 0x20 && byte < 0x7f ? escapeMarkup(String.fromCharCode(byte)) : '.'),
      '',
    );
    return `${begin.toString(16).padStart(6, '0')}  ${hex}  ${text}`;
  });
}

type Kind = 'plain' | 'marked' | 'gap';

function kindOf(at: number, mark: Span | undefined): Kind {
  if (mark === undefined) return 'plain';
  if (mark.bytes === 0) return at === mark.offset ? 'gap' : 'plain';
  return at >= mark.offset && at < mark.offset + mark.bytes ? 'marked' : 'plain';
}

const OPENING = { plain: '', marked: '<mark>', gap: '<mark class="gap">' };

/** Neighbours of one kind are in one element, with the separators between them. */
function marked(
  columns: readonly { readonly byte: number | undefined; readonly kind: Kind }[],
  separator: string,
  write: (byte: number) => string,
  absent: string,
): string {
  let text = '';
  let open: Kind = 'plain';
  for (const [index, { byte, kind: wanted }] of columns.entries()) {
    const kind = byte === undefined && wanted !== 'gap' ? 'plain' : wanted;
    const gap = index === 0 ? '' : separator;
    if (kind === open) text += gap;
    else text += `${open === 'plain' ? '' : '</mark>'}${gap}${OPENING[kind]}`;
    open = kind;
    text += byte === undefined ? absent : write(byte);
  }
  return open === 'plain' ? text : `${text}</mark>`;
}
