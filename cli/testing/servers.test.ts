/** The example servers of docs/adapters/servers: the kit judges each by a selection of every section. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { conformHere } from './process.ts';

const FOLDER = 'docs/adapters/servers';

/**
 * Scenarios that need no store, with at least one of each section and of each kind of refusal. They are few, and none has a
 * large payload, because the shell starts several processes for each connection.
 */
const WIRE = [
  ...['transport/beside-half-payload', 'transport/8-at-once', 'transport/half-close-after-a-while'],
  ...[
    'frame/coalesced',
    'frame/one-byte-at-a-time',
    'frame/split-inside-length',
    'frame/truncated-payload-*',
  ],
  ...['frame/length-over-cap', 'frame/length-all-ones', 'frame/length-shorter-*', 'frame/type-low-*'],
  ...[
    'json/unknown-object',
    'json/escaped-name',
    'json/white-space-*',
    'json/trailing-comma',
    'json/raw-nul',
  ],
  ...['json/nested-*-10001', 'json/leading-zero', 'json/nan', 'json/surrogate-high-*', 'json/top-level-*'],
  ...['submit/task-id-echoed', 'submit/id-quote-and-backslash', 'submit/description-*-cap-escaped'],
  ...['submit/malformed-trailing-*', 'submit/malformed-task-id-number', 'submit/half-close'],
  ...['status/unanswered-new', 'status/then-submit', 'results/unanswered-text', 'results/then-submit'],
];

/** Scenarios that only show in the store. */
const STORE = [
  ...['status/store-accepted-at', 'status/store-final-*', 'status/store-ignores-*'],
  ...['results/store-text', 'results/store-file-binary', 'results/store-refuses-base64-*'],
  ...['results/extension-double-refused', 'results/filename-parent', 'results/filename-nul'],
  ...['store/submitted-task-*', 'store/nothing-of-trailing', 'store/id-above'],
];

/** The reason to skip a test that needs these programs, or false. */
function lacking(...programs: readonly string[]): string | false {
  const missing = programs.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return missing.length > 0 && `not installed: ${missing.join(', ')}`;
}

interface Report {
  readonly summary: { readonly planned: number; readonly total: Readonly<Record<string, number>> };
  readonly scenarios: readonly { readonly id: string; readonly verdict: string; readonly reason?: string }[];
}

/** The kit judges the server that `command` starts, and every scenario of the patterns has to pass. */
async function passes(
  t: Test,
  command: string,
  patterns: readonly string[],
  ...options: readonly string[]
): Promise<void> {
  const only = patterns.flatMap((pattern) => ['--only', pattern]);
  const args = ['--exec', command, '--strict', '--reporter', 'json', ...options, ...only];
  const { status, out, err } = await conformHere(...args);
  t.equal(status, 0, err);
  const { summary, scenarios }: Report = JSON.parse(out);
  t.equal(summary.total['pass'], summary.planned);
  t.strictSame(
    scenarios.filter(({ verdict }) => verdict !== 'pass'),
    [],
  );
}

t.test("the server in Python's asyncio", { skip: lacking('python3') }, async (t) => {
  await passes(t, `python3 ${FOLDER}/python-asyncio.py {port} {dir}`, [...WIRE, ...STORE]);
});

t.test('the server in C', { skip: lacking('cc') }, async (t) => {
  const server = join(t.testdir(), 'server');
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-pthread'];
  const compiler = spawnSync('cc', [...flags, '-o', server, `${FOLDER}/c/server.c`], { encoding: 'utf8' });
  t.match(compiler, { status: 0, stderr: '' });
  await passes(t, `'${server}' {port} {dir}`, [...WIRE, ...STORE]);
});

t.test('the server in POSIX shell', { skip: lacking('socat', 'jq', 'awk', 'od', 'mktemp') }, async (t) => {
  const socket = 'TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,backlog=128,nodelay';
  await passes(t, `socat -t 10 ${socket} EXEC:${FOLDER}/shell/handler.sh`, WIRE, '--jobs', '2');
});
