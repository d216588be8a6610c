/** Colours by meaning. There are none when the output is not a terminal, or when NO_COLOR or a similar variable is set. */

import colors from 'picocolors';
import type { Colors } from '../../conformance/index.ts';
import type { Context } from '../core/context.ts';

export function colorsFor(context: Context): Colors {
  const { green, red, yellow, dim, bold } = colors.createColors(
    context.isTerminal && colors.isColorSupported,
  );
  return { good: green, bad: red, warn: yellow, dim, bold };
}
