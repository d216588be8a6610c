/** Options that several commands share. */

import type { Options } from 'yargs';
import { UsageError } from '../core/context.ts';

export const TARGET = {
  type: 'string',
  requiresArg: true,
  describe: 'The other side, as host:port',
} as const satisfies Options;

export const DIR = {
  type: 'string',
  requiresArg: true,
  describe: 'The store: a directory with received/, submitted/ and results/',
} as const satisfies Options;

export const TIMEOUT = {
  type: 'number',
  default: 5000,
  requiresArg: true,
  describe: 'Milliseconds to wait for the other side',
} as const satisfies Options;

export const JUSTIFICATION = {
  type: 'string',
  requiresArg: true,
  describe: 'Why; at most 4096 bytes',
} as const satisfies Options;

/** Throws UsageError unless the number is a whole number of milliseconds, 1 or more. */
export function checkMilliseconds(value: number, option: string): number {
  return checkWhole(value, option, 1, 'a whole number of milliseconds');
}

/** Throws UsageError unless the number is whole and at least `lowest`. */
export function checkWhole(value: number, option: string, lowest: number, what = 'a whole number'): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  throw new UsageError(`${option} must be ${what}, ${lowest} or more`);
}
