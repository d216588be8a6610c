/** A test for a whole text, such as an id; `*` matches any characters, all others match themselves. */
export function globOf(pattern: string): RegExp {
  const literals = pattern.split('*').map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`);
}
