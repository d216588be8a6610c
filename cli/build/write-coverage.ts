/** `npm run coverage`: writes docs/coverage.md from the catalogue and docs/protocol.md. */

import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue } from '../catalogue/index.ts';
import { clientCatalogue } from '../clients/catalogue/index.ts';
import { libraryCatalogue } from '../libraries/run/catalogue.ts';
import { coverage } from './coverage.ts';

const protocol = readFileSync('docs/protocol.md', 'utf8');
// Generated scenarios judge clauses that have others, too.
const libraries = libraryCatalogue([]);
writeFileSync('docs/coverage.md', coverage(protocol, catalogue, clientCatalogue, libraries));
