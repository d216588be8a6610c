/** Keys of a terminal, each as it is pressed. */

import type { Key } from './requests.ts';

/** By the character that the terminal sends. */
const KEYS: Readonly<Record<string, Key>> = {
  f: 'failed',
  a: 'all',
  '\r': 'again',
  '\n': 'again',
  q: 'quit',
  // Ctrl-D, which ends an input.
  '\u0004': 'quit',
};

/** Ctrl-C. A terminal that passes each key on makes no signal of it. */
const INTERRUPT = '\u0003';

/** What is used of standard input. */
export type KeyInput = Pick<NodeJS.ReadableStream, 'on' | 'off' | 'resume' | 'pause'> & {
  readonly isTTY?: boolean | undefined;
  readonly setRawMode?: ((isRaw: boolean) => unknown) | undefined;
};

/**
 * Calls `onKey` for each key that means something, and `onInterrupt` for Ctrl-C. Undefined if the input is no terminal;
 * otherwise the function that ends it, and leaves the terminal as it was.
 */
export function readKeys(
  input: KeyInput,
  { onKey, onInterrupt }: { readonly onKey: (key: Key) => void; readonly onInterrupt: () => void },
): (() => void) | undefined {
  if (input.isTTY !== true || input.setRawMode === undefined) return undefined;
  const onData = (data: Buffer | string): void => {
    for (const character of String(data)) {
      const key = KEYS[character.toLowerCase()];
      if (character === INTERRUPT) onInterrupt();
      else if (key !== undefined) onKey(key);
    }
  };
  input.setRawMode(true);
  input.on('data', onData);
  input.resume();
  return () => {
    input.off('data', onData);
    input.setRawMode?.(false);
    input.pause();
  };
}
