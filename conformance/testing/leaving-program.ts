/** Makes a temporary folder, prints its path, and ends without removing it: with an error if an argument says so. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../util/folders.ts';

const { path } = await temporaryFolder();
writeFileSync(join(path, 'file'), '');
process.stdout.write(path);
if (process.argv[2] === 'error') throw new Error('a fault');
process.exit(7);
