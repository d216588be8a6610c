/**
 * A command line that repeats something, for a person to paste. `program`: how the kit was called; undefined: `conform`.
 * The caller quotes `words` for a shell; absent and empty ones are left out.
 */
export function commandToRepeat(
  program: string | undefined,
  ...words: readonly (string | undefined)[]
): string {
  return [program ?? 'conform', ...words].filter(Boolean).join(' ');
}
