/** Options that several commands share, and checks of their values. */

import type { Options } from 'yargs';
import { MAX_JUSTIFICATION_BYTES } from '../../reference/protocol/constants.ts';
import { codeOf, UsageError } from '../core/errors.ts';

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

export const CONFIG = {
  type: 'string',
  requiresArg: true,
  describe: 'File with options; default: conform.config.json, or "conform" in package.json',
} as const satisfies Options;

export const TIMEOUT = {
  type: 'string',
  default: '5s',
  requiresArg: true,
  describe: 'How long to wait for the peer',
} as const satisfies Options;

export const JUSTIFICATION = {
  type: 'string',
  requiresArg: true,
  describe: `The reason, at most ${MAX_JUSTIFICATION_BYTES} bytes`,
} as const satisfies Options;

export const TASK_ID = {
  type: 'string',
  demandOption: true,
  describe: 'Task id, as conform tasks shows it',
} as const satisfies Options;

/** Concurrent scenarios, inclusive. */
export const MAX_JOBS = 1024;
/** Of one failed scenario, inclusive. */
export const MAX_RETRIES = 100;

/** A week, in milliseconds. A timer takes 24 days at the most, and some waits are several times a deadline. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Throws UsageError unless the number is whole and at least `lowest`. */
export function checkWhole(value: number, option: string, lowest: number, what = 'a whole number'): number {
  if (Number.isSafeInteger(value) && value >= lowest) return value;
  const bounds =
    value > Number.MAX_SAFE_INTEGER ? `from ${lowest} to ${Number.MAX_SAFE_INTEGER}` : `${lowest} or more`;
  throw wrong(option, `${value} must be ${what}, ${bounds}`);
}

/** Throws UsageError unless the number is whole, from `lowest` to `most`, both inclusive. `why` is a reason for the bound. */
export function checkBetween(value: number, option: string, lowest: number, most: number, why = ''): number {
  if (Number.isSafeInteger(value) && value >= lowest && value <= most) return value;
  throw wrong(option, `${value} must be a whole number from ${lowest} to ${most}${why && `: ${why}`}`);
}

/** Throws UsageError unless it is the id of a process that runs. */
export function checkProcess(pid: number, option: string): void {
  checkWhole(pid, option, 1, 'the id of a process, a whole number');
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Without the permission to signal it, the process is there.
    if (codeOf(error) !== 'EPERM') throw wrong(option, `${pid}: there is no such process`);
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration such as `90s`, more than 0, a week at the most. Throws a UsageError. */
export function duration(text: string, option: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms > LONGEST_MS)
    throw wrong(option, `${JSON.stringify(text)} is over a week: it must be 168h at the most`);
  if (ms > 0) return ms;
  const why =
    unit !== ''
      ? 'must be more than 0'
      : /^\d+$/.test(text)
        ? 'has no unit'
        : 'is not a duration, a whole number with the unit ms, s, m or h';
  throw wrong(option, `${JSON.stringify(text)} ${why}; for example ${option} 60s`);
}

/** The same for an option that may be absent. */
export function optionalDuration(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : duration(text, option);
}

/** The error for the value of an option. `what`: the value, and what would be right. */
export function wrong(option: string, what: string): UsageError {
  return new UsageError(`${option} ${what}`, 'invalid-value', option);
}
