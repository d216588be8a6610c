/** Options that several commands share, and checks of their values. */

import type { Options } from 'yargs';
import { UsageError } from '../core/errors.ts';

export const TARGET = {
  type: 'string',
  requiresArg: true,
  describe: 'Address of the peer, as host:port',
} as const satisfies Options;

export const DIR = {
  type: 'string',
  requiresArg: true,
  describe: 'Directory of the task store, with received/, submitted/ and results/',
} as const satisfies Options;

export const TIMEOUT = {
  type: 'number',
  default: 5000,
  requiresArg: true,
  describe: 'Milliseconds to wait for the peer',
} as const satisfies Options;

export const JUSTIFICATION = {
  type: 'string',
  requiresArg: true,
  describe: 'The reason, at most 4096 bytes',
} as const satisfies Options;

export const TASK_ID = {
  type: 'string',
  demandOption: true,
  describe: 'Task id, as conform tasks shows it',
} as const satisfies Options;

/** A week, in milliseconds. A timer takes 24 days at the most, and some waits are several times a deadline. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Throws UsageError unless the number is a whole number of milliseconds, from 1 to those of a week. */
export function checkMilliseconds(value: number, option: string): number {
  return checkLongest(checkWhole(value, option, 1, 'a whole number of milliseconds'), option);
}

/** Throws UsageError unless the number is a whole number of seconds, from 0 to those of a week. Returns milliseconds. */
export function checkSeconds(value: number, option: string): number {
  return checkLongest(1000 * checkWhole(value, option, 0, 'a whole number of seconds'), option);
}

function checkLongest(ms: number, option: string): number {
  if (ms <= LONGEST_MS) return ms;
  throw new UsageError(`${option} must be a week at the most: 168h, or ${LONGEST_MS} milliseconds`);
}

/** Throws UsageError unless the number is whole and at least `lowest`. */
export function checkWhole(value: number, option: string, lowest: number, what = 'a whole number'): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  throw new UsageError(`${option} must be ${what}, ${lowest} or more`);
}

/** Throws UsageError unless the number is whole, from `lowest` to `most`, both inclusive. `why` is a reason for the bound. */
export function checkBetween(value: number, option: string, lowest: number, most: number, why = ''): number {
  if (Number.isSafeInteger(value) && value >= lowest && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${lowest} to ${most}${why && `: ${why}`}`);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration such as `90s`, more than 0, a week at the most. Throws a UsageError. */
export function duration(text: string, option: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms > 0) return checkLongest(ms, option);
  throw new UsageError(`${option} ${JSON.stringify(text)} is not a duration; for example ${option} 60s`);
}
