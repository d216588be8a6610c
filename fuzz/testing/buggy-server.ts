/** The server with planted bugs next to this file, built with gcc and its sanitizers. */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A built program, and what it can do wrong. */
export interface BuggyServer {
  /** A command for `launch`, with these bugs; without one, the server conforms. */
  readonly command: (...bugs: readonly string[]) => string;
  readonly bugs: readonly PlantedBug[];
  /** Removes the program. */
  readonly remove: () => Promise<void>;
}

/** One bug, and the invariant that it breaks. */
export interface PlantedBug {
  readonly name: string;
  readonly invariant: string;
}

/** Builds the server. Undefined if there is no gcc with these sanitizers on this machine. `flags` replace those of the sanitizers. */
export async function buildBuggyServer(
  flags: readonly string[] = ['-fsanitize=address,undefined'],
): Promise<BuggyServer | undefined> {
  const root = join(tmpdir(), 'conform-testing');
  await mkdir(root, { recursive: true });
  const folder = await mkdtemp(join(root, 'buggy-server-'));
  const program = join(folder, 'buggy-server');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const sourceAt = (path: string): string => join(import.meta.dirname, path);
  const include = sourceAt('../../docs/adapters/servers/c');
  try {
    await run('gcc', [
      '-g',
      '-O0',
      ...flags,
      '-w',
      '-pthread',
      '-I',
      include,
      '-o',
      program,
      sourceAt('buggy-server.c'),
    ]);
    const { stdout } = await run(program, ['--list']);
    const bugs = stdout.split('\n').flatMap((line) => {
      const [name, invariant] = line.split(' ');
      return name && invariant ? [{ name, invariant }] : [];
    });
    return {
      command: (...names) => `exec ${program} {port} ${names.join() || 'none'}`,
      bugs,
      remove,
    };
  } catch {
    await remove();
    return undefined;
  }
}
