/** Runs the test files that the variable CONFORM_TEST_FILES names, one on each line, one after the other in this process. */

import { pathToFileURL } from 'node:url';
import t from 'tap';
import { setCurrentFile } from './current-file.ts';

const files = process.env['CONFORM_TEST_FILES']?.split('\n') ?? [];
for (const file of files)
  await t.test(file, async (t) => {
    setCurrentFile(t);
    // For a file with this query, typescript.mjs resolves `tap` to tap.ts.
    await import(`${pathToFileURL(file).href}?in-group`);
  });
