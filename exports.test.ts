/** The public interface: every export has a doc comment, and the list in docs/library.md is complete. */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import packageJson from './package.json' with { type: 'json' };

interface Export {
  readonly name: string;
  /** Where it is declared, and under which name. */
  readonly file: string;
  readonly declared: string;
}

/** The export map without data files: the name to import, and the source. */
const ENTRIES = Object.entries(packageJson.exports).flatMap(([path, target]) =>
  typeof target === 'string'
    ? []
    : [{ path, source: target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts') }],
);

const parsed = new Map<string, ts.SourceFile>();

function parse(file: string): ts.SourceFile {
  const source =
    parsed.get(file) ?? ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  parsed.set(file, source);
  return source;
}

/** What a statement of the file passes on from another one; undefined unless it is `export { … } from '…'`. */
function listOf(source: string, statement: ts.Statement): readonly Export[] | undefined {
  if (
    !ts.isExportDeclaration(statement) ||
    !statement.moduleSpecifier ||
    !ts.isStringLiteral(statement.moduleSpecifier) ||
    !statement.exportClause ||
    !ts.isNamedExports(statement.exportClause)
  )
    return undefined;
  const file = join(dirname(source), statement.moduleSpecifier.text);
  return statement.exportClause.elements.map(({ name, propertyName = name }) => ({
    name: name.text,
    file,
    declared: propertyName.text,
  }));
}

/** The exports of an entry, each with the file that declares it. Types included, which do not exist at run time. */
function exportsOf(source: string): readonly Export[] {
  return parse(source).statements.flatMap((statement) => {
    const list = listOf(source, statement);
    if (list === undefined) throw new Error(`${source}: only "export { … } from '…'" is expected`);
    return list.map(declarationOf);
  });
}

/** The index of a room only passes on what another file declares. */
function declarationOf(exported: Export): Export {
  const { file, declared, name } = exported;
  const passedOn = parse(file).statements.flatMap((statement) => listOf(file, statement) ?? []);
  const inner = passedOn.find((one) => one.name === declared);
  return inner === undefined ? exported : { ...inner, name };
}

/** The text of the doc comment of a top-level declaration; undefined when the file does not declare the name. */
function docOf(file: ts.SourceFile, name: string): string | undefined {
  for (const statement of file.statements) {
    const names = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.map((declaration) => declaration.name.getText())
      : 'name' in statement
        ? [(statement as ts.DeclarationStatement).name?.text]
        : [];
    if (!names.includes(name)) continue;
    return ts
      .getJSDocCommentsAndTags(statement)
      .map(({ comment }) => (typeof comment === 'string' ? comment : ''))
      .join('');
  }
  return undefined;
}

/** The names in the second column of the tables after the heading of each entry point. */
function listed(): ReadonlyMap<string, readonly string[]> {
  const [, ...sections] = readFileSync('docs/library.md', 'utf8').split(/^### Exports of `/m);
  return new Map(
    sections.map((section) => {
      const specifier = section.slice(0, section.indexOf('`'));
      const rows = section.split(/^#/m)[0]?.matchAll(/^\|[^|]*\|([^|]*)\|$/gm) ?? [];
      const names = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)]);
      return [specifier.replace(packageJson.name, '.'), names.map(([, name = '']) => name)];
    }),
  );
}

t.test('docs/library.md lists every export, and no other name', async (t) => {
  const lists = listed();
  t.strictSame(
    [...lists.keys()],
    ENTRIES.map(({ path }) => path),
  );
  for (const { path, source } of ENTRIES)
    t.strictSame(
      [...(lists.get(path) ?? [])].sort(),
      exportsOf(source)
        .map(({ name }) => name)
        .sort(),
      path,
    );
});

t.test('every export has a doc comment', async (t) => {
  const missing: string[] = [];
  for (const { source } of ENTRIES)
    for (const { name, file, declared } of exportsOf(source)) {
      if (!docOf(parse(file), declared)) missing.push(`${file}: ${name}`);
    }
  t.strictSame(missing, []);
});
