/** Durations on a command line. */

import { UsageError } from '../core/errors.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration such as `90s`, more than none. Throws a UsageError. */
export function duration(text: string, option: string): number {
  const [, number = '', unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new UsageError(`${option} ${JSON.stringify(text)} is not a duration; for example ${option} 60s`);
}
