/** Bytes as hex and text side by side. */

const ROW = 16;
const SHOWN_ROWS = 16;

/** Lines; `total` is how many bytes there were, of which `hex` holds the first. */
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
  return more > 0 ? [...rows, `and ${more} bytes more`] : rows;
}
