/**
 * A recording of a terminal as an SVG image: what a command printed, and when → lines that appear at that time. The text can be
 * selected, and the image refers to nothing outside of itself.
 */

import { escapeMarkup } from '../../conformance/reporters/common/escape.ts';

/** A piece of output. */
export interface Piece {
  /** Milliseconds since the recording began. */
  readonly atMs: number;
  readonly text: string;
}

export interface SvgOptions {
  /** The command line, shown at a prompt before its output. */
  readonly command: string;
  /** What the image shows, for readers that cannot see it. */
  readonly title: string;
  /** Columns of the terminal. Longer lines continue on the next one. */
  readonly columns: number;
  /** Rows that are visible; earlier ones scroll away. */
  readonly rows: number;
  /** False: the end, at rest, from the last row on that begins with `from`; the last rows if none does. */
  readonly isAnimated: boolean;
  readonly from: string;
}

/** A state of one row: it replaces the earlier states of that row. */
interface Shown {
  readonly row: number;
  readonly fromMs: number;
  untilMs: number | undefined;
  readonly cells: readonly Cell[];
}

interface Cell {
  readonly character: string;
  readonly style: string;
}

const COLUMN = 7.8;
const ROW = 18;
const PADDING = 14;
/** Milliseconds that the prompt stands alone, and that the end stays at the least. */
const BEFORE_MS = 1200;

/** The image. Of escape sequences it knows colours and the erasing of a line; others are left out. */
export function terminalSvg(pieces: readonly Piece[], options: SvgOptions): string {
  const { columns, rows, isAnimated, from, title } = options;
  const states = screen(pieces, options);
  const last = Math.max(...states.map(({ row }) => row));
  const end = states.filter(({ untilMs }) => untilMs === undefined);
  const begin = end.findLast(({ cells }) => textOf(cells).startsWith(from))?.row ?? 0;
  const first = isAnimated ? 0 : Math.max(begin, last - rows + 1);
  const kept = isAnimated ? states : end.filter(({ row }) => row >= first);
  const shownRows = Math.min(rows, last - first + 1);
  const [width, height] = [Math.ceil(columns * COLUMN) + 2 * PADDING, shownRows * ROW + 2 * PADDING];
  const lines = kept
    .filter(({ cells }) => cells.length > 0)
    .map((state) => lineSvg(state, first, isAnimated));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">\n`,
    `<title id="title">${escapeMarkup(title)}</title>\n<style>\n${STYLE}${isAnimated ? scrolling(states, rows) : ''}</style>\n`,
    `<rect width="${width}" height="${height}" rx="8"/>\n`,
    `<svg x="${PADDING}" y="${PADDING}" width="${width - 2 * PADDING}" height="${shownRows * ROW}"><g class="screen">\n`,
    ...lines,
    '</g></svg>\n</svg>\n',
  ].join('');
}

const STYLE = `rect { fill: #0d1117 }
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #e6edf3; white-space: pre }
.c1 { font-weight: bold } .c2 { fill: #9198a1 } .c31 { fill: #ff7b72 } .c32 { fill: #4ac26b } .c33 { fill: #e3b341 }
@keyframes on { to { visibility: visible } }
@keyframes off { to { visibility: hidden } }
`;

function lineSvg({ row, fromMs, untilMs, cells }: Shown, first: number, isAnimated: boolean): string {
  const y = (row - first) * ROW + 13;
  const times = [
    `on 1ms ${fromMs}ms forwards`,
    ...(untilMs === undefined ? [] : [`off 1ms ${untilMs}ms forwards`]),
  ];
  const style = isAnimated ? ` style="visibility:hidden;animation:${times.join(',')}"` : '';
  const length = (cells.length * COLUMN).toFixed(1);
  const attributes = `y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}`;
  return `<text xml:space="preserve" ${attributes}>${runs(cells)}</text>\n`;
}

function runs(cells: readonly Cell[]): string {
  let text = '';
  for (let at = 0; at < cells.length; ) {
    const style = cells[at]?.style ?? '';
    let end = at;
    while (end < cells.length && cells[end]?.style === style) end += 1;
    const part = escapeMarkup(
      cells
        .slice(at, end)
        .map(({ character }) => character)
        .join(''),
    );
    text += style === '' ? part : `<tspan class="${style}">${part}</tspan>`;
    at = end;
  }
  return text;
}

function textOf(cells: readonly Cell[]): string {
  return cells.map(({ character }) => character).join('');
}

/** The screen moves up when a row appears that is below it. */
function scrolling(states: readonly Shown[], rows: number): string {
  const end = Math.max(...states.map(({ fromMs }) => fromMs)) + 1;
  const steps: string[] = [];
  let top = 0;
  for (const { row, fromMs } of states) {
    if (row - rows + 1 <= top) continue;
    top = row - rows + 1;
    steps.push(`${((100 * fromMs) / end).toFixed(2)}% { transform: translateY(${-top * ROW}px) }`);
  }
  if (steps.length === 0) return '';
  return `@keyframes scroll { 0% { transform: none } ${steps.join(' ')} to { transform: translateY(${-top * ROW}px) } }
.screen { animation: scroll ${end}ms step-end forwards }
`;
}

/** Plays the output on a terminal, and keeps each state of each row. */
function screen(pieces: readonly Piece[], { command, columns }: SvgOptions): readonly Shown[] {
  const states: Shown[] = [];
  const current = new Map<number, Shown>();
  const show = (row: number, cells: readonly Cell[], atMs: number) => {
    const before = current.get(row);
    if (before !== undefined) before.untilMs = atMs;
    const state = { row, fromMs: atMs, untilMs: undefined, cells: [...cells] };
    current.set(row, state);
    states.push(state);
  };
  const prompt = [...`$ ${command}`].map((character, at) => ({ character, style: at < 2 ? 'c2' : 'c1' }));
  let row = 0;
  for (; row * columns < prompt.length; row += 1)
    show(row, prompt.slice(row * columns, (row + 1) * columns), 0);
  let cells: Cell[] = [];
  let column = 0;
  let styles = new Set<string>();
  for (const { atMs, text } of pieces) {
    const now = Math.round(atMs) + BEFORE_MS;
    let isChanged = false;
    const next = () => {
      show(row, cells, now);
      row += 1;
      [cells, column, isChanged] = [[], 0, false];
    };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read here
    for (const token of text.match(/\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]/gu) ?? []) {
      if (token === '\n') next();
      else if (token === '\r') column = 0;
      else if (token.endsWith('K') && token.length > 1) {
        cells = cells.slice(0, token.includes('2') ? 0 : column);
        isChanged = true;
      } else if (token.endsWith('m') && token.length > 1) styles = styledBy(styles, token.slice(2, -1));
      else if (token.length <= 2 && !token.startsWith('\x1b')) {
        if (column === columns) next();
        while (cells.length < column) cells.push({ character: ' ', style: '' });
        cells[column] = { character: token, style: [...styles].join(' ') };
        column += 1;
        isChanged = true;
      }
    }
    if (isChanged) show(row, cells, now);
  }
  return states;
}

function styledBy(styles: ReadonlySet<string>, codes: string): Set<string> {
  const next = new Set(styles);
  for (const code of codes.split(';')) {
    if (code === '' || code === '0') next.clear();
    else if (code === '22') ['c1', 'c2'].map((name) => next.delete(name));
    else if (code === '39') ['c31', 'c32', 'c33'].map((name) => next.delete(name));
    else if (['1', '2', '31', '32', '33'].includes(code)) next.add(`c${code}`);
  }
  return next;
}
