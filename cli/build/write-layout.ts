/** `npm run layout`: writes the table of rooms into CONTRIBUTING.md, between its two marks. */

import { readFileSync, writeFileSync } from 'node:fs';
import { layoutTable } from './rooms.ts';

const PAGE = 'CONTRIBUTING.md';

const page = readFileSync(PAGE, 'utf8');
const table = `<!-- rooms -->\n\n${layoutTable()}\n\n<!-- /rooms -->`;
writeFileSync(
  PAGE,
  page.replace(/<!-- rooms -->.*<!-- \/rooms -->/s, () => table),
);
