/** Changes between two reports as text. */

import type { Change } from '../../conformance/index.ts';
import { counted } from '../../conformance/util/counted.ts';
import { printable } from '../../conformance/util/printable.ts';
import type { Context } from '../core/context.ts';
import { colorsFor } from './colors.ts';

/** The lines of a change: its kind and its id, then what was before and what is now. */
export function changeText(
  { id, change, before, after }: Change,
  context: Pick<Context, 'isTerminal' | 'color'>,
): string {
  const { good, bad, warn } = colorsFor(context);
  const style = { worse: bad, better: good, other: warn, behaviour: warn, added: warn, removed: warn }[
    change
  ];
  const side = (sign: string, one: Change['before']): string => {
    if (one === undefined) return '';
    const texts = [one.verdict ?? '', one.behaviour, one.because].filter((text) => text !== '');
    return `  ${sign} ${texts.map((text) => printable(text, 500)).join('; ')}\n`;
  };
  return `${style(change.padEnd(9))} ${id}\n${side('-', before)}${side('+', after)}`;
}

/** How many changes there are, and how many of them are for the worse, for the better, and neither. */
export function countsOf(changes: readonly Change[]): string {
  const [worse = 0, better = 0] = (['worse', 'better'] as const).map(
    (kind) => changes.filter(({ change }) => change === kind).length,
  );
  const total = counted(changes.length, 'change');
  if (changes.length === 0) return total;
  return `${total}: ${worse} worse, ${better} better, ${changes.length - worse - better} other`;
}
