import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';

/** Where the files of each folder may import from; `libraries` stands for any package. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  reference: ['reference'],
  conformance: ['conformance'],
  'conformance/reporters': ['conformance', 'libraries'],
  'conformance/observers': ['conformance', 'libraries'],
  // Broken servers are made of the reference's parts; tests meet them, and nothing that is shipped.
  'conformance/mutants': ['conformance', 'reference'],
  fuzz: ['fuzz', 'reference', 'conformance', 'libraries'],
  bench: ['bench', 'reference', 'conformance', 'fuzz', 'libraries'],
};

for (const file of readdirSync('.', { recursive: true, encoding: 'utf8' })) {
  if (
    !/^(reference|conformance|fuzz|bench)\/.*\.ts$/.test(file) ||
    /\.(test|fixture)\.ts$|\/testing\//.test(file)
  )
    continue;
  const folder = file.split('/').slice(0, 2).join('/');
  const permitted = MAY_IMPORT[folder] ?? MAY_IMPORT[folder.split('/')[0] ?? ''] ?? [];
  const imports = readFileSync(file, 'utf8').matchAll(/(?:^import |\bfrom |\bimport\()'([^'\s]+)'/gm);
  for (const [, specifier = ''] of imports) {
    if (specifier.startsWith('node:')) continue;
    const path = new URL(specifier, `file:///${file}`).pathname.slice(1);
    const source = specifier.startsWith('.') ? (path.split('/')[0] ?? '') : 'libraries';
    t.ok(permitted.includes(source), `${file} may import ${specifier}`);
    const isMutants = (name: string): boolean => /^conformance\/mutants[./]/.test(name);
    t.ok(isMutants(file) || !isMutants(path), `${file} does without the mutants`);
    if (isMutants(file) && source === 'reference') t.equal(path, 'reference/index.ts', file);
  }
}
