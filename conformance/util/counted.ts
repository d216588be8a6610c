/** A number with its noun, as `1 packet` and `2 packets`. For nouns whose plural ends with s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
