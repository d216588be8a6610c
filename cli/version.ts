/** The version of the kit, from its package.json. */

import { readFileSync } from 'node:fs';

/** Such as '0.1.0'. */
export function version(): string {
  // One folder up from this file in the sources, two in dist/.
  const path = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string };
  return version;
}
