/** `npm run coverage`: writes docs/coverage.md from the catalogue and docs/protocol.md. */

import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../catalogue/index.ts';
import { clientCatalogue } from '../clients/catalogue/index.ts';
import { coverage } from './coverage.ts';

writeFileSync(
  'docs/coverage.md',
  coverage(readFileSync('docs/protocol.md', 'utf8'), catalogue, clientCatalogue),
);
