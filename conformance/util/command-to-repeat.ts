/**
 * A command line that repeats something, for a person to paste. `program`: how the kit was called; undefined: `conform`.
 * `words` are quoted for a shell where they need it; absent and empty ones are left out.
 */
export function commandToRepeat(
  program: string | undefined,
  ...words: readonly (string | undefined)[]
): string {
  return [program ?? 'conform', ...words].filter(Boolean).join(' ');
}
