/** What a terminal is sent: colours by meaning, and lines that replace each other. */

import colors from 'picocolors';
import type { Colors } from '../../conformance/index.ts';
import type { Context } from '../core/context.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const NO: readonly (string | undefined)[] = [undefined, '', '0', 'false'];

/** `color` decides. Without it there are none when the output is no terminal or a dumb one, or when NO_COLOR, or FORCE_COLOR=0, is set. */
export function colorsFor(
  { isTerminal, color }: Pick<Context, 'isTerminal' | 'color'>,
  env: Environment = process.env,
): Colors {
  const isForbidden = (env['NO_COLOR'] ?? '') !== '' || ['0', 'false'].includes(env['FORCE_COLOR'] ?? '');
  const { green, red, yellow, dim, bold } = colors.createColors(
    color ?? (isTerminal && !isForbidden && env['TERM'] !== 'dumb'),
  );
  return { good: green, bad: red, warn: yellow, dim, bold };
}

/** Whether a line can replace the one before. In CI, a terminal becomes a log, in which each line stays. */
export function replacesLines(
  { isTerminal }: Pick<Context, 'isTerminal'>,
  env: Environment = process.env,
): boolean {
  return isTerminal && env['TERM'] !== 'dumb' && NO.includes(env['CI']);
}
