/** The diagnostics block of a TAP point: JSON strings are YAML, so no YAML library is needed to write it. */

import { plain } from '../common/escape.ts';

/** Keys with text values; a value of several lines becomes a list. */
export function stringify(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).flatMap(([key, value]) => {
    const [first = '', ...more] = value.split('\n').map((line) => JSON.stringify(plain(line)));
    return more.length === 0
      ? [`${key}: ${first}`]
      : [`${key}:`, ...[first, ...more].map((line) => `  - ${line}`)];
  });
  return ['---', ...lines, '...'].map((line) => `  ${line}\n`).join('');
}
