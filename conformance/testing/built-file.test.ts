import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { newerSource } from './built-file.ts';

t.test('a source that is newer than its built file, or has none, is found', async (t) => {
  const root = t.testdir();
  const write = (file: string, seconds: number): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
    utimesSync(join(root, file), seconds, seconds);
  };
  write('cli.ts', 1000);
  write('cli/core/help.ts', 1000);
  t.equal(newerSource(root), 'cli/core/help.ts', 'there is no build');
  write('dist/cli.js', 1001);
  write('dist/cli/core/help.js', 1001);
  t.equal(newerSource(root), undefined);
  write('cli/core/help.test.ts', 1002);
  write('cli/testing/process.ts', 1002);
  write('fixtures/vectors.ts', 1002);
  t.equal(newerSource(root), undefined, 'these are not built');
  write('cli/core/help.ts', 1002);
  t.equal(newerSource(root), 'cli/core/help.ts');
});
