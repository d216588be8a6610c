/**
 * Programs for tests that need another process: `x.fixture.ts` and all it imports, compiled for plain Node, because a
 * child that starts in 0.1 s can be killed fifty times.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import ts from 'typescript';

const SOURCE = import.meta.dirname;

/** Resolves to what starts the program at that URL, as often as needed. */
export async function compileProgram(t: Test, source: URL): Promise<(...args: string[]) => ChildProcess> {
  const name = basename(fileURLToPath(source));
  const directory = join(t.testdir(), 'program');
  await mkdir(directory);
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  for (const file of await readdir(SOURCE)) {
    if (file !== name && !/^[^.]+\.ts$/.test(file)) continue;
    const { outputText } = ts.transpileModule(await readFile(join(SOURCE, file), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    await writeFile(join(directory, compiledName(file)), outputText);
  }
  const program = join(directory, compiledName(name));
  const env = { ...process.env, NODE_OPTIONS: '' };
  return (...args) => {
    const child = fork(program, args, { execArgv: [], env });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };
}

function compiledName(file: string): string {
  return file.replace(/\.ts$/, '.js');
}
