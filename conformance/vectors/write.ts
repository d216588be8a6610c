/** `npm run vectors`: writes the generated files to fixtures/ in the working directory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { makeFolder } from '../util/folders.ts';
import { fixtureFiles } from './fixture-files.ts';

makeFolder('fixtures/golden');
for (const { path, content } of fixtureFiles((file) => readFileSync(`fixtures/${file}`, 'utf8'))) {
  writeFileSync(`fixtures/${path}`, content);
}
