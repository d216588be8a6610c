/** A number with its noun: `1 scenario`, `2 scenarios`, `2 entries`. `plural`: by default the noun with an `s`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
