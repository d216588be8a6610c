/** Numbers with three digits and the unit that suits their size. */

import type { Unit } from './report.ts';

export function format(value: number, unit: Unit): string {
  switch (unit) {
    case 'ns':
      return scaled(value, 1000, ['ns', 'µs', 'ms', 's']);
    case 'per-second':
      return scaled(value, 1000, ['/s', 'k/s', 'M/s', 'G/s']);
    case 'bytes':
      return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB']);
    case 'bytes-per-second':
      return scaled(value, 1000, ['B/s', 'kB/s', 'MB/s', 'GB/s']);
    case 'ratio':
      return `${value.toFixed(2)} ×`;
    case 'count':
      return String(value);
  }
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let scale = 0;
  let rest = value;
  while (Math.abs(rest) >= step * 0.9995 && scale < units.length - 1) {
    rest /= step;
    scale++;
  }
  const digits = Math.abs(rest) >= 100 ? 0 : Math.abs(rest) >= 10 ? 1 : 2;
  return `${Number.isInteger(rest) ? rest : rest.toFixed(digits)} ${units[scale]}`;
}
