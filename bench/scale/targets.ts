/**
 * Many targets at once: starts servers of ten behaviours, judges them by `conform run --targets`, ends that run in the middle,
 * starts it again, and prints what it took: time, memory of the command, bytes of the reports and of the page. An undisturbed run
 * has to come to the same verdicts. `node dist/bench/scale/targets.js [--targets N] [--at-once N] [--only ID]… [--whole]`;
 * `--whole` judges the whole catalogue, and leaves the undisturbed run out.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setInterval } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageFile } from '../../conformance/util/package-file.ts';

const COMMAND = fileURLToPath(packageFile('dist/cli.js'));
/** Belongs to the repository and not to the package, and is no part of what is shipped. */
const SERVERS = packageFile('dist/conformance/mutants/check/ten-behaviours.js');
const SELF = fileURLToPath(import.meta.url);
/** Judged by default: what the faults of the servers show in, and some more. */
const ONLY = [
  ...['frame/legal', 'frame/stranger-*', 'frame/length-shorter-than-json', 'frame/truncated-header-*'],
  ...['submit/status', 'submit/message', 'submit/task-id-echoed', 'submit/description-over-cap-*'],
];
/** One process plays all servers, so an answer may take longer than that of a server of its own. */
const DEADLINE = '60s';
/** How often the memory is read and the reports are counted. */
const LOOK_MS = 200;
/** The share of the targets after which the first run is ended. */
const MIDDLE = 0.5;

const { values } = parseArgs({
  options: {
    targets: { type: 'string', default: '500' },
    'at-once': { type: 'string', default: '16' },
    only: { type: 'string', multiple: true, default: ONLY },
    whole: { type: 'boolean', default: false },
    /** Plays the servers, with their stores in this folder: the part of a process of its own. */
    serve: { type: 'string' },
  },
});

interface ServersModule {
  readonly startServers: (
    count: number,
    folder: string,
  ) => Promise<{
    readonly servers: readonly { readonly behaviour: string; readonly address: { readonly port: number } }[];
  }>;
}

/** What a run printed, and what it took. */
interface Ran {
  readonly out: string;
  readonly status: number | null;
  readonly ms: number;
  /** The most resident memory of the command, in bytes. */
  readonly peakBytes: number;
}

if (values.serve !== undefined) {
  const { startServers } = (await import(SERVERS.href)) as ServersModule;
  const { servers } = await startServers(Number(values.targets), values.serve);
  process.send?.(servers.map(({ behaviour, address }) => `${behaviour}=127.0.0.1:${address.port}`));
} else await measure();

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'conform-targets-'));
  const serving = spawn(process.execPath, [SELF, '--targets', values.targets, '--serve', folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const [lines] = (await once(serving, 'message')) as [readonly string[]];
    const file = join(folder, 'targets.txt');
    await writeFile(file, lines.map((line, index) => `${line.replace('=', `.${index}=`)}\n`).join(''));
    const count = lines.length;
    print(`${count} targets, load ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors`);
    const [reports, page] = [join(folder, 'reports'), join(folder, 'matrix.html')];
    const ended = await run(file, reports, page, Math.floor(MIDDLE * count));
    print(`ended after ${(await readdir(reports)).length} reports: ${describe(ended)}`);
    const resumed = await run(file, reports, page);
    print(`started again: ${describe(resumed)}`);
    print(`reports: ${mebibytes(await bytesIn(reports))}; page: ${mebibytes((await stat(page)).size)}`);
    print(resumed.out.trimEnd().split('\n').at(-1) ?? '');
    if (values.whole) return;
    const undisturbed = await run(file, join(folder, 'undisturbed'), join(folder, 'undisturbed.html'));
    print(`undisturbed: ${describe(undisturbed)}`);
    const isEqual = undisturbed.out === resumed.out;
    print(`the summaries of both are ${isEqual ? 'equal' : 'different'}`);
    if (!isEqual) {
      print(`${resumed.out}\n---\n${undisturbed.out}`);
      process.exitCode = 1;
    }
    const again = await run(file, join(folder, 'undisturbed'), join(folder, 'again.html'));
    const pages = ['undisturbed.html', 'again.html'].map((name) => readFile(join(folder, name), 'utf8'));
    const [first, second] = await Promise.all(pages);
    print(
      `made again from the reports: ${describe(again)}; the pages are ${first === second ? 'equal' : 'different'}`,
    );
  } finally {
    serving.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the command. `killAfter`: how many reports there are when it is ended without a warning. */
async function run(file: string, reports: string, page: string, killAfter?: number): Promise<Ran> {
  const only = values.whole ? [] : values.only.flatMap((id) => ['--only', id]);
  const began = performance.now();
  const command = spawn(
    process.execPath,
    [
      ...[COMMAND, 'run', '--targets', file, '--reports', reports, '--reporter', `matrix=${page}`, ...only],
      ...['--concurrent-targets', values['at-once'], '--concurrent-per-host', values['at-once']],
      // An absent server is not awaited.
      ...['--start-timeout', '1ms', '--deadline', DEADLINE, '--all'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let out = '';
  command.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  const closed = once(command, 'close');
  const peakBytes = await watch(command, reports, killAfter);
  const [status] = (await closed) as [number | null];
  return { out, status, ms: performance.now() - began, peakBytes };
}

/** Resolves with the most resident memory when the process has ended. */
async function watch(command: ChildProcess, reports: string, killAfter: number | undefined): Promise<number> {
  let peakBytes = 0;
  for await (const _ of setInterval(LOOK_MS)) {
    if (command.exitCode !== null || command.signalCode !== null) break;
    const status = await readFile(`/proc/${command.pid}/status`, 'utf8').catch(() => '');
    peakBytes = Math.max(peakBytes, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    if (killAfter === undefined) continue;
    const written = await readdir(reports).catch(() => []);
    if (written.length >= killAfter) command.kill('SIGKILL');
  }
  return peakBytes;
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

function describe({ ms, peakBytes, status }: Ran): string {
  return `${(ms / 1000).toFixed(1)} s, at most ${mebibytes(peakBytes)} of memory, ${status === null ? 'killed' : `exit ${status}`}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
