/** Patterns of ids: on the command line, and in a list of known failures. */

/** A test for a whole id; * stands for anything, everything else for itself. */
export function globOf(pattern: string): RegExp {
  const literals = pattern.split('*').map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`);
}
