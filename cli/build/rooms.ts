/**
 * The rooms of this repository: every folder of sources, what it holds, and which rooms it imports. `layers.test.ts` compares
 * the list with the import lines of the files; the table in CONTRIBUTING.md is printed from it by `npm run layout`.
 *
 * A room imports only rooms above it in the list, so there are no circles. The conformance kit imports nothing of
 * `reference/`, not even a constant: a wrong number in one must not hide in the other. Its mutants are the exception, since a
 * broken server is the reference with one part replaced; nothing that is shipped imports the mutants.
 */

export interface Room {
  /** Path from the root of the repository. A file belongs to the room with the longest path that contains it. */
  readonly path: string;
  readonly holds: string;
  /** Paths of all rooms that its files import, tests and test helpers left out. */
  readonly imports: readonly string[];
  /** Packages that its files import. */
  readonly packages: readonly string[];
}

export const ROOMS: readonly Room[] = [
  {
    path: 'reference/protocol',
    holds: 'names, numbers, types and rules of the protocol: addresses, message types, times, errors',
    imports: [],
    packages: [],
  },
  {
    path: 'reference/support',
    holds: 'the logger interface, and helpers without protocol knowledge',
    imports: [],
    packages: [],
  },
  {
    path: 'reference/codec',
    holds: 'bytes to frames to messages and back: framing, JSON, base64, UTF-8',
    imports: ['reference/protocol'],
    packages: [],
  },
  {
    path: 'reference/task',
    holds: 'one task: its file, its state machine, its timestamps',
    imports: ['reference/protocol', 'reference/codec'],
    packages: [],
  },
  {
    path: 'reference/store',
    holds: 'tasks on disk: folders, atomic writes, locks',
    imports: ['reference/protocol', 'reference/support', 'reference/task'],
    packages: [],
  },
  {
    path: 'reference/net',
    holds: 'server, connections, sessions, and the client',
    imports: ['reference/protocol', 'reference/support', 'reference/codec'],
    packages: [],
  },
  {
    path: 'reference/roles',
    holds: 'receiver, submitter, queue, outbox, sweeper: what a node does with frames and tasks',
    imports: [
      'reference/protocol',
      'reference/support',
      'reference/codec',
      'reference/task',
      'reference/store',
      'reference/net',
    ],
    packages: [],
  },
  {
    path: 'reference',
    holds: 'the public interface of the reference',
    imports: [
      'reference/protocol',
      'reference/support',
      'reference/codec',
      'reference/task',
      'reference/store',
      'reference/net',
      'reference/roles',
    ],
    packages: [],
  },
  {
    path: 'conformance/util',
    holds: 'text, patterns, ids, files of the package',
    imports: [],
    packages: [],
  },
  {
    path: 'conformance/scenario',
    holds: 'what a scenario is: bytes, steps, permitted outcomes',
    imports: [],
    packages: [],
  },
  {
    path: 'conformance/catalogue',
    holds: 'all scenarios, a folder or file a section',
    imports: ['conformance/scenario'],
    packages: [],
  },
  {
    path: 'conformance/payload',
    holds: 'JSON, and an answer in it, read piece by piece; pure',
    imports: [],
    packages: [],
  },
  {
    path: 'conformance/wire',
    holds: 'connections to the target, frames, and transcripts',
    imports: ['conformance/scenario', 'conformance/payload'],
    packages: [],
  },
  {
    path: 'conformance/observers',
    holds: "the target's store and process, and how to start it",
    imports: ['conformance/util', 'conformance/scenario', 'conformance/wire'],
    packages: [],
  },
  {
    path: 'conformance/judge',
    holds: 'transcript to observation to verdict; pure',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/payload',
      'conformance/wire',
      'conformance/observers',
    ],
    packages: [],
  },
  {
    path: 'conformance/run/timing',
    holds: 'deadlines, waits and limits that follow the target',
    imports: ['conformance/scenario'],
    packages: [],
  },
  {
    path: 'conformance/run/effects',
    holds: 'what an attempt changes: the store and the process of the target',
    imports: [
      'conformance/scenario',
      'conformance/wire',
      'conformance/observers',
      'conformance/judge',
      'conformance/run/timing',
    ],
    packages: [],
  },
  {
    path: 'conformance/run',
    holds: 'which scenario runs when: preflight, attempts, repetition, schedule',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/wire',
      'conformance/observers',
      'conformance/judge',
      'conformance/run/timing',
      'conformance/run/effects',
    ],
    packages: [],
  },
  {
    path: 'conformance/evidence',
    holds: 'the bytes that matter in a failure: what differs from the control, what is at fault in an answer',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/catalogue',
      'conformance/wire',
      'conformance/judge',
    ],
    packages: [],
  },
  {
    path: 'conformance/report',
    holds: 'records of a run, known failures, summary and exit status',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/catalogue',
      'conformance/payload',
      'conformance/wire',
      'conformance/judge',
      'conformance/run/timing',
      'conformance/run/effects',
      'conformance/run',
      'conformance/evidence',
    ],
    packages: [],
  },
  {
    path: 'conformance/reporters/common',
    holds: 'what several formats share: escaping, tables',
    imports: ['conformance/util', 'conformance/scenario', 'conformance/report'],
    packages: [],
  },
  {
    path: 'conformance/reporters/saved',
    holds: 'reports read from files: merge, compare',
    imports: ['conformance/util', 'conformance/report', 'conformance/reporters/common'],
    packages: ['ajv'],
  },
  {
    path: 'conformance/reporters/text',
    holds: 'formats for people: pretty, Markdown, GitHub',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/report',
      'conformance/reporters/common',
    ],
    packages: [],
  },
  {
    path: 'conformance/reporters/machine',
    holds: 'formats for programs: JSON, JUnit, SARIF, TAP, badges',
    imports: ['conformance/scenario', 'conformance/report', 'conformance/reporters/common'],
    packages: [],
  },
  {
    path: 'conformance/reporters/html',
    holds: 'the report as one HTML page',
    imports: ['conformance/scenario', 'conformance/report', 'conformance/reporters/common'],
    packages: [],
  },
  {
    path: 'conformance/reporters',
    holds: 'all formats by name',
    imports: [
      'conformance/reporters/common',
      'conformance/reporters/text',
      'conformance/reporters/machine',
      'conformance/reporters/html',
    ],
    packages: [],
  },
  {
    path: 'conformance',
    holds: 'the public interface of the kit',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/catalogue',
      'conformance/wire',
      'conformance/observers',
      'conformance/judge',
      'conformance/run',
      'conformance/run/timing',
      'conformance/report',
      'conformance/reporters/common',
      'conformance/reporters/saved',
      'conformance/reporters/text',
      'conformance/reporters',
    ],
    packages: [],
  },
  {
    path: 'conformance/mutants/server',
    holds: 'a server in replaceable parts, and the environment it runs in',
    imports: ['reference', 'conformance/wire'],
    packages: [],
  },
  {
    path: 'conformance/mutants/faults',
    holds: 'broken servers: each breaks one clause',
    imports: ['reference', 'conformance/mutants/server'],
    packages: [],
  },
  {
    path: 'conformance/mutants/variants',
    holds: 'conforming variants: each uses one freedom of the protocol',
    imports: ['reference', 'conformance/mutants/server'],
    packages: [],
  },
  {
    path: 'conformance/mutants',
    holds: 'all mutants and variants',
    imports: ['conformance/mutants/server', 'conformance/mutants/faults', 'conformance/mutants/variants'],
    packages: [],
  },
  {
    path: 'conformance/mutants/check',
    holds: 'each mutant fails what it names, each variant fails nothing',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/catalogue',
      'conformance/observers',
      'conformance/judge',
      'conformance/run',
      'conformance/report',
      'conformance',
      'conformance/mutants/server',
      'conformance/mutants',
    ],
    packages: [],
  },
  {
    path: 'conformance/vectors/build',
    holds: 'builders for test vectors',
    imports: ['conformance/scenario'],
    packages: [],
  },
  {
    path: 'conformance/vectors/tables',
    holds: 'the test vectors, a table a subject',
    imports: ['conformance/scenario', 'conformance/vectors/build'],
    packages: [],
  },
  {
    path: 'conformance/vectors',
    holds: 'writes the vectors to fixtures/, and loads them',
    imports: ['conformance/util', 'conformance/vectors/build', 'conformance/vectors/tables'],
    packages: [],
  },
  {
    path: 'fuzz/case',
    holds: 'one fuzz case: connections, actions, bytes',
    imports: ['conformance/scenario', 'conformance/wire'],
    packages: [],
  },
  {
    path: 'fuzz/generate/arbitraries',
    holds: 'arbitraries of protocol types, lengths and tokens',
    imports: ['reference', 'conformance/scenario', 'fuzz/case'],
    packages: ['fast-check'],
  },
  {
    path: 'fuzz/generate/mutations',
    holds: 'damage to a message, by name',
    imports: ['conformance/scenario', 'fuzz/case', 'fuzz/generate/arbitraries'],
    packages: ['fast-check'],
  },
  {
    path: 'fuzz/generate',
    holds: 'seed to recipe to case',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'fuzz/case',
      'fuzz/generate/arbitraries',
      'fuzz/generate/mutations',
    ],
    packages: ['fast-check', 'pure-rand'],
  },
  {
    path: 'fuzz/execute',
    holds: 'sends a case and reads what comes back',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/payload',
      'conformance/wire',
      'fuzz/case',
    ],
    packages: [],
  },
  {
    path: 'fuzz/oracle',
    holds: 'invariants, signatures, differences',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/payload',
      'conformance/wire',
      'conformance/judge',
      'fuzz/case',
      'fuzz/execute',
    ],
    packages: [],
  },
  {
    path: 'fuzz/target',
    holds: 'the target: liveness, calibration, monitors',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/wire',
      'conformance/observers',
      'conformance/run',
      'conformance/run/timing',
      'fuzz/case',
      'fuzz/execute',
      'fuzz/oracle',
    ],
    packages: [],
  },
  {
    path: 'fuzz/triage',
    holds: 'from a failing case to a finding: confirm, bisect, minimise, replay',
    imports: [
      'conformance/util',
      'conformance/scenario',
      'conformance/wire',
      'conformance/report',
      'fuzz/case',
      'fuzz/generate',
      'fuzz/execute',
      'fuzz/oracle',
      'fuzz/target',
    ],
    packages: [],
  },
  {
    path: 'fuzz/campaign',
    holds: 'scheduler, worker pool, batches, statistics, saved state',
    imports: [
      'conformance/util',
      'fuzz/case',
      'fuzz/generate',
      'fuzz/execute',
      'fuzz/oracle',
      'fuzz/target',
      'fuzz/triage',
    ],
    packages: ['ajv'],
  },
  {
    path: 'fuzz/in-process',
    holds: "the reference's codec, fuzzed without a socket",
    imports: [
      'reference',
      'conformance/util',
      'conformance/scenario',
      'fuzz/case',
      'fuzz/generate',
      'fuzz/oracle',
      'fuzz/triage',
      'fuzz/campaign',
    ],
    packages: [],
  },
  {
    path: 'fuzz',
    holds: 'the public interface of the fuzzer',
    imports: [
      'fuzz/case',
      'fuzz/generate/arbitraries',
      'fuzz/generate',
      'fuzz/execute',
      'fuzz/oracle',
      'fuzz/target',
      'fuzz/triage',
      'fuzz/campaign',
    ],
    packages: [],
  },
  {
    path: 'bench/measure',
    holds: 'repeated measurements, statistics, subprocesses',
    imports: [],
    packages: ['tinybench'],
  },
  {
    path: 'bench/report',
    holds: 'tables, charts, comparison with a saved run',
    imports: ['conformance/util', 'conformance/reporters/common', 'bench/measure'],
    packages: ['ajv'],
  },
  {
    path: 'bench/codec',
    holds: "speed and memory of the reference's codec",
    imports: ['reference', 'conformance/observers', 'bench/measure', 'bench/report'],
    packages: [],
  },
  {
    path: 'bench/target',
    holds: 'throughput and latency of a server',
    imports: ['conformance/util', 'reference', 'bench/measure', 'bench/report'],
    packages: [],
  },
  {
    path: 'bench/kit',
    holds: 'cost of the kit and the fuzzer themselves',
    imports: [
      'conformance/util',
      'conformance',
      'fuzz/generate',
      'fuzz/execute',
      'fuzz/oracle',
      'fuzz/campaign',
      'bench/measure',
      'bench/report',
      'bench/target',
    ],
    packages: [],
  },
  {
    path: 'bench',
    holds: 'all benches',
    imports: ['bench/report', 'bench/codec', 'bench/target', 'bench/kit'],
    packages: [],
  },
  {
    path: 'cli/core',
    holds: 'context of a command, errors, exit statuses, configuration',
    imports: [
      'reference/protocol',
      'reference/store',
      'conformance/util',
      'conformance/wire',
      'conformance/observers',
      'conformance/report',
      'conformance/reporters/saved',
      'bench/report',
      'bench/target',
    ],
    packages: ['ajv', 'leven', 'yargs'],
  },
  {
    path: 'cli/terminal',
    holds: 'colours, progress, output files',
    imports: ['conformance/util', 'conformance', 'cli/core'],
    packages: ['picocolors'],
  },
  {
    path: 'cli/options',
    holds: 'options that several commands share',
    imports: [
      'reference/protocol',
      'reference',
      'conformance/util',
      'conformance/scenario',
      'conformance/report',
      'conformance/reporters',
      'cli/core',
    ],
    packages: ['yargs'],
  },
  {
    path: 'cli/dissect',
    holds: 'bytes explained field by field',
    imports: ['reference/codec', 'reference', 'conformance/util', 'conformance', 'cli/core'],
    packages: [],
  },
  {
    path: 'cli/vectors',
    holds: 'test vectors in other formats, and checks of them',
    imports: [
      'reference',
      'conformance/util',
      'conformance/vectors/build',
      'conformance/vectors',
      'cli/core',
    ],
    packages: [],
  },
  {
    path: 'cli/target',
    holds: 'the implementation under test: address, command or embedded server',
    imports: [
      'reference',
      'conformance/util',
      'conformance/observers',
      'conformance',
      'cli/core',
      'cli/options',
    ],
    packages: [],
  },
  {
    path: 'cli/fuzz',
    holds: 'options, reports and files of a campaign',
    imports: [
      'conformance/util',
      'conformance/observers',
      'conformance',
      'conformance/vectors/build',
      'conformance/vectors',
      'fuzz',
      'cli/core',
      'cli/terminal',
      'cli/options',
      'cli/target',
    ],
    packages: [],
  },
  {
    path: 'cli/bench',
    holds: 'options of the benches',
    imports: [
      'conformance/util',
      'conformance/report',
      'bench',
      'cli/core',
      'cli/terminal',
      'cli/options',
      'cli/target',
    ],
    packages: [],
  },
  {
    path: 'cli/commands/node',
    holds: 'commands of the reference server and client',
    imports: [
      'reference',
      'conformance/util',
      'conformance/report',
      'cli/core',
      'cli/terminal',
      'cli/options',
    ],
    packages: ['pino', 'pino-pretty'],
  },
  {
    path: 'cli/commands',
    holds: 'one file a command',
    imports: [
      'reference',
      'conformance/util',
      'conformance/report',
      'conformance/reporters',
      'conformance',
      'conformance/vectors/build',
      'fuzz',
      'bench',
      'cli/core',
      'cli/terminal',
      'cli/options',
      'cli/dissect',
      'cli/vectors',
      'cli/target',
      'cli/fuzz',
      'cli/bench',
    ],
    packages: [],
  },
  {
    path: 'cli/build',
    holds: 'generators of help, docs and tables; not shipped',
    imports: ['conformance/util', 'bench', 'cli/core'],
    packages: [],
  },
  {
    path: 'cli',
    holds: 'the command line',
    imports: ['conformance/report', 'cli/core', 'cli/commands/node', 'cli/commands'],
    packages: [],
  },
];

/** The room that a file belongs to; undefined for a file at the top of the repository. */
export function roomOf(file: string): Room | undefined {
  return ROOMS.filter(({ path }) => file.startsWith(`${path}/`)).sort(
    (a, b) => b.path.length - a.path.length,
  )[0];
}

/** The table of CONTRIBUTING.md, in Markdown, a row a room. */
export function layoutTable(): string {
  const rows = ROOMS.map(({ path, holds, imports }) => [`\`${path}/\``, holds, named(path, imports)]);
  const table = [['room', 'what it holds', 'imports'], ['---', '---', '---'], ...rows];
  return table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Rooms of the same top-level folder by what follows its name. */
function named(path: string, imports: readonly string[]): string {
  const top = `${path.split('/')[0]}/`;
  const names = imports.map((room) => (room.startsWith(top) ? room.slice(top.length) : room));
  return names.length === 0 ? 'nothing' : names.join(', ');
}
