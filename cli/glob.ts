/** Patterns of ids on the command line. */

/** A test for a whole id; * stands for anything, everything else for itself. */
export function globOf(pattern: string): RegExp {
  const literals = pattern.split('*').map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`);
}
