/** Effective verdicts on the HTML page: the class, the symbol, and the order in which the page shows them. */

import { WORDS } from '../../report/effective-verdict.ts';
import { markup } from '../common/escape.ts';

/** The order of scenarios and of the counts in the legend: what counts against the target comes first. */
export const BY_SEVERITY: readonly string[] = [
  ...['FAIL', 'flaky', 'error', 'inconclusive', 'warning', 'note', 'known', 'skipped', '–'],
  ...['pass'],
];

/** The symbols, one character for each word. The style sheet shows them, so that they are no part of the text. */
export const SYMBOLS: Readonly<Record<(typeof WORDS)[number] | 'absent', string>> = {
  pass: '✓',
  FAIL: '✕',
  flaky: '≈',
  warning: '!',
  note: 'i',
  known: 'k',
  inconclusive: '?',
  skipped: '–',
  error: 'e',
  absent: ' ',
};

/** The classes of an effective verdict, or of `–` for a scenario that was not judged: its colour and its symbol. */
export function styleOf(word: string): string {
  const symbol = WORDS.some((one) => one === word) ? word : 'absent';
  return `${colorOf(word)} v-${symbol}`;
}

/** The verdict with its symbol. */
export function verdictHtml(word: string): string {
  return `<b class="v ${styleOf(word)}">${markup(word)}</b>`;
}

/** The place of the word in the order of severity. */
export function severityOf(word: string): number {
  return BY_SEVERITY.indexOf(word);
}

function colorOf(word: string): string {
  if (word === 'pass') return 'good';
  if (word === 'FAIL' || word === 'error') return 'bad';
  return word === 'skipped' || word === 'note' || word === '–' ? 'none' : 'warn';
}
