/** The version of the kit, from package.json. */

import { readFileSync } from 'node:fs';
import { packageFile } from '../../conformance/util/package-file.ts';

/** Such as '0.1.0'. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}
