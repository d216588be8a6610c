/** How large the answer to a request can be, so that an adapter cannot fill the memory of the kit with its answers. */

import { type Args, isObject } from './interface.ts';

const KiB = 1024;
/** Whatever the request: an error message, a type in words, a score. */
const LEAST_BYTES = 64 * KiB;
/** `<` is `\u003c` in canonical JSON, and that is 12 digits in hex. */
const GROWTH = 16;
/** Of an id, with what surrounds it in an array. */
const ID_BYTES = 64;

/** Most bytes of the line that answers this request. `bytes`: those of the request. */
export function largestAnswer(args: Args, bytes: number): number {
  const { count } = args;
  const ids = typeof count === 'number' ? ID_BYTES * count : 0;
  return LEAST_BYTES + ids + GROWTH * (bytes + repeatedBytes(args));
}

/** What stands for text or bytes that occur several times, where the arguments hold them once. */
export function repeatedBytes(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + repeatedBytes(item), 0);
  if (!isObject(value)) return 0;
  const { repeat, hex, text } = value;
  const times = value['times'] ?? value['count'];
  const once = [repeat, hex, text].find((part) => typeof part === 'string');
  if (typeof times === 'number' && typeof once === 'string') return times * Buffer.byteLength(once);
  return repeatedBytes(Object.values(value));
}
