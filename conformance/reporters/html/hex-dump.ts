/** Bytes as hex and as text, in rows of 16. */

const ROW = 16;
const SHOWN_ROWS = 16;

/** The rows as lines. `hex` holds the first bytes of `total`. At most 16 rows are shown. */
export function hexDump(hex: string, total: number): readonly string[] {
  const bytes = Buffer.from(hex, 'hex').subarray(0, ROW * SHOWN_ROWS);
  const rows = Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, index) => {
    const row = bytes.subarray(index * ROW, (index + 1) * ROW);
    const pairs = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = [...row]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    return `${(index * ROW).toString(16).padStart(6, '0')}  ${pairs.padEnd(3 * ROW - 1)}  ${text}`;
  });
  const more = total - bytes.length;
  return more > 0 ? [...rows, `${more} more bytes`] : rows;
}
