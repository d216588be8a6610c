/**
 * The packed package as a user has it: npm pack → a project of its own → every example of docs/library.md and README.md
 * compiled and run. The project holds only the declared dependencies, so an import that no dependency provides fails.
 */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import packageJson from './package.json' with { type: 'json' };

interface Example {
  readonly page: string;
  readonly name: string;
  readonly code: string;
}

/** As strict as a user may be, and without types that the user would have to install. */
const STRICT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
};

const CONFIGURATIONS: Readonly<Record<string, ts.CompilerOptions>> = {
  nodenext: { ...STRICT, module: ts.ModuleKind.NodeNext },
  bundler: { ...STRICT, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};

/** There are more. Far fewer would mean that the test no longer finds them. */
const MIN_EXAMPLES = 8;

/** Examples that have to fail, each in one way. They show that the checks below see a broken example. */
const BROKEN: readonly Example[] = [
  {
    page: 'this test',
    name: 'wrong-type.ts',
    code: "import { dial } from 'tasksubmit-conform';\nexport const port: typeof dial = 1003;\n",
  },
  { page: 'this test', name: 'missing-export.mjs', code: "import { absent } from 'tasksubmit-conform';\n" },
  { page: 'this test', name: 'failing.mjs', code: 'process.exitCode = 1;\n' },
];

/** The code blocks of a page that are JavaScript or TypeScript. The first line of each is its file name. */
function examplesOf(page: string): readonly Example[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(?:js|ts)\n(.*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, title = '', code = '']) => {
    const [, name] = /^\/\/ ([\w.-]+\.(?:ts|mjs))$/.exec(title) ?? [];
    if (name === undefined) throw new Error(`${page}: "${title}" is not a file name such as "// NAME.ts"`);
    return { page, name, code };
  });
}

/** The standard output. Throws an Error with all output unless the status is 0. */
function command(file: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: status ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** Puts the packed package into the project with the dependencies that it declares. */
function install(project: string): void {
  const modules = join(project, 'node_modules');
  const home = join(modules, packageJson.name);
  mkdirSync(home, { recursive: true });
  command('tar', ['-xzf', join(ARCHIVES, packed.filename), '-C', home, '--strip-components=1'], project);
  for (const dependency of Object.keys(packageJson.dependencies)) {
    const link = join(modules, dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', dependency), link);
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync(`../${packageJson.name}/${packageJson.bin.conform}`, join(modules, '.bin/conform'));
}

/**
 * Compiles files, and gives the first error of each file that has one. The declarations of the package are checked too.
 * Those of other packages are not: that would take most of the time.
 */
function typeErrors(
  project: string,
  files: readonly string[],
  options: ts.CompilerOptions,
): Map<string, string> {
  const program = ts.createProgram(files, options);
  const declarations = join(project, 'node_modules', packageJson.name);
  const checked = program
    .getSourceFiles()
    .filter(({ fileName }) => files.includes(fileName) || fileName.startsWith(declarations));
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...checked.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  for (const file of files) program.emit(program.getSourceFile(file));
  const errors = new Map<string, string>();
  for (const { file, code, messageText } of diagnostics) {
    const name = relative(project, file?.fileName ?? project);
    if (!errors.has(name))
      errors.set(name, `${name}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  }
  return errors;
}

/** What an example printed when it failed; undefined when its exit status is 0. */
function failureOf(project: string, name: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(process.execPath, [name.replace(/\.ts$/, '.js')], {
    cwd: project,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return status === 0 ? undefined : `status ${status}\n${stdout}${stderr}`;
}

/** What was built, packed into a folder. */
const ARCHIVES = t.testdir();
const [packed] = JSON.parse(
  command('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', ARCHIVES], '.'),
);

t.test('the examples of the documentation compile and run with the packed package', async (t) => {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'conform-package-')));
  t.teardown(() => rmSync(project, { recursive: true, force: true }));
  install(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));

  const documented = ['docs/library.md', 'README.md'].flatMap(examplesOf);
  t.ok(documented.length >= MIN_EXAMPLES, 'the examples are found');
  const examples = [...documented, ...BROKEN];
  t.equal(new Set(examples.map(({ name }) => name)).size, examples.length, 'no name occurs twice');
  for (const { name, code } of examples) writeFileSync(join(project, name), code);

  const files = examples.filter(({ name }) => name.endsWith('.ts')).map(({ name }) => join(project, name));
  for (const [name, options] of Object.entries(CONFIGURATIONS)) {
    const errors = typeErrors(project, files, options);
    t.match(errors.get('wrong-type.ts'), /TS2322/, `${name}: a wrong type is an error`);
    errors.delete('wrong-type.ts');
    t.strictSame([...errors.values()], [], `${name}: every other file compiles`);
  }

  for (const example of documented)
    t.equal(failureOf(project, example.name), undefined, `${example.page}: ${example.name}`);
  t.match(
    failureOf(project, 'missing-export.mjs'),
    /does not provide an export named 'absent'/,
    'a missing export fails',
  );
  t.match(failureOf(project, 'failing.mjs'), /^status 1$/m, 'an exit status other than 0 fails');
});

/** What a user does not need, by a part of its path. */
const DEVELOPMENT =
  /\.map$|\.test\.|\.browser\.|\/testing\/|^dist\/(conformance\/mutants|fuzz\/in-process|bench\/fuzzers|cli\/build)\/|(?<!\.d|^docs\/adapters\/\w+)\.ts$/;
/** Bytes of the unpacked files: somewhat more than there are. */
const MOST_BYTES = 5_500_000;

const paths: readonly string[] = packed.files.map(({ path }: { path: string }) => path);

t.test('the package is small, and holds no file of its development', async (t) => {
  t.strictSame(
    paths.filter((path) => DEVELOPMENT.test(path)),
    [],
  );
  t.ok(paths.length > 500, 'the files are found');
  t.ok(packed.unpackedSize < MOST_BYTES, `${packed.unpackedSize} bytes`);
});

t.test('the package and the image hold what the command reads', async (t) => {
  const sources = paths.filter((path) => path.startsWith('dist/') && path.endsWith('.js'));
  const read = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/packageFile\(['`]([^'`$]+)/g)].map(([, name = '']) => name),
  );
  t.ok(read.includes('docs/protocol.md') && read.includes('fixtures/'), 'the files are found');
  // bench kit --mutants needs the repository.
  t.strictSame(
    read.filter(
      (name) => name !== '.' && !/mutants/.test(name) && !paths.some((path) => path.startsWith(name)),
    ),
    [],
  );
  const [image = ''] = readFileSync('Dockerfile', 'utf8')
    .split(/^FROM /m)
    .slice(-1);
  t.strictSame(
    [...image.matchAll(/^COPY --from=build (.*)$/gm)].map(([, files]) => files),
    ['/app/package ./', '/app/node_modules ./node_modules'],
  );
});

t.test(
  'npx finds the command by the name of the package, and a publication has its provenance',
  async (t) => {
    t.equal(packageJson.bin[packageJson.name as 'tasksubmit-conform'], packageJson.bin.conform);
    t.strictSame(packageJson.publishConfig, { access: 'public', provenance: true });
  },
);

t.test('the package holds what its manifest names', async (t) => {
  for (const path of [packageJson.bin.conform, ...Object.values(packageJson.exports).flatMap(targetsOf)])
    t.ok(existsSync(path), path);
});

function targetsOf(target: string | { readonly types: string; readonly default: string }): string[] {
  return typeof target === 'string' ? [target.replace('*', 'README.md')] : [target.types, target.default];
}
