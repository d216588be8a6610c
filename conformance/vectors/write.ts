/** `npm run vectors`: writes the generated files to fixtures/ in the working directory. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fixtureFiles } from './fixture-files.ts';

mkdirSync('fixtures/golden', { recursive: true });
for (const { path, content } of fixtureFiles((file) => readFileSync(`fixtures/${file}`, 'utf8'))) {
  writeFileSync(`fixtures/${path}`, content);
}
