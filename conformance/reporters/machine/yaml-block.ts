/** The diagnostics block of a TAP point. JSON strings are valid YAML, so it needs no YAML library. */

import { plain } from '../common/escape.ts';

/** The values as YAML. A value of several lines becomes a list. */
export function stringify(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).flatMap(([key, value]) => {
    const [first = '', ...more] = value.split('\n').map((line) => JSON.stringify(plain(line)));
    return more.length === 0
      ? [`${key}: ${first}`]
      : [`${key}:`, ...[first, ...more].map((line) => `  - ${line}`)];
  });
  return ['---', ...lines, '...'].map((line) => `  ${line}\n`).join('');
}
