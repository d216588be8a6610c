/**
 * Compares `conform fuzz`, with and without `--coverage`, with a fuzzer that flips bytes, and with radamsa, on a server in C with
 * planted bugs: which bugs does each find within some seconds? Prints a table in Markdown. `node dist/bench/fuzzers/compare.js [--seconds N] [--seed N]
 * [--bugs A,B] [--source FILE]`. The server is built with gcc, AddressSanitizer and UBSan, and has one bug at a time.
 */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { packageFile } from '../../conformance/util/package-file.ts';
import { flipBytes, isInstalled, type Mutator, radamsa } from './mutators.ts';

const run = promisify(execFile);

/** A bug of the server, and the invariant that it breaks. */
interface Bug {
  readonly name: string;
  readonly invariant: string;
}

/** What a fuzzer did to a server with one bug. */
interface Outcome {
  readonly isFound: boolean;
  readonly seconds: number;
  readonly inputs: number;
}

interface Fuzzer {
  readonly name: string;
  /** The invariants whose breach it can see. Default: of every bug. */
  readonly sees?: readonly string[];
  readonly fuzz: (bug: Bug, limits: Limits) => Promise<Outcome>;
}

/** The server, built with counters of its edges and without. */
interface Programs {
  readonly plain: string;
  readonly counting: string;
}

interface Limits {
  readonly seconds: number;
  readonly seed: number;
}

/** Connections in flight, as many as those of `conform fuzz` on two cores. */
const IN_FLIGHT = 32;
/** How long a connection may stay open after its input. */
const WAIT_MS = 200;
/** How long a server may take to listen, or a dying one to exit while it writes its report. */
const START_MS = 10_000;
const DYING_MS = 2000;

/** Invariants whose breach can end the process, so that a fuzzer that watches only the process can find the bug. */
const FATAL = ['survives', 'serves-after'];

/** Sends damaged frames; a bug is found when the process of the server exits. */
function deathsBy(name: string, mutator: Mutator, program: string): Fuzzer {
  return {
    name,
    sees: FATAL,
    fuzz: async (bug, { seconds, seed }) => {
      const port = await freePort();
      const server = spawn(program, [String(port), bug.name], { stdio: 'ignore' });
      let isDead = false;
      const death = once(server, 'exit').then(() => {
        isDead = true;
      });
      const began = performance.now();
      const until = began + 1000 * seconds;
      let inputs = 0;
      try {
        await listening(port, () => isDead);
        for await (const some of mutator(seed)) {
          const queue = [...some];
          const work = async (): Promise<void> => {
            for (
              let bytes = queue.pop();
              bytes && !isDead && performance.now() < until;
              bytes = queue.pop()
            ) {
              await send(port, bytes);
              inputs += 1;
            }
          };
          await Promise.all(Array.from({ length: IN_FLIGHT }, work));
          if (isDead || performance.now() >= until) break;
        }
        await Promise.race([death, setTimeout(DYING_MS)]);
        return { isFound: isDead, seconds: (performance.now() - began) / 1000, inputs };
      } finally {
        server.kill('SIGKILL');
        await death;
      }
    },
  };
}

/** Sends an input on a connection of its own, and waits until the server closes it. */
async function send(port: number, bytes: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  socket.end(bytes);
  socket.setTimeout(WAIT_MS, () => socket.destroy());
  await new Promise((resolve) => socket.once('close', resolve));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number, isDead: () => boolean): Promise<void> {
  const until = performance.now() + START_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (isDead() || performance.now() > until) throw new Error('the server does not listen');
    await setTimeout(20);
  }
}

