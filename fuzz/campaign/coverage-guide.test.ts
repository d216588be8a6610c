import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { launch } from '../../conformance/observers/launch.ts';
import { builtFile } from '../../conformance/testing/built-file.ts';
import { packageFile } from '../../conformance/util/package-file.ts';
import { newTaskId } from '../../conformance/util/task-id.ts';
import type { Case } from '../case/case.ts';
import { serve } from '../testing/servers.ts';
import { campaign } from './campaign.ts';
import { CoverageGuide } from './coverage-guide.ts';
import type { CampaignEvent, CampaignOptions } from './types.ts';

const LENGTH = 1024;

function caseOf(name: string): Case {
  return { arrangement: 'at-once', connections: [[{ do: 'bytes', bytes: Buffer.from(name) }]] };
}

t.test('the cases of a batch that reach new edges are found', async (t) => {
  const path = join(t.testdir(), 'edges');
  const ran = new Uint8Array(LENGTH);
  const run = async (...edges: readonly number[]): Promise<void> => {
    ran.fill(0);
    for (const edge of edges) ran[edge] = 1;
    writeFileSync(path, ran);
  };
  const cases = ['a', 'b', 'c', 'd'].map(caseOf);
  const edgesOf = new Map([
    [cases[0], [1]],
    [cases[1], [1, 2]],
    [cases[2], [1, 2]],
    [cases[3], [3]],
  ]);
  await run(1);
  const guide = new CoverageGuide(path);
  t.teardown(() => guide.close());
  const executed: Case[] = [];
  const credited = async (): Promise<Case[]> => {
    executed.length = 0;
    // The whole batch: one edge of it is reached by no case alone.
    await run(1, 2, 3, 9);
    const found = [];
    for await (const { value } of guide.credit(cases, async (value) => {
      executed.push(value);
      await run(...(edgesOf.get(value) ?? []));
    }))
      found.push(value);
    return found;
  };
  guide.begin();
  t.strictSame(await credited(), [cases[1], cases[3]]);
  t.equal(guide.edges, 4);
  t.strictSame(await credited(), [], 'nothing is new any more');
  t.equal(executed.length, 0, 'and no case is executed again');
  // How often an edge ran in a batch says nothing of a single case.
  ran.fill(0);
  ran[1] = 100;
  writeFileSync(path, ran);
  const unexpected = async (): Promise<void> => {
    throw new Error('executed');
  };
  for await (const { signature } of guide.credit(cases, unexpected)) t.fail(signature);
});

async function eventsOf(options: Omit<CampaignOptions, 'newTaskId'>): Promise<CampaignEvent[]> {
  const events: CampaignEvent[] = [];
  for await (const event of campaign({ ...options, newTaskId })) events.push(event);
  return events;
}

t.test('a target that counts nothing is refused', async (t) => {
  const coverage = join(t.testdir(), 'edges');
  writeFileSync(coverage, new Uint8Array(LENGTH));
  const { address, close } = await serve();
  t.teardown(close);
  const message = /^the target counts no edges in .*: is it built with/;
  await t.rejects(eventsOf({ target: { address }, seed: 1, runs: 10, coverage }), {
    name: 'CoverageError',
    message,
  });
});

const file = (path: string): string => fileURLToPath(packageFile(path));

function hasCompiler(): boolean {
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Makes an instrumented server in a folder. Returns the command that starts it. */
const SERVERS: Readonly<Record<string, (dir: string) => string>> = {
  C: (dir) => {
    const [program, runtime] = [join(dir, 'server'), join(dir, 'coverage.o')];
    const warnings = ['-Wall', '-Wextra', '-Werror'];
    execFileSync('gcc', [...warnings, '-c', file('fuzz/coverage/conform-coverage.c'), '-o', runtime]);
    const sources = [file('docs/adapters/servers/c/server.c'), runtime];
    execFileSync('gcc', ['-fsanitize-coverage=trace-pc', '-pthread', ...sources, '-o', program]);
    return `exec '${program}' {port} {dir}`;
  },
  'Node.js': () => {
    const [node, runtime, server] = [
      process.execPath,
      file('fuzz/coverage/node-coverage.mjs'),
      builtFile('cli.js'),
    ];
    return `exec '${node}' --import '${runtime}' '${server}' serve --port {port} --log-level silent`;
  },
};

for (const [language, make] of Object.entries(SERVERS)) {
  const skip = language === 'C' && !hasCompiler() && 'no gcc';
  t.test(
    `new code of a server in ${language} is reached, and its cases are in the corpus`,
    { skip },
    async (t) => {
      const dir = t.testdir();
      const coverage = join(dir, 'edges');
      const launched = await launch(make(dir), { env: { CONFORM_COVERAGE: coverage } });
      t.teardown(launched.stop);
      const { address, restart } = launched;
      const events = await eventsOf({ target: { address, restart }, seed: 1, runs: 100, coverage });
      const end = events.at(-1);
      if (end?.kind !== 'end') throw new Error(`ended with ${end?.kind}`);
      const { edges = 0, corpus } = end.progress;
      t.ok(edges > 50, `${edges} edges`);
      const signatures = [...corpus.entries()].map(([signature]) => signature);
      const reached = signatures.filter((signature) => signature.startsWith('edges ')).length;
      t.ok(reached > 1, `${reached} cases`);
    },
  );
}
