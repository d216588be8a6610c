/**
 * Uses every verb of the kit on servers that try to exhaust it, and writes what that cost into docs/hostile.md. `node
 * dist/conformance/mutants/check/hostile-table.js [NAME…]` measures all behaviours, or those named. All take about half an hour.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PROGRAM } from '../../testing/hostile.ts';
import { BEHAVIOURS } from '../../testing/hostile-behaviours.ts';
import { packageFile } from '../../util/package-file.ts';

/** What the kit may take, whatever the target does. */
const MOST_MIB = 300;
/** Added to the time that a verb is given, for its start, its last attempts and its report; in seconds. */
const GRACE_SECONDS = 15;
/** Ends a process that exceeds every bound. */
const GIVE_UP = { mib: 2048, seconds: 120 };
const POLL_MS = 50;

/** A way to use the kit against a target, with what it is given. */
interface Verb {
  readonly name: string;
  readonly args: (target: string, folder: string, store: readonly string[]) => readonly string[];
  /** Seconds that it is given. */
  readonly seconds: number;
  /** The report whose last record has to be an end. */
  readonly report?: string;
  /** Sends SIGINT so many milliseconds after the report was begun. The time is measured from then on. */
  readonly interruptMs?: number;
}

const run: Verb['args'] = (target, folder, store) => [
  'run',
  ...['--target', target, '--max-time', '5s', '--start-timeout', '1s', ...store],
  ...['--reporter', `jsonl=${join(folder, 'run.jsonl')}`],
];
const VERBS: readonly Verb[] = [
  { name: 'run', args: run, seconds: 5, report: 'run.jsonl' },
  {
    name: 'report',
    args: (_, folder) => ['report', join(folder, 'run.jsonl'), '--format', 'html', '--output', '/dev/null'],
    seconds: 5,
  },
  { name: 'run, Ctrl-C', args: run, seconds: 0, report: 'run.jsonl', interruptMs: 1000 },
  {
    name: 'fuzz',
    args: (target, folder, store) => [
      'fuzz',
      ...['--target', target, '--time', '3s', '--i-own-this-target', ...store],
      ...['--findings', join(folder, 'findings'), '--reporter', `jsonl=${join(folder, 'fuzz.jsonl')}`],
    ],
    seconds: 3,
    report: 'fuzz.jsonl',
  },
  {
    name: 'replay',
    args: (target, folder) => ['replay', join(folder, 'finding.json'), '--target', target],
    seconds: 15,
  },
  {
    name: 'bench',
    args: (target) => ['bench', 'target', '--target', target, '--time', '1s', '--connections', '8'],
    seconds: 15,
  },
  { name: 'submit', args: (target) => ['submit', 'text', '--target', target], seconds: 5 },
];

/** A finding that sends a legal SUBMIT. */
const SUBMIT = JSON.stringify({
  task_id: '00000000-0000-4000-8000-000000000001',
  task_description: 'text',
  from_addr: 'aaaaaaaaaaaaaaaa',
  to_addr: 'bbbbbbbbbbbbbbbb',
});
const FINDING = {
  id: 'answers-legally-00000000',
  invariant: 'answers-legally',
  symptom: 'answers-legally S1: floods',
  case: {
    arrangement: 'at-once',
    connections: [[{ do: 'frame', type: 1, declared: 'exact', payload: SUBMIT }]],
  },
};

/** What one verb cost. */
interface Cost {
  readonly status: number | string;
  readonly seconds: number;
  readonly mib: number;
  /** Whether the report has an end record. Absent without a report. */
  readonly isComplete?: boolean;
}

const COMMAND = fileURLToPath(packageFile('dist/cli.js'));