/** The command as users run it. A bug counts as found if a finding names the invariant that it breaks. `options` of a folder. */
function conform(name: string, program: string, options: (folder: string) => readonly string[]): Fuzzer {
  const fuzz: Fuzzer['fuzz'] = async (bug, { seconds, seed }) => {
    const folder = await mkdtemp(join(tmpdir(), 'conform-compare-'));
    try {
      const report = join(folder, 'report.jsonl');
      const began = performance.now();
      const cli = fileURLToPath(packageFile('dist/cli.js'));
      const child = spawn(
        process.execPath,
        [
          ...[cli, 'fuzz', '--exec', `exec ${program} {port} ${bug.name}`, '--seed', String(seed)],
          ...['--time', `${seconds}s`, '--until-finding', '--findings', join(folder, 'findings')],
          ...['--reporter', `jsonl=${report}`, ...options(folder)],
        ],
        { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder },
      );
      let out = '';
      child.stdout.on('data', (text) => {
        out += text;
      });
      await once(child, 'close');
      const took = (performance.now() - began) / 1000;
      const records = (await readFile(report, 'utf8')).trimEnd().split('\n');
      const isFound = records.some((line) => {
        const { verdict, rule } = JSON.parse(line);
        return verdict === 'fail' && rule === `fuzz/${bug.invariant}`;
      });
      const inputs = Number(/(\d+) cases, \d+\/s/.exec(out.slice(out.lastIndexOf('base lane')))?.[1] ?? 0);
      return { isFound, seconds: took, inputs };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  return { name, fuzz };
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      bugs: { type: 'string' },
      source: { type: 'string', default: fileURLToPath(packageFile('fuzz/testing/buggy-server.c')) },
    },
  });
  const limits = { seconds: Number(values.seconds), seed: Number(values.seed) };
  const folder = await mkdtemp(join(tmpdir(), 'conform-compare-'));
  try {
    const { plain, counting } = await build(values.source, folder);
    const { stdout } = await run(plain, ['--list']);
    const wanted = values.bugs?.split(',');
    const bugs = stdout
      .trimEnd()
      .split('\n')
      .map((line): Bug => {
        const [name = '', invariant = ''] = line.split(' ');
        return { name, invariant };
      })
      .filter(({ name }) => wanted === undefined || wanted.includes(name));
    const fuzzers = [
      conform('`conform fuzz`', plain, () => []),
      conform('`conform fuzz --coverage`', counting, (folder) => ['--coverage', join(folder, 'edges')]),
      deathsBy('byte flips', flipBytes, plain),
    ];
    if (await isInstalled('radamsa')) fuzzers.push(deathsBy('radamsa', radamsa, plain));
    else note('radamsa is not installed, and is left out');
    await compare(fuzzers, bugs, limits);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(source: string, folder: string): Promise<Programs> {
  const include = fileURLToPath(packageFile('docs/adapters/servers/c'));
  const runtime = join(folder, 'conform-coverage.o');
  const flags = ['-g', '-O0', '-w', '-fsanitize=address,undefined', '-pthread', '-I', include];
  const programs = { plain: join(folder, 'server'), counting: join(folder, 'counting-server') };
  await run('gcc', ['-c', fileURLToPath(packageFile('fuzz/coverage/conform-coverage.c')), '-o', runtime]);
  await run('gcc', [...flags, '-o', programs.plain, source]);
  await run('gcc', [...flags, '-fsanitize-coverage=trace-pc', '-o', programs.counting, source, runtime]);
  return programs;
}

async function compare(fuzzers: readonly Fuzzer[], bugs: readonly Bug[], limits: Limits): Promise<void> {
  const fatal = bugs.filter(({ invariant }) => FATAL.includes(invariant));
  const rows: string[] = [];
  for (const { name, sees, fuzz } of fuzzers) {
    const found: (Bug & Outcome)[] = [];
    let seconds = 0;
    let inputs = 0;
    for (const bug of bugs.filter(({ invariant }) => sees?.includes(invariant) ?? true)) {
      const outcome = await fuzz(bug, limits);
      seconds += outcome.seconds;
      inputs += outcome.inputs;
      if (outcome.isFound) found.push({ ...bug, ...outcome });
      note(`${name}: ${bug.name} ${outcome.isFound ? 'found' : '-'} ${outcome.seconds.toFixed(1)} s`);
    }
    const times = found.map((outcome) => outcome.seconds).sort((one, other) => one - other);
    const ofFatal = found.filter(({ invariant }) => FATAL.includes(invariant)).length;
    const middle = times[Math.floor(times.length / 2)]?.toFixed(1) ?? '';
    rows.push(
      `| ${name} | ${found.length} of ${bugs.length} | ${ofFatal} of ${fatal.length} | ${middle} | ${Math.round(inputs / seconds)} |`,
    );
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.version}`;
  const date = new Date().toISOString().slice(0, 10);
  const table = [
    `${limits.seconds} s for each bug, seed ${limits.seed}; ${machine}, load ${loadavg()[0]?.toFixed(1)}; ${date}`,
    '',
    '| fuzzer | bugs found | of those that end or hang the process | median seconds to the end | inputs a second |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ];
  process.stdout.write(`${table.join('\n')}\n`);
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
