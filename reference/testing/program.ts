/**
 * Programs for tests that need another process: a `*-program.ts` file of this folder, compiled together with the
 * reference for plain Node. A compiled program starts in 0.1 s, so a test can start it 50 times.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import ts from 'typescript';

const REFERENCE = join(import.meta.dirname, '..');

/**
 * Compiles the program at a URL. Resolves to a function that starts it, and that may be called several times. `under` is a
 * command that runs a program, such as strace with its options. Default: none.
 */
export async function compileProgram(
  t: Test,
  source: URL,
  under: readonly string[] = [],
): Promise<(...args: string[]) => ChildProcess> {
  const name = relative(REFERENCE, fileURLToPath(source));
  const directory = join(t.testdir(), 'program');
  await mkdir(directory);
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  for (const file of await readdir(REFERENCE, { recursive: true })) {
    if (file !== name && !(/^[^.]+\.ts$/.test(file) && !file.startsWith('testing'))) continue;
    const { outputText } = ts.transpileModule(await readFile(join(REFERENCE, file), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    const path = join(directory, compiledName(file));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, outputText);
  }
  const program = join(directory, compiledName(name));
  const env = { ...process.env, NODE_OPTIONS: '' };
  const [execPath = '', ...execArgv] = [...under, process.execPath];
  return (...args) => {
    const child = fork(program, args, { execPath, execArgv, env });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };
}

function compiledName(file: string): string {
  return file.replace(/\.ts$/, '.js');
}
