import { readFile } from 'node:fs/promises';
import t from 'tap';
import { libraryProperties } from '../../fuzz/libraries/properties.ts';
import { catalogue } from '../catalogue/index.ts';
import { clientCatalogue } from '../clients/catalogue/index.ts';
import { libraryCatalogue } from '../libraries/run/catalogue.ts';
import { coverage } from './coverage.ts';

const protocol = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const libraries = libraryCatalogue(libraryProperties({ seed: 0, runs: 1 }));

t.test('docs/coverage.md is up to date', async (t) => {
  const page = await readFile(new URL('../../docs/coverage.md', import.meta.url), 'utf8');
  t.equal(coverage(protocol, catalogue, clientCatalogue, libraries), page, 'npm run coverage updates it');
});

t.test('every scenario is on the page, under its clause', async (t) => {
  const [, ...sections] = coverage(protocol, catalogue, clientCatalogue, libraries).split('\n## ');
  const found = sections.flatMap((section) => {
    const clause = /^\[(\w+)\]/.exec(section)?.[1];
    return [...section.matchAll(/`([a-z-]+\/[^`]+)`/g)].map(([, id]) => `${clause} ${id}`);
  });
  // The path of a file has a dot, and a section of libraries a star.
  t.strictSame(
    found.filter((line) => !/[.*]/.test(line)).sort(),
    [...catalogue, ...clientCatalogue].map(({ clause, id }) => `${clause} ${id}`).sort(),
  );
});

t.test('a clause needs a scenario or a reason, and not both', async (t) => {
  t.throws(() => coverage('### F1\n\n**Header.** A header.\n', []));
  t.throws(
    () => coverage('### T2\n\n**Frames.** It MUST close.\n', catalogue),
    'T2 has no scenario of level MUST',
  );
  t.doesNotThrow(() =>
    coverage('### T2\n\n**Frames.** It MAY close.\n\n### T1\n\n**A.** It MUST.\n', catalogue),
  );
  t.doesNotThrow(() => coverage('### L4\n\n**Intervals.** Any.\n', []));
  const [first] = catalogue;
  t.throws(() => coverage('### L4\n\n**Intervals.** Any.\n', first ? [{ ...first, clause: 'L4' }] : []));
});
