/** Tables of text in aligned columns. */

/** How the cells of one column are shown. */
export interface Column {
  /** Default 'left'. */
  readonly align?: 'left' | 'right';
  /** The least width, in characters; a longer cell widens the column. Default 0. */
  readonly width?: number;
  /** Applied after the padding, so that escape sequences do not count as width. Default none. */
  readonly style?: (text: string) => string;
}

/** A line for each row, with a line feed. Columns that are not described have the defaults. No line ends in a space. */
export function textTable(rows: readonly (readonly string[])[], columns: readonly Column[] = []): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      widths[at] = Math.max(widths[at] ?? columns[at]?.width ?? 0, cell.length);
    }
  }
  const lineOf = (row: readonly string[]): string => {
    const last = row.findLastIndex((cell) => cell !== '');
    const cells = row.slice(0, last + 1).map((cell, at) => {
      const { align, style = (text: string): string => text } = columns[at] ?? {};
      const width = widths[at] ?? 0;
      if (align === 'right') return style(cell.padStart(width));
      return style(at === last ? cell : cell.padEnd(width));
    });
    return `${cells.join('  ')}\n`;
  };
  return rows.map(lineOf).join('');
}
