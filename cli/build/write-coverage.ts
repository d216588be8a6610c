/** `npm run coverage`: writes docs/coverage.md from docs/protocol.md and all scenarios, generated ones included. */

import { readFileSync, writeFileSync } from 'node:fs';
import { coverage } from '../../conformance/coverage/coverage.ts';
import { catalogue, clientCatalogue } from '../../conformance/index.ts';
import { libraryScenarios } from '../judging/catalogues.ts';

const protocol = readFileSync('docs/protocol.md', 'utf8');
writeFileSync('docs/coverage.md', coverage(protocol, catalogue, clientCatalogue, await libraryScenarios()));
