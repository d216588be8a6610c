/**
 * A mutant or a conforming variant, judged as a user would: server in a process of its own → the built command with
 * `--target` and `--tasks-dir` → records. The command cannot restart the server, and does not see its process.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { ReportRecord } from '../../report/record.ts';
import { temporaryFolder } from '../../util/folders.ts';
import { packageFile } from '../../util/package-file.ts';
import { STORE } from '../server/environment.ts';
import type { ConformingVariant } from '../server/mutant.ts';
import { childEnvironment, serveApart } from './process.ts';

const COMMAND = fileURLToPath(packageFile('dist/cli.js'));
/** A run that takes longer is interrupted, and has the records until then. */
const MAX_RUN_MS = 30 * 60_000;

/** What the command line depends on. A mutant has only a name. */
export type Judged = Pick<ConformingVariant, 'name' | 'withoutStore' | 'addresses'>;

export interface UserRun {
  /** Wall time of the command, with the start of its process, in milliseconds. */
  readonly ms: number;
  readonly records: readonly ReportRecord[];
}

export interface UserRunOptions {
  /** The only section of the catalogue to judge. Default: all. */
  readonly section?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rejects when the signal fires, after the server and the command have ended. */
export async function judgeAsUser(
  judged: Judged,
  { section, signal }: UserRunOptions = {},
): Promise<UserRun> {
  signal?.throwIfAborted();
  const { path: folder, remove } = await temporaryFolder();
  try {
    const server = await serveApart(judged.name, { folder });
    try {
      const report = join(folder, 'report.jsonl');
      const args = [
        ...['--reporter', `jsonl=${report}`],
        ...argumentsFor(judged, server.address.port, folder),
        ...(section === undefined ? [] : ['--section', section]),
      ];
      const began = performance.now();
      await runCommand(args, folder, signal);
      const ms = performance.now() - began;
      const lines = (await readFile(report, 'utf8')).trimEnd().split('\n');
      return { ms, records: lines.map((line): ReportRecord => JSON.parse(line)) };
    } finally {
      await server.close();
    }
  } finally {
    await remove();
  }
}

function argumentsFor({ withoutStore, addresses }: Judged, port: number, folder: string): string[] {
  return [
    ...['--target', `127.0.0.1:${port}`],
    ...(withoutStore ? [] : ['--tasks-dir', join(folder, STORE)]),
    ...(addresses ? ['--from', addresses.from, '--to', addresses.to] : []),
  ];
}

/** Runs in the folder, where no file of options applies. */
async function runCommand(args: readonly string[], folder: string, signal?: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: childEnvironment(),
    stdio: 'ignore',
    timeout: MAX_RUN_MS,
    killSignal: 'SIGINT',
  });
  const interrupt = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', interrupt);
  try {
    await once(child, 'exit');
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}