async function measure(verb: Verb, target: string, folder: string, store: readonly string[]): Promise<Cost> {
  const report = verb.report === undefined ? undefined : join(folder, verb.report);
  if (report !== undefined) rmSync(report, { force: true });
  const child = spawn(process.execPath, [COMMAND, ...verb.args(target, folder, store)], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  let [began, mib, isOver] = [performance.now(), 0, false];
  void ended.then(() => {
    isOver = true;
  });
  if (verb.interruptMs !== undefined) {
    while (!isOver && !isBegun(report)) await Promise.race([ended, delay(POLL_MS)]);
    await Promise.race([ended, delay(verb.interruptMs)]);
    began = performance.now();
    child.kill('SIGINT');
  }
  while (!isOver) {
    mib = Math.max(mib, peakMib(child));
    if (mib > GIVE_UP.mib || performance.now() - began > 1000 * GIVE_UP.seconds) child.kill('SIGKILL');
    await Promise.race([ended, delay(POLL_MS)]);
  }
  const [code, signal] = await ended;
  const seconds = (performance.now() - began) / 1000;
  const isComplete = report === undefined ? undefined : hasEnd(report);
  return { status: code ?? signal ?? '', seconds, mib, ...(isComplete !== undefined && { isComplete }) };
}

/** Whether a report is open: on a busy machine the command loads for seconds. */
function isBegun(report: string | undefined): boolean {
  return report === undefined || existsSync(report);
}

/** The most memory that the process has had so far. */
function peakMib({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function hasEnd(report: string): boolean {
  if (!existsSync(report)) return false;
  const last = readFileSync(report, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  return last.includes('"record":"end"');
}

/** What exceeds its bound, or is missing. */
function excesses({ seconds: given }: Verb, { seconds, mib, isComplete }: Cost): string[] {
  return [
    ...(seconds > given + GRACE_SECONDS ? ['time'] : []),
    ...(mib > MOST_MIB ? ['memory'] : []),
    ...(isComplete === false ? ['report'] : []),
  ];
}

async function measureAll(names: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  writeFileSync(join(folder, 'finding.json'), JSON.stringify(FINDING));
  const rows: string[] = [];
  let exceeded = 0;
  for (const name of names) {
    const store = join(folder, 'store');
    const hasStore = BEHAVIOURS[name]?.fills !== undefined || BEHAVIOURS[name]?.stores !== undefined;
    const server = spawn(process.execPath, [PROGRAM, name, store], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const cells: string[] = [];
    for (const verb of VERBS) {
      const address = `127.0.0.1:${port.toString().trim()}`;
      const cost = await measure(verb, address, folder, hasStore ? ['--tasks-dir', store] : []);
      const found = excesses(verb, cost);
      exceeded += found.length;
      const cell = `${cost.status} · ${cost.seconds.toFixed(1)} s · ${cost.mib.toFixed(0)} MiB`;
      cells.push(found.length > 0 ? `**${cell}: ${found.join(', ')}**` : cell);
      process.stdout.write(`${name} × ${verb.name}: ${cells.at(-1)}\n`);
    }
    rows.push(`| \`${name}\` | ${BEHAVIOURS[name]?.what} | ${cells.join(' | ')} |`);
    server.kill('SIGKILL');
    execFileSync('rm', ['-rf', store]);
  }
  rmSync(folder, { recursive: true, force: true });
  writeFileSync('docs/hostile.md', page(rows));
  process.stdout.write(`${exceeded} cells exceed a bound\n`);
  if (exceeded > 0) process.exitCode = 1;
}

function page(rows: readonly string[]): string {
  const columns = ['behaviour', 'the target …', ...VERBS.map(({ name }) => name)];
  return [
    '# Hostile servers',
    '',
    'What the kit costs when the server under test tries to exhaust it. Each cell has the exit status, the wall time, and the peak',
    `memory of the process (\`VmHWM\`). Bold: more than ${MOST_MIB} MiB, more than ${GRACE_SECONDS} seconds above the time that was given, or a`,
    'report without an end record.',
    '',
    `Measured: ${rows.length} of the ${Object.keys(BEHAVIOURS).length} behaviours of \`conformance/testing/hostile.ts\`, on ${cpus()[0]?.model ?? 'an unknown CPU'}`,
    `(${cpus().length} threads), Node.js ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '- `run`: `conform --target T --max-time 5s --reporter jsonl=FILE`; where it has a store, with `--tasks-dir`',
    '- `report`: `conform report FILE --format html` of that run',
    '- `run, Ctrl-C`: the same, with SIGINT a second after the report was begun; the time is that from the signal to the end',
    '- `fuzz`: `conform fuzz --target T --time 3s --i-own-this-target`',
    '- `replay`: `conform replay FINDING --target T`, with a finding that sends a legal SUBMIT',
    '- `bench`: `conform bench target --target T --time 1s --connections 8`',
    '- `submit`: `conform submit text --target T`',
    '',
    `| ${columns.join(' | ')} |`,
    `| ${columns.map(() => '---').join(' | ')} |`,
    ...rows,
    '',
  ].join('\n');
}

const names = process.argv.slice(2);
await measureAll(names.length > 0 ? names : Object.keys(BEHAVIOURS));
