/** Colours by meaning: on a terminal, unless NO_COLOR or the like says otherwise; none in a pipe. */

import colors from 'picocolors';
import type { Palette } from '../../conformance/index.ts';
import type { Context } from '../core/context.ts';

export function colorsFor(context: Context): Palette {
  const { green, red, yellow, dim, bold } = colors.createColors(
    context.isTerminal && colors.isColorSupported,
  );
  return { good: green, bad: red, warn: yellow, dim, bold };
}
